"""Usage as the desktops' histories and the operators' corrections say, and what to write of it.

The daily job, usage at any moment, the forecast, corrections and the recomputation all come
through here (MET-1, MET-2, MET-3, MET-4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.metering.correction import UsageCorrection, by_day
from chalicelib.metering.ports import Catalogues, UsageStore
from chalicelib.metering.usage import UsageDay, usage_on

_DAYS_PER_COMMIT = 10  # of 300 kB at most: a transaction holds four megabytes


@dataclass(frozen=True)
class DayChange:
    """A day whose record is not what it should be."""

    day: date
    before: UsageDay | None
    after: UsageDay | None


class UsageComputation:
    """Computes usage days and compares them with those recorded."""

    def __init__(self, *, storage: UsageStore, catalogues: Catalogues) -> None:
        self._storage = storage
        self._catalogues = catalogues

    def computed(
        self,
        account_id: str,
        desktops: Iterable[Desktop],
        days: Sequence[date],
        corrections: Sequence[UsageCorrection] = (),
    ) -> list[UsageDay]:
        """Compute some days, in order; ``corrections`` take the place of those kept."""
        if not days:
            return []
        prices = self._catalogues.current()
        kept = self._storage.corrections(account_id, min(days), max(days))
        known = {(each.day, each.item): each for each in (*kept, *corrections)}
        corrected = by_day(known.values())
        usages = (
            usage_on(account_id, desktops, day, prices, corrected.get(day, ())) for day in days
        )
        return [usage for usage in usages if usage is not None]

    def changes(
        self,
        account_id: str,
        desktops: Iterable[Desktop],
        days: Sequence[date],
        corrections: Sequence[UsageCorrection] = (),
    ) -> list[DayChange]:
        """Give the days, among some, whose record is not what it should be."""
        if not days:
            return []
        recorded = {each.day: each for each in self._storage.days(account_id, days[0], days[-1])}
        computed = {
            each.day: each for each in self.computed(account_id, desktops, days, corrections)
        }
        pairs = (DayChange(day, recorded.get(day), computed.get(day)) for day in days)
        return [pair for pair in pairs if facts_of(pair.before) != facts_of(pair.after)]

    def writes(self, change: DayChange, now: datetime) -> list[Write]:
        """Give the writes that mend a day; those of ``pages`` come before."""
        if change.after is not None:
            return self._storage.save_day(_kept(change, change.after, now))
        return self._storage.remove_day(change.before) if change.before else []

    def commit_pages(self, changes: Iterable[DayChange], work: UnitOfWork, now: datetime) -> None:
        """Write the items of large days, which nobody reads until their day names them."""
        for change in changes:
            if change.after is None:
                continue
            pages = self._storage.pages(_kept(change, change.after, now))
            for start in range(0, len(pages), _DAYS_PER_COMMIT):
                work.commit(*pages[start : start + _DAYS_PER_COMMIT])

    def record(
        self, changes: Sequence[DayChange], work: UnitOfWork, now: datetime, *also: Write
    ) -> None:
        """Write days, some at once: who dies in between is taken up where it was left (MET-2).

        ``also`` is written with the last of them.
        """
        self.commit_pages(changes, work, now)
        for start in range(0, len(changes), _DAYS_PER_COMMIT):
            some = changes[start : start + _DAYS_PER_COMMIT]
            writes = [write for change in some for write in self.writes(change, now)]
            is_last = start + _DAYS_PER_COMMIT >= len(changes)
            work.commit(*writes, *(also if is_last else ()))


def facts_of(usage: UsageDay | None) -> list[tuple[str, str, str, int, int]]:
    """Give the facts of a day, none when there is no day."""
    return usage.keys if usage else []


def _kept(change: DayChange, usage: UsageDay, now: datetime) -> UsageDay:
    """Give a day as it takes the place of the one recorded."""
    before = change.before
    version, pages = (before.version, before.pages) if before else (0, 0)
    return replace(usage, recorded_at=now, version=version, pages=pages)
