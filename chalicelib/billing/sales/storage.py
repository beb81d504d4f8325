"""The sales journal in the ``billing`` table: one partition per month of issue.

======================  ===========  =====================================================
pk                      sk           what
======================  ===========  =====================================================
``SALES#<month>``       <series>#…   rows of the documents one transaction issued, written once
``SALES_CLOSINGS``      <month>      the closing of a month, written once
======================  ===========  =====================================================
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.billing.invoices.storage import BillingRecord
from chalicelib.billing.sales.closing import SalesClosing
from chalicelib.billing.sales.journal import NumberRange, SalesAmount, SalesRow, SalesSummary
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables

_CLOSINGS = "SALES_CLOSINGS"


class SalesStorage:
    """Reads the journal and its closings, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, rows: Sequence[SalesRow]) -> Put:
        """Give the one write of the documents a transaction issues: one series, one date."""
        first = rows[0]
        return old_put(
            BillingRecord(
                pk=f"SALES#{BillingMonth.of(first.issued_on)}",
                sk=f"{first.series}#{first.count:012d}",
                content={"rows": [_row_json(row) for row in rows]},
            )
        )

    def rows(self, month: BillingMonth) -> Iterator[SalesRow]:
        """Read a month: invoices in the order of their numbers, then credit notes."""
        for series in ("F", "A"):
            yield from self._rows(month, series)

    def first(self, month: BillingMonth, series: str) -> SalesRow | None:
        """Read the first document of a series in a month."""
        return next(self._rows(month, series, limit=1), None)

    def credit_notes(self, month: BillingMonth) -> Iterator[SalesRow]:
        """Read the credit notes of a month."""
        yield from self._rows(month, "A")

    def _rows(
        self, month: BillingMonth, series: str, limit: int | None = None
    ) -> Iterator[SalesRow]:
        for record in self._tables.query_records(
            BillingRecord, f"SALES#{month}", starts_with=f"{series}#", limit=limit
        ):
            yield from map(_read_row, record.content["rows"])

    def last_closing(self) -> SalesClosing | None:
        """Read the closing of the last month closed."""
        return next(iter(self.closings(newest_first=True, limit=1)), None)

    def closing(self, month: BillingMonth) -> SalesClosing | None:
        """Read the closing of a month; None while it is open."""
        record = self._tables.get_record(BillingRecord, _CLOSINGS, str(month))
        return _read_closing(record) if record else None

    def closings(
        self, *, newest_first: bool = False, limit: int | None = None
    ) -> list[SalesClosing]:
        """Read closings, the oldest first unless told otherwise."""
        found = self._tables.query_records(
            BillingRecord, _CLOSINGS, newest_first=newest_first, limit=limit
        )
        return [_read_closing(record) for record in found]

    def save_closing(self, closing: SalesClosing) -> Put:
        """Give the write of a closing; refused when the month is closed already."""
        content = {
            "ranges": [asdict(each) for each in closing.summary.ranges],
            "amounts": [_amount_json(each) for each in closing.summary.amounts],
            "last": closing.last,
            "csv_sha256": closing.csv_sha256,
            "closed_at": iso(closing.closed_at),
            "previous": closing.previous,
            "digest": closing.digest,
        }
        return old_put(BillingRecord(pk=_CLOSINGS, sk=str(closing.month), content=content))


def _amount_json(amount: SalesAmount) -> dict[str, Any]:
    return {**vars(amount), "rate_percent": str(amount.rate_percent)}


def _read_amount(content: dict[str, Any]) -> SalesAmount:
    return SalesAmount(**{**content, "rate_percent": Decimal(content["rate_percent"])})


def _row_json(row: SalesRow) -> dict[str, Any]:
    return {
        **vars(row),
        "issued_on": row.issued_on.isoformat(),
        "service_month": str(row.service_month),
        "amounts": [_amount_json(each) for each in row.amounts],
    }


def _read_row(content: dict[str, Any]) -> SalesRow:
    read = {
        "issued_on": date.fromisoformat(content["issued_on"]),
        "service_month": BillingMonth.parse(content["service_month"]),
        "amounts": tuple(map(_read_amount, content["amounts"])),
    }
    return SalesRow(**{**content, **read})


def _read_closing(record: BillingRecord) -> SalesClosing:
    content, month = record.content, BillingMonth.parse(record.sk)
    return SalesClosing(
        month=month,
        summary=SalesSummary(
            month,
            tuple(NumberRange(**each) for each in content["ranges"]),
            tuple(map(_read_amount, content["amounts"])),
        ),
        last=content["last"],
        csv_sha256=content["csv_sha256"],
        closed_at=instant(content["closed_at"]),
        previous=content["previous"],
        digest=content["digest"],
    )
