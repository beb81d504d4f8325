"""Closes months of sales, once each and in order; gives their journals; checks them (BIL-12).

A closing moves both series on in its own commit: from then on no document can be dated in the
month, and one being issued meanwhile makes the closing start again and count it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.billing.invoices.numbering import Series
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.sales.closing import SalesClosing, SalesFault, fault_of
from chalicelib.billing.sales.csv_file import sales_csv
from chalicelib.billing.sales.journal import (
    SERIES,
    SalesRow,
    SalesSummary,
    missing_number,
    summary_of,
)
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.legal.recording import Recording

_LOOK_BACK_MONTHS = 36  # for the first document ever, at the very first closing
_SHOWN_MONTHS = 24


@dataclass(frozen=True)
class SalesMonth:
    """A month as the operator sees it; ``closing`` is None while it is open."""

    summary: SalesSummary
    closing: SalesClosing | None


@dataclass(kw_only=True)
class SalesJournal:
    """What the job, the operator's page and the command line call."""

    storage: SalesStorage
    series: BillingStorage
    documents: Documents
    recording: Recording

    # closed
    def close_due(self) -> list[BillingMonth]:
        """Close every month that is over, in order; tell which (BIL-12).

        Missed, doubled or killed anywhere, the same closings are made.  Raises DomainError when a
        number lacks: such a month stays open, and an alarm tells of the failed job.
        """
        closed = []
        while (month := self._next()) is not None:
            self.recording.again(lambda month=month: self._close_once(month))  # type: ignore[misc]
            closed.append(month)
        return closed

    def _next(self) -> BillingMonth | None:
        """Give the first month over and still open."""
        current = BillingMonth.of(self.recording.today())
        last = self.storage.last_closing()
        month = last.month.next if last else self._first(current)
        return month if month is not None and month < current else None

    def _first(self, current: BillingMonth) -> BillingMonth | None:
        first, month = None, current
        for _ in range(_LOOK_BACK_MONTHS):
            if any(self.storage.first(month, series) for series in SERIES):
                first = month
            month = month.previous
        return first

    def _close_once(self, month: BillingMonth) -> None:
        if self.storage.closing(month) is not None:
            return  # another worker closed it meanwhile
        # The series before the rows: what is issued meanwhile makes the commit fail.
        series = {name: self.series.series(name) for name in SERIES}
        before = self.storage.last_closing()
        rows = list(self.storage.rows(month))
        last = self._last_numbers(month, rows, before, series)
        csv = sales_csv(month, rows, closed=True)
        closing = SalesClosing(
            month=month,
            summary=summary_of(month, rows),
            last=last,
            csv_sha256=_sha256(csv),
            closed_at=self.recording.now(),
        ).follows(before)
        # Under a key named by its content: what a killed attempt left is the same, or never used.
        self.documents.store(closing.document_key, csv, "text/csv; charset=utf-8")
        self.recording.commit(
            self.storage.save_closing(closing),
            *(
                self.series.save_series(one.after(0, one.date_of_issue(month.next.first_day)), name)
                for name, one in series.items()
            ),
        )

    def _last_numbers(
        self,
        month: BillingMonth,
        rows: list[SalesRow],
        before: SalesClosing | None,
        series: dict[str, Series],
    ) -> dict[str, int]:
        """Check that no number lacks up to the end of a month; give the last of each series."""
        last = {}
        for name in SERIES:
            start = before.last[name] if before else 0
            missing = missing_number(rows, name, start)
            end = start + sum(row.series == name for row in rows)
            if missing is None and self._following(month, name, series[name].last + 1) != end + 1:
                missing = end + 1
            if missing is not None:
                raise DomainError(
                    "Le mois %(month)s ne peut pas être clos : le numéro %(number)s manque au "
                    "journal des ventes.",
                    month=str(month),
                    number=f"{name}-{missing:06d}",
                )
            last[name] = end
        return last

    def _following(self, month: BillingMonth, name: str, none: int) -> int:
        """Give the first number of a series after a month, ``none`` when there is none yet."""
        while month < BillingMonth.of(self.recording.today()):
            month = month.next
            row = self.storage.first(month, name)
            if row is not None:
                return row.count
        return none

    # read
    def months(self) -> list[SalesMonth]:
        """Give the months with sales or closed, the latest first."""
        month = BillingMonth.of(self.recording.today())
        last = self.storage.last_closing()
        shown = []
        for _ in range(_SHOWN_MONTHS):
            if last and month <= last.month:
                break
            summary = summary_of(month, list(self.storage.rows(month)))
            if summary.document_count:
                shown.append(SalesMonth(summary, None))
            month = month.previous
        closings = self.storage.closings(newest_first=True, limit=_SHOWN_MONTHS)
        return [*shown, *(SalesMonth(closing.summary, closing) for closing in closings)]

    def export(self, month: BillingMonth) -> tuple[bytes, bool]:
        """Give the journal of a month as CSV, and whether the month is closed (BIL-12).

        A closed one comes from the document store as it was stored.  Raises DomainError when that
        one was changed, NotFoundError for a month to come.
        """
        closing = self.storage.closing(month)
        if closing is None:
            if month > BillingMonth.of(self.recording.today()):
                raise NotFoundError
            return sales_csv(month, list(self.storage.rows(month)), closed=False), False
        kept = self._kept(closing)
        if _sha256(kept) != closing.csv_sha256:
            raise DomainError(
                "Le journal de %(month)s n’est plus celui qui a été clos. Prévenez le support "
                "technique : rien n’a été téléchargé.",
                month=str(month),
            )
        return kept, True

    def verify(self) -> Iterator[SalesFault]:
        """Find every closing that its journal, its records or its predecessor belie (BIL-12)."""
        before: SalesClosing | None = None
        for stored in self.storage.closings():
            kept = self._kept(stored)
            again = sales_csv(stored.month, list(self.storage.rows(stored.month)), closed=True)
            reason = fault_of(stored, before, kept, again, _sha256(kept))
            if reason:
                yield SalesFault(stored.month, reason)
            before = stored

    def closed_count(self) -> int:
        """Tell how many months are closed."""
        return len(self.storage.closings())

    def _kept(self, closing: SalesClosing) -> bytes:
        try:
            return self.documents.read(closing.document_key)
        except KeyError:
            return b""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
