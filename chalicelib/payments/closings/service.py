"""Closes days, months and years of receipts, in order, once each, and checks them (EVD-2).

A day is closed over exactly the entries recorded on it, however late the job comes: an entry names
the Paris day it was recorded on, and a day is left alone until an hour after its end, longer than
any commit can take.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.signing import Signer
from chalicelib.legal.policies import JOURNAL
from chalicelib.legal.recording import Recording
from chalicelib.payments.closings.closing import (
    Closing,
    ClosingFault,
    Period,
    close_day,
    close_over,
    fault_of,
    signature_fault,
    signed,
)
from chalicelib.payments.closings.closing_export import closings_csv, signed_archive
from chalicelib.payments.closings.storage import ClosingStorage
from chalicelib.payments.money.ledger import Settlement
from chalicelib.payments.money.ledger_storage import LedgerStorage

_SETTLED_AFTER = timedelta(hours=1)
_LOOK_BACK_DAYS = 400  # for the first receipt ever, at the very first closing


@dataclass(kw_only=True)
class ClosingService:
    """Makes closings and verifies them."""

    ledger: LedgerStorage
    closings: ClosingStorage
    signer: Signer
    recording: Recording

    def close_due(self) -> int:
        """Close every day over and not closed, then months and years; tell how many (EVD-2).

        Missed, doubled or interrupted, the same closings are made.
        """
        made = 0
        last_day = paris_day(self.recording.now() - _SETTLED_AFTER) - timedelta(days=1)
        while day := self._next_day(last_day):
            last = self.closings.last(Period.DAY)
            closing = close_day(day, self.ledger.receipts(day), last, self.recording.now())
            made += self._save(closing)
        return made + self._close_over(Period.MONTH) + self._close_over(Period.YEAR)

    def _next_day(self, last_day: date) -> date | None:
        last = self.closings.last(Period.DAY)
        day = date.fromisoformat(last.name) + timedelta(days=1) if last else self._first(last_day)
        return day if day <= last_day else None

    def _first(self, last_day: date) -> date:
        """Give the day of the first receipt ever, else the last day over."""
        for count in range(_LOOK_BACK_DAYS, -1, -1):
            day = last_day - timedelta(days=count)
            if next(iter(self.ledger.receipts(day, limit=1)), None):
                return day
        return last_day

    def _close_over(self, period: Period) -> int:
        """Close each month whose last day is closed, each year whose last month is."""
        made = 0
        for name in self._waiting(period):
            parts = self.closings.closings(_PART[period], starts_with=name)
            last = self.closings.last(period)
            made += self._save(close_over(period, name, parts, last, self.recording.now()))
        return made

    def _waiting(self, period: Period) -> list[str]:
        """Name the periods that are over and not closed, in order."""
        last = self.closings.last(period)
        parts = self.closings.closings(_PART[period])
        names = sorted({_whole(period, part.name) for part in parts})
        over = {_whole(period, part.name) for part in parts if _ends(period, part.name)}
        return [name for name in names if name in over and (last is None or name > last.name)]

    def _save(self, closing: Closing) -> int:
        """Keep a closing; the company's journal, which nobody writes anew, tells its digest."""
        made = signed(closing, self.signer)
        facts = {"period": made.period.value, "name": made.name, "digest": made.digest}

        def attempt() -> int:
            last = self.closings.last(made.period)
            if last and last.name >= made.name:
                return 0  # another worker closed it, over the same entries
            is_day = made.period is Period.DAY
            day = (self.ledger.close_receipts(date.fromisoformat(made.name)),) if is_day else ()
            self.recording.commit(
                self.closings.save(made),
                *day,
                self.recording.entry(JOURNAL, _CLOSED, facts, by="system"),
            )
            return 1

        return self.recording.again(attempt)

    # checking and reading
    def verify(self, *, every_signature: bool = True) -> Iterator[ClosingFault]:
        """Find every closing that its receipts, parts, predecessor or signature belie (EVD-2).

        Each is chained to the one before, so that the last signature covers all: a page checks that
        one alone.  Beside every signature the journal is read: closings removed so that our own job
        makes and signs others are not those it tells of.
        """
        for period in Period:
            last: Closing | None = None
            expected_name = ""
            for stored in self.closings.closings(period):
                if last and stored.name != expected_name:
                    yield ClosingFault(period, expected_name, "the closing is missing")
                fault = fault_of(stored, self._again(stored, last))
                if fault:
                    yield fault
                elif every_signature and (forged := signature_fault(stored, self.signer)):
                    yield forged
                last, expected_name = stored, _following(period, stored.name)
            if last and not every_signature and (forged := signature_fault(last, self.signer)):
                yield forged
        if every_signature:
            yield from self._made_anew()

    def _made_anew(self) -> Iterator[ClosingFault]:
        kept = {
            (period, each.name): each.digest
            for period in Period
            for each in self.closings.closings(period)
        }
        for entry in self.recording.journal.entries(JOURNAL):
            if entry.kind == _CLOSED:
                period, name = Period(entry.facts["period"]), entry.facts["name"]
                if kept.get((period, name)) != entry.facts["digest"]:
                    yield ClosingFault(period, name, "the closing is not the one that was made")

    def _again(self, stored: Closing, last: Closing | None) -> Closing:
        if stored.period is Period.DAY:
            day = date.fromisoformat(stored.name)
            return close_day(day, self.ledger.receipts(day), last, stored.closed_at)
        parts = self.closings.closings(_PART[stored.period], starts_with=stored.name)
        return close_over(stored.period, stored.name, parts, last, stored.closed_at)

    def newest(self, period: Period, limit: int = 40) -> list[Closing]:
        """Give the last closings of a kind, the newest first."""
        return self.closings.newest(period, limit)

    def count(self, period: Period) -> int:
        """Tell how many closings of a kind there are."""
        return len(self.closings.closings(period))

    def export(self, year: str) -> str:
        """Write a year's closings and receipts as CSV, each closing with its digest (EVD-2)."""
        every = [
            closing
            for period in Period
            for closing in self.closings.closings(period, starts_with=year)
        ]
        return closings_csv(every, self._receipts(every))

    def archive(self, year: str) -> bytes:
        """Give the export of a year, signed, with what it takes to check it (EVD-2).

        Raises DomainError when a closing does not hold: our signature would say that it does.
        """
        for fault in self.verify(every_signature=False):
            raise DomainError(
                "La clôture %(name)s ne correspond plus à ses encaissements\u00a0: rien n’est "
                "signé. Voyez le manuel d’exploitation.",
                name=fault.name,
            )
        return signed_archive(year, self.export(year), self.signer)

    def _receipts(self, closings: Iterable[Closing]) -> Iterator[tuple[str, Settlement]]:
        for closing in closings:
            if closing.period is Period.DAY:
                for entry in self.ledger.receipts(date.fromisoformat(closing.name)):
                    yield closing.name, entry


_CLOSED = "receipts.closed"
_PART = {Period.MONTH: Period.DAY, Period.YEAR: Period.MONTH}


def _whole(period: Period, part: str) -> str:
    return part[:7] if period is Period.MONTH else part[:4]


def _ends(period: Period, part: str) -> bool:
    """Tell whether a day is its month's last one, a month its year's."""
    if period is Period.YEAR:
        return part.endswith("-12")
    return date.fromisoformat(part) == BillingMonth.parse(part[:7]).last_day


def _following(period: Period, name: str) -> str:
    if period is Period.DAY:
        return str(date.fromisoformat(name) + timedelta(days=1))
    if period is Period.MONTH:
        return str(BillingMonth.parse(name).next)
    return str(int(name) + 1)
