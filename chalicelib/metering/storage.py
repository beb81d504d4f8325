"""Usage days in the ``metering`` table.

======================  ===========================  ==============================================
pk                      sk                           what
======================  ===========================  ==============================================
``ACC#<account>``       DAY#2026-11-05               all that an account used on a day, in one write
``ACC#<account>``       MORE#2026-11-05#<version>#n  its items, when they pass the size of a record
``ACC#<account>``       FIX#2026-11-05#<item>        what an operator corrected of a day
``JOB``                 METERED                      the last Paris day metered for every account
======================  ===========================  ==============================================

The items of a large day are written before the day that names them, under the version it will
have: who reads the day reads its own items or the earlier ones, never a mixture.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import (
    JSONAttribute,
    NumberAttribute,
    OldRecord,
    UnicodeAttribute,
    old_delete,
    old_put,
)
from chalicelib.foundation.tables import Put, Tables, Write
from chalicelib.metering.correction import UsageCorrection
from chalicelib.metering.usage import Progress, UsageDay, UsageItem

_TABLE = "metering"
_PAGE_BYTES = 300_000  # of the 400 KB that an item of DynamoDB may have
_READINGS = 3


class UsageDayRecord(OldRecord):
    """What an account used on a day; ``items`` are rows in the order of ``UsageItem``."""

    class Meta:
        table_name = _TABLE

    recorded_at = UnicodeAttribute()
    items = JSONAttribute()
    pages = NumberAttribute(default=0)


class UsagePageRecord(OldRecord):
    """Some of the rows of a large day."""

    class Meta:
        table_name = _TABLE

    items = JSONAttribute()


class CorrectionRecord(OldRecord):
    """What an operator corrected of a day."""

    class Meta:
        table_name = _TABLE

    content = JSONAttribute()


class ProgressRecord(OldRecord):
    """How far the daily job has come."""

    class Meta:
        table_name = _TABLE

    day = UnicodeAttribute()


class UsageStorage:
    """Reads usage days and gives the writes that save them."""

    def __init__(self, tables: Tables, page_bytes: int = _PAGE_BYTES) -> None:
        self._tables = tables
        self._page_bytes = page_bytes

    def days(self, account_id: str, first: date, last: date) -> Iterator[UsageDay]:
        """Read an account's recorded days, both ends included, in order."""
        between = (f"DAY#{first.isoformat()}", f"DAY#{last.isoformat()}")
        for record in self._tables.query_records(
            UsageDayRecord, f"ACC#{account_id}", between=between
        ):
            usage = self._read(record)
            if usage is not None:
                yield usage

    def progress(self) -> Progress:
        """Read how far the daily job has come."""
        record = self._tables.get_record(ProgressRecord, "JOB", "METERED")
        if record is None:
            return Progress(None, 0)
        return Progress(date.fromisoformat(record.day), int(record.version))

    def pages(self, usage: UsageDay) -> list[Write]:
        """Give the writes of a large day's items, to commit before the day; none for others."""
        pages = _split(_rows(usage), self._page_bytes)
        return [old_put(record, always=True) for record in _page_records(usage, pages)]

    def save_day(self, usage: UsageDay) -> list[Write]:
        """Give the write of a usage day, refused when somebody wrote it since.

        ``usage`` has the version and pages of the day it takes the place of, whose own pages go.
        """
        rows = _rows(usage)
        pages = len(_split(rows, self._page_bytes))
        record = UsageDayRecord(
            pk=f"ACC#{usage.account_id}",
            sk=f"DAY#{usage.day.isoformat()}",
            version=usage.version,
            recorded_at=iso(usage.recorded_at) if usage.recorded_at else "",
            items=[] if pages else rows,
            pages=pages,
        )
        return [old_put(record), *self._old_pages(usage)]

    def remove_day(self, usage: UsageDay) -> list[Write]:
        """Give the removal of a usage day that nothing is left of."""
        record = UsageDayRecord(pk=f"ACC#{usage.account_id}", sk=f"DAY#{usage.day.isoformat()}")
        return [old_delete(record), *self._old_pages(usage)]

    def save_progress(self, day: date, version: int) -> Put:
        """Give the write of the day reached."""
        return old_put(ProgressRecord(pk="JOB", sk="METERED", version=version, day=day.isoformat()))

    def corrections(self, account_id: str, first: date, last: date) -> Iterator[UsageCorrection]:
        """Read what operators corrected of an account's days, both ends included."""
        between = (f"FIX#{first.isoformat()}", f"FIX#{last.isoformat()}$")  # "$" follows "#"
        for record in self._tables.query_records(
            CorrectionRecord, f"ACC#{account_id}", between=between
        ):
            content = record.content
            yield UsageCorrection(
                **{
                    **content,
                    "day": date.fromisoformat(content["day"]),
                    "at": instant(content["at"]),
                    "version": int(record.version),
                }
            )

    def save_correction(self, correction: UsageCorrection) -> Put:
        """Give the write of a correction; refused when somebody corrected the same since."""
        content = {
            name: getattr(correction, name)
            for name in ("account_id", "desktop_id", "desktop_name", "kind", "code", "quantity")
        }
        day = correction.day.isoformat()
        content |= {"day": day, "at": iso(correction.at)}
        content |= {"reason": correction.reason, "by": correction.by}
        record = CorrectionRecord(
            pk=f"ACC#{correction.account_id}",
            sk=f"FIX#{day}#{correction.desktop_id}#{correction.kind}#{correction.code}",
            version=correction.version,
            content=content,
        )
        return old_put(record)

    def _read(self, record: UsageDayRecord) -> UsageDay | None:
        """Read a day with its pages; None when it was removed meanwhile."""
        current: UsageDayRecord | None = record
        for _ in range(_READINGS):
            if current is None:
                return None
            rows = self._items(current)
            if rows is not None:
                return _usage_day(current, rows)
            current = self._tables.get_record(UsageDayRecord, record.pk, record.sk)
        raise ConflictError(f"{record.sk} is being written")

    def _items(self, record: UsageDayRecord) -> list[list[Any]] | None:
        """Give the rows of a day; None when its pages were replaced while we read them."""
        if not record.pages:
            rows: list[list[Any]] = record.items
            return rows
        day = record.sk.removeprefix("DAY#")
        rows = []
        for number in range(int(record.pages)):
            key = _page_key(day, int(record.version), number)
            page = self._tables.get_record(UsagePageRecord, record.pk, key)
            if page is None:
                return None
            rows += page.items
        return rows

    def _old_pages(self, usage: UsageDay) -> list[Write]:
        day = usage.day.isoformat()
        keys = (_page_key(day, usage.version, number) for number in range(usage.pages))
        return [old_delete(UsagePageRecord(pk=f"ACC#{usage.account_id}", sk=key)) for key in keys]


