"""The sales journal in the ``billing`` table: one partition per month of issue.

======================  ===========  =====================================================
pk                      sk           what
======================  ===========  =====================================================
``SALES#<month>``       <series>#…   rows of the documents one transaction issued, written once
``SALES_CLOSINGS``      <month>      the closing of a month, written once
======================  ===========  =====================================================
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from chalicelib.billing.sales.closing import SalesClosing
from chalicelib.billing.sales.journal import SalesRow
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables


class _Issue(Struct, frozen=True, array_like=True):
    """The rows of the documents one transaction issued."""

    rows: tuple[SalesRow, ...]


_ISSUES = Kind("billing", "sales rows", _Issue)
_CLOSED = Kind("billing", "sales closing", SalesClosing)
_CLOSINGS = "SALES_CLOSINGS"


class SalesStorage:
    """Reads the journal and its closings, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, rows: Sequence[SalesRow]) -> Put:
        """Give the one write of the documents a transaction issues: one series, one date."""
        first = rows[0]
        pk = f"SALES#{BillingMonth.of(first.issued_on)}"
        return _ISSUES.put(_Issue(tuple(rows)), pk, f"{first.series}#{first.count:012d}")

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
        for issue in self._tables.query(
            _ISSUES, f"SALES#{month}", starts_with=f"{series}#", limit=limit
        ):
            yield from issue.rows

    def last_closing(self) -> SalesClosing | None:
        """Read the closing of the last month closed."""
        return next(iter(self.closings(newest_first=True, limit=1)), None)

    def closing(self, month: BillingMonth) -> SalesClosing | None:
        """Read the closing of a month; None while it is open."""
        return self._tables.get(_CLOSED, _CLOSINGS, str(month))

    def closings(
        self, *, newest_first: bool = False, limit: int | None = None
    ) -> list[SalesClosing]:
        """Read closings, the oldest first unless told otherwise."""
        return list(self._tables.query(_CLOSED, _CLOSINGS, newest_first=newest_first, limit=limit))

    def save_closing(self, closing: SalesClosing) -> Put:
        """Give the write of a closing; refused when the month is closed already."""
        return _CLOSED.put(closing, _CLOSINGS, str(closing.month))
