"""Usage days in the ``metering`` table.

Keys: ``ACC#account / DAY#2026-11-05`` (one record per account and day), ``JOB / METERED`` (the
last Paris day that is metered for every account).
"""

from collections.abc import Iterator
from datetime import date

from chalicelib.foundation.records import JSONAttribute, Record, UnicodeAttribute, instant, iso
from chalicelib.foundation.tables import Delete, Put, Tables
from chalicelib.metering.usage import Progress, UsageDay, UsageItem

_TABLE = "metering"


class UsageDayRecord(Record):
    """What an account used on a day; ``items`` are rows in the order of ``UsageItem``."""

    class Meta:
        table_name = _TABLE

    recorded_at = UnicodeAttribute()
    items = JSONAttribute()


class ProgressRecord(Record):
    """How far the daily job has come."""

    class Meta:
        table_name = _TABLE

    day = UnicodeAttribute()


class UsageStorage:
    """Reads usage days and gives the writes that save them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def days(self, account_id: str, first: date, last: date) -> Iterator[UsageDay]:
        """Read an account's recorded days, both ends included, in order."""
        between = (f"DAY#{first.isoformat()}", f"DAY#{last.isoformat()}")
        for record in self._tables.query(UsageDayRecord, f"ACC#{account_id}", between=between):
            yield _usage_day(record)

    def progress(self) -> Progress:
        """Read how far the daily job has come."""
        record = self._tables.get(ProgressRecord, "JOB", "METERED")
        if record is None:
            return Progress(None, 0)
        return Progress(date.fromisoformat(record.day), int(record.version))

    def save_day(self, usage: UsageDay) -> Put:
        """Give the write of a usage day, refused when somebody wrote it since."""
        return Put(_record(usage))

    def remove_day(self, usage: UsageDay) -> Delete:
        """Give the removal of a usage day that nothing is left of."""
        return Delete(_record(usage))

    def save_progress(self, day: date, version: int) -> Put:
        """Give the write of the day reached."""
        return Put(ProgressRecord(pk="JOB", sk="METERED", version=version, day=day.isoformat()))


def _record(usage: UsageDay) -> UsageDayRecord:
    return UsageDayRecord(
        pk=f"ACC#{usage.account_id}",
        sk=f"DAY#{usage.day.isoformat()}",
        version=usage.version,
        recorded_at=iso(usage.recorded_at) if usage.recorded_at else "",
        items=[
            [
                item.desktop_id,
                item.desktop_name,
                item.kind,
                item.code,
                item.quantity,
                item.monthly_excl_vat_cents,
            ]
            for item in usage.items
        ],
    )


def _usage_day(record: UsageDayRecord) -> UsageDay:
    return UsageDay(
        account_id=record.pk.removeprefix("ACC#"),
        day=date.fromisoformat(record.sk.removeprefix("DAY#")),
        items=tuple(UsageItem(*row) for row in record.items),
        recorded_at=instant(record.recorded_at),
        version=int(record.version),
    )
