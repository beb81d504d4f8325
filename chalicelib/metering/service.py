"""Daily metering, and usage at any moment (CGV art. 8.1, 9; MET-1, MET-2, MET-3; P2, P3, P4).

What is recorded follows from the desktops' histories alone, so that the job may be missed, run
twice, run by two at once or die anywhere: the next run finds what is missing.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_days, delivered_by
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.errors import ConflictError, DomainError, GatewayError
from chalicelib.legal.recording import Recording
from chalicelib.metering.computation import UsageComputation
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import UsageDay

log = logging.getLogger(__name__)

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class MeteringRun:
    """What a run did.  ``failed`` names the accounts that the next run takes up again."""

    metered_on: date
    account_count: int
    recorded_days: int
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class UsageDifference:
    """A day whose record is not what the desktops' histories say (MET-2)."""

    day: date
    recorded: UsageDay | None
    recomputed: UsageDay | None


@dataclass(kw_only=True)
class MeteringService:
    """Records usage days and tells usage, past, present and to come."""

    storage: UsageStorage
    desktops: DesktopService
    catalogues: CatalogueService
    recording: Recording

    @cached_property
    def _computation(self) -> UsageComputation:
        return UsageComputation(storage=self.storage, catalogues=self.catalogues)

    # recording
    def meter_due(self) -> MeteringRun:
        """Record every day ended and not recorded yet, for every account (MET-1, MET-2).

        An account that cannot be metered stops no other; the job's mark then stays where it was.
        """
        last = self.recording.today() - _ONE_DAY
        metered_on = self.storage.progress().metered_on
        failed, count, recorded = [], 0, 0
        for account_id, _ in groupby(self.desktops.all_desktops(), lambda each: each.account_id):
            count += 1
            try:
                recorded += self._meter(account_id, metered_on, last)
            except (DomainError, ConflictError, GatewayError):
                log.exception("account %s is not metered", account_id)
                failed.append(account_id)
        if not failed:
            self.recording.again(lambda: self._reach(last))
        return MeteringRun(last, count, recorded, tuple(failed))

    def forget_failed(self, account_id: str, desktop_id: str) -> None:
        """Take back what was recorded for a desktop that could not be made (P2)."""

        def attempt() -> None:
            desktops = self.desktops.of_account(account_id)
            failed = next((each for each in desktops if each.id == desktop_id), None)
            if failed is None or failed.failed_at is None:
                return
            first = paris_day(failed.created_at)
            recorded = self.storage.days(account_id, first, self.recording.today())
            days = [
                usage.day
                for usage in recorded
                if any(item.desktop_id == desktop_id for item in usage.items)
            ]
            changes = self._computation.changes(account_id, desktops, days)
            if changes:
                facts = {"desktop_id": desktop_id, "days": [day.isoformat() for day in days]}
                entry = self.recording.entry(account_id, "usage.forgotten", facts, by="system")
                self._computation.record(changes, self.recording, entry)

        self.recording.again(attempt)

    # telling
    def usage(self, account_id: str, month: BillingMonth) -> list[UsageDay]:
        """Give the recorded days of a month, in order."""
        return list(self.storage.days(account_id, month.first_day, month.last_day))

    def today_so_far(self, account_id: str) -> list[UsageDay]:
        """Compute the days begun that are not recorded, or not in full, today included (MET-3)."""
        return self._outstanding(account_id, self.recording.today())

    def usage_so_far(self, account_id: str, month: BillingMonth) -> list[UsageDay]:
        """Give the days of a month begun until now: recorded, or else computed (MET-3)."""
        return self._until(account_id, month, min(month.last_day, self.recording.today()))

    def forecast(self, account_id: str, month: BillingMonth) -> list[UsageDay]:
        """Give the whole month as it will be if nothing changes, announced prices included.

        A desktop still being made is taken to come into service now.
        """
        now = self.recording.now()
        desktops = [delivered_by(each, now) for each in self.desktops.of_account(account_id)]
        return self._until(account_id, month, month.last_day, desktops)

    def metered_until(self) -> date | None:
        """Give the last Paris day metered for every account, None before the first run."""
        return self.storage.progress().metered_on

    def recompute(self, account_id: str, month: BillingMonth) -> list[UsageDifference]:
        """Compare the recorded days of a month with the desktops' histories (MET-2).

        Only days already metered are compared.
        """
        metered_on = self.storage.progress().metered_on
        if metered_on is None or metered_on < month.first_day:
            return []
        days = _span(month.first_day, min(month.last_day, metered_on))
        desktops = self.desktops.of_account(account_id)
        changes = self._computation.changes(account_id, desktops, days)
        return [UsageDifference(each.day, each.before, each.after) for each in changes]

    # inside
    def _meter(self, account_id: str, metered_on: date | None, last: date) -> int:
        def attempt() -> int:
            desktops = self.desktops.of_account(account_id)
            days = due_days(desktops, metered_on, last)
            changes = self._computation.changes(account_id, desktops, days)
            self._computation.record(changes, self.recording)
            return len(changes)

        # Until nothing is left to write: a desktop may have failed while we wrote its day, and the
        # message that forgets it have come and gone before (P2).
        recorded = 0
        while written := self.recording.again(attempt):
            recorded += written
        return recorded

    def _until(
        self,
        account_id: str,
        month: BillingMonth,
        last: date,
        desktops: list[Desktop] | None = None,
    ) -> list[UsageDay]:
        # In this order: should metering pass in between, no day is missed.
        computed = self._outstanding(account_id, last, desktops)
        known = {usage.day: usage for usage in self.usage(account_id, month)}
        known |= {usage.day: usage for usage in computed if usage.day in month}
        return [known[day] for day in sorted(known) if day <= last]

    def _outstanding(
        self, account_id: str, last: date, foretold: list[Desktop] | None = None
    ) -> list[UsageDay]:
        """Compute the days up to ``last`` whose record does not say yet what the histories say."""
        metered_on = self.storage.progress().metered_on
        desktops = foretold or self.desktops.of_account(account_id)
        days = due_days(desktops, metered_on, last)
        if not days:
            return []
        changes = self._computation.changes(account_id, desktops, days)
        return [change.after for change in changes if change.after is not None]

    def _reach(self, day: date) -> None:
        progress = self.storage.progress()
        if progress.metered_on is None or progress.metered_on < day:
            self.recording.commit(self.storage.save_progress(day, progress.version))


def due_days(desktops: Iterable[Desktop], metered_on: date | None, last: date) -> list[date]:
    """Give the Paris days to record, up to ``last``, oldest first (MET-1, MET-2).

    Those after ``metered_on``; for a desktop recorded since (the company validated the order days
    after it was placed) also those before, from the order on (P2).
    """
    due: set[date] = set()
    for desktop in desktops:
        first, end = charged_days(desktop)
        if metered_on is not None and paris_day(desktop.recorded_at) < metered_on:
            first = max(first, metered_on + _ONE_DAY)
        due.update(_span(first, min(last, end) if end else last))
    return sorted(due)


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