def _page_records(usage: UsageDay, pages: list[list[list[Any]]]) -> Iterator[UsagePageRecord]:
    for number, rows in enumerate(pages):
        key = _page_key(usage.day.isoformat(), usage.version + 1, number)
        yield UsagePageRecord(pk=f"ACC#{usage.account_id}", sk=key, items=rows)


def _page_key(day: str, version: int, number: int) -> str:
    return f"MORE#{day}#{version}#{number:04d}"


def _rows(usage: UsageDay) -> list[list[Any]]:
    return [
        [
            item.desktop_id,
            item.desktop_name,
            item.kind,
            item.code,
            item.quantity,
            item.monthly_excl_vat_cents,
        ]
        for item in usage.items
    ]


def _split(rows: list[list[Any]], page_bytes: int) -> list[list[list[Any]]]:
    """Split rows into pages; none when they fit the day's own record."""
    pages: list[list[list[Any]]] = [[]]
    size = 0
    for row in rows:
        added = len(json.dumps(row)) + 2
        if pages[-1] and size + added > page_bytes:
            pages.append([])
            size = 0
        pages[-1].append(row)
        size += added
    return pages if len(pages) > 1 else []


def _usage_day(record: UsageDayRecord, rows: list[list[Any]]) -> UsageDay:
    usage = UsageDay(
        account_id=record.pk.removeprefix("ACC#"),
        day=date.fromisoformat(record.sk.removeprefix("DAY#")),
        items=tuple(UsageItem(*row) for row in rows),
        recorded_at=instant(record.recorded_at),
        version=int(record.version),
    )
    return replace(usage, pages=int(record.pages)) if record.pages else usage
