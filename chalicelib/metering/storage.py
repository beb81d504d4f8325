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
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import Literal

import msgspec

from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import Put, Tables, Write
from chalicelib.metering.correction import UsageCorrection
from chalicelib.metering.usage import Progress, UsageDay, UsageItem

_TABLE = "metering"
_PAGE_BYTES = 300_000  # of the 400 KB that an item of DynamoDB may have
_READINGS = 3
_row_of = attrgetter(
    "desktop_id", "desktop_name", "kind", "code", "quantity", "monthly_excl_vat_cents"
)
_Row = tuple[str, str, Literal["desktop", "option"], str, int, int]  # in the order of UsageItem
_Day = tuple[datetime | None, int, tuple[_Row, ...]]  # recorded_at, pages, items


class _Days(Kind[UsageDay]):
    """Days as rows, without what their keys say: there is one for each account and day."""

    def write(self, thing: UsageDay) -> str:
        """Give the body that keeps a day."""
        day: _Day = (thing.recorded_at, thing.pages, _rows(thing.items))
        return msgspec.json.encode(day).decode()

    def read(self, record: Record) -> UsageDay:
        """Give the day that a record keeps."""
        recorded_at, pages, rows = _DAY_BODY.decode(record.body)
        account_id, day = record.pk.removeprefix("ACC#"), record.sk.removeprefix("DAY#")
        items = tuple(UsageItem(*row) for row in rows)
        version = int(record.version)
        return UsageDay(account_id, date.fromisoformat(day), items, recorded_at, version, pages)


_DAY_BODY = msgspec.json.Decoder(_Day)
_DAYS = _Days(_TABLE, "day", UsageDay)
_PAGES = Kind(_TABLE, "page", tuple[_Row, ...])
_CORRECTIONS = Kind(_TABLE, "correction", UsageCorrection)
_PROGRESS = Kind(_TABLE, "progress", Progress)


class UsageStorage:
    """Reads usage days and gives the writes that save them."""

    def __init__(self, tables: Tables, page_bytes: int = _PAGE_BYTES) -> None:
        self._tables = tables
        self._page_bytes = page_bytes

    def days(self, account_id: str, first: date, last: date) -> Iterator[UsageDay]:
        """Read an account's recorded days, both ends included, in order."""
        between = (f"DAY#{first.isoformat()}", f"DAY#{last.isoformat()}")
        for found in self._tables.query(_DAYS, f"ACC#{account_id}", between=between):
            usage = self._whole(found)
            if usage is not None:
                yield usage

    def progress(self) -> Progress:
        """Read how far the daily job has come."""
        return self._tables.get(_PROGRESS, "JOB", "METERED") or Progress()

    def pages(self, usage: UsageDay) -> list[Write]:
        """Give the writes of a large day's items, to commit before the day; none for others."""
        pages = _split(_rows(usage.items), self._page_bytes)
        keys = _page_keys(usage, usage.version + 1, len(pages))
        return [_PAGES.put(page, *key, always=True) for page, key in zip(pages, keys, strict=True)]

    def save_day(self, usage: UsageDay) -> list[Write]:
        """Give the write of a usage day, refused when somebody wrote it since.

        ``usage`` has the version and pages of the day it takes the place of, whose own pages go.
        """
        pages = len(_split(_rows(usage.items), self._page_bytes))
        kept = replace(usage, items=() if pages else usage.items, pages=pages)
        return [_DAYS.put(kept, *_key(usage)), *_old_pages(usage)]

    def remove_day(self, usage: UsageDay) -> list[Write]:
        """Give the removal of a usage day that nothing is left of."""
        return [_DAYS.delete(*_key(usage)), *_old_pages(usage)]

    def save_progress(self, day: date, version: int) -> Put:
        """Give the write of the day reached."""
        return _PROGRESS.put(Progress(day, version), "JOB", "METERED")

    def corrections(self, account_id: str, first: date, last: date) -> Iterator[UsageCorrection]:
        """Read what operators corrected of an account's days, both ends included."""
        between = (f"FIX#{first.isoformat()}", f"FIX#{last.isoformat()}$")  # "$" follows "#"
        return self._tables.query(_CORRECTIONS, f"ACC#{account_id}", between=between)

    def save_correction(self, correction: UsageCorrection) -> Put:
        """Give the write of a correction; refused when somebody corrected the same since."""
        item = f"{correction.desktop_id}#{correction.kind}#{correction.code}"
        sk = f"FIX#{correction.day.isoformat()}#{item}"
        return _CORRECTIONS.put(correction, f"ACC#{correction.account_id}", sk)

    def _whole(self, found: UsageDay) -> UsageDay | None:
        """Give a day with the items of its pages; None when it was removed meanwhile."""
        current: UsageDay | None = found
        for _ in range(_READINGS):
            if current is None or not current.pages:
                return current
            rows = self._paged_rows(current)
            if rows is not None:
                return replace(current, items=tuple(UsageItem(*row) for row in rows))
            current = self._tables.get(_DAYS, *_key(current))
        raise ConflictError(f"{found.day} is being written")

    def _paged_rows(self, usage: UsageDay) -> list[_Row] | None:
        """Give the rows of a large day; None when its pages were replaced while we read them."""
        rows: list[_Row] = []
        for key in _page_keys(usage, usage.version, usage.pages):
            page = self._tables.get(_PAGES, *key)
            if page is None:
                return None
            rows += page
        return rows


def _key(usage: UsageDay) -> tuple[str, str]:
    return f"ACC#{usage.account_id}", f"DAY#{usage.day.isoformat()}"


def _page_keys(usage: UsageDay, version: int, count: int) -> list[tuple[str, str]]:
    day = usage.day.isoformat()
    return [(f"ACC#{usage.account_id}", f"MORE#{day}#{version}#{n:04d}") for n in range(count)]


def _old_pages(usage: UsageDay) -> list[Write]:
    return [_PAGES.delete(*key) for key in _page_keys(usage, usage.version, usage.pages)]


def _rows(items: Iterable[UsageItem]) -> tuple[_Row, ...]:
    return tuple(_row_of(item) for item in items)


def _split(rows: Iterable[_Row], page_bytes: int) -> list[tuple[_Row, ...]]:
    """Split rows into pages; none when they fit the day's own record."""
    pages: list[list[_Row]] = [[]]
    size = 0
    for row in rows:
        added = len(json.dumps(row)) + 2
        if pages[-1] and size + added > page_bytes:
            pages.append([])
            size = 0
        pages[-1].append(row)
        size += added
    return [tuple(page) for page in pages] if len(pages) > 1 else []
