"""Usage as the desktops' histories and the operators' corrections say, and what to write of it.

The daily job, usage at any moment, the forecast, corrections and the recomputation all come
through here (MET-1, MET-2, MET-3, MET-4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording
from chalicelib.metering.correction import UsageCorrection, by_day
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import UsageDay, usage_on

_DAYS_PER_COMMIT = 10  # of 300 kB at most: a transaction holds four megabytes


@dataclass(frozen=True)
class DayChange:
    """A day whose record is not what it should be."""

    day: date
    before: UsageDay | None
    after: UsageDay | None


@dataclass(kw_only=True)
class UsageComputation:
    """Computes usage days and compares them with those recorded."""

    storage: UsageStorage
    catalogues: CatalogueService

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
        prices = self.catalogues.current()
        kept = self.storage.corrections(account_id, min(days), max(days))
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
        recorded = {each.day: each for each in self.storage.days(account_id, days[0], days[-1])}
        computed = {
            each.day: each for each in self.computed(account_id, desktops, days, corrections)
        }
        pairs = (DayChange(day, recorded.get(day), computed.get(day)) for day in days)
        return [pair for pair in pairs if facts_of(pair.before) != facts_of(pair.after)]

    def writes(self, change: DayChange, now: datetime) -> list[Write]:
        """Give the writes that mend a day; those of ``pages`` come before."""
        if change.after is not None:
            return self.storage.save_day(_kept(change, change.after, now))
        return self.storage.remove_day(change.before) if change.before else []

    def commit_pages(self, changes: Iterable[DayChange], recording: Recording) -> None:
        """Write the items of large days, which nobody reads until their day names them."""
        for change in changes:
            if change.after is None:
                continue
            pages = self.storage.pages(_kept(change, change.after, recording.now()))
            for start in range(0, len(pages), _DAYS_PER_COMMIT):
                recording.commit(*pages[start : start + _DAYS_PER_COMMIT])

    def record(self, changes: Sequence[DayChange], recording: Recording, *also: Write) -> None:
        """Write days, some at once: who dies in between is taken up where it was left (MET-2).

        ``also`` is written with the last of them.
        """
        self.commit_pages(changes, recording)
        for start in range(0, len(changes), _DAYS_PER_COMMIT):
            some = changes[start : start + _DAYS_PER_COMMIT]
            writes = [write for change in some for write in self.writes(change, recording.now())]
            is_last = start + _DAYS_PER_COMMIT >= len(changes)
            recording.commit(*writes, *(also if is_last else ()))


def facts_of(usage: UsageDay | None) -> list[tuple[str, str, str, int, int]]:
    """Give the facts of a day, none when there is no day."""
    return usage.keys if usage else []


def _kept(change: DayChange, usage: UsageDay, now: datetime) -> UsageDay:
    """Give a day as it takes the place of the one recorded."""
    before = change.before
    version, pages = (before.version, before.pages) if before else (0, 0)
    return replace(usage, recorded_at=now, version=version, pages=pages)
