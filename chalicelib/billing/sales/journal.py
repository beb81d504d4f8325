"""The sales journal: every invoice and credit note of a month, one row per VAT treatment (BIL-12).

Credit notes count negatively.  The month is that of the date of issue; the month served is told
beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.foundation.civil_time import BillingMonth

SERIES = ("F", "A")  # invoices, credit notes


class SalesAmount(Struct, frozen=True, array_like=True):
    """What a document, or a month, has under one VAT treatment: signed cents.

    ``country`` is whose VAT it is (one-stop shop), ``category`` that of the European standard.
    """

    category: str
    country: str
    rate_percent: Decimal
    base_cents: int
    vat_cents: int

    @property
    def incl_vat_cents(self) -> int:
        """Base and VAT."""
        return self.base_cents + self.vat_cents


class SalesRow(Struct, frozen=True, array_like=True):
    """A document of the journal; ``invoice_number`` is the one a credit note takes back from."""

    number: str
    document_id: str
    kind: Literal["invoice", "credit_note"]
    issued_on: date
    service_month: BillingMonth
    account_id: str
    client: str
    country: str
    invoice_number: str
    amounts: tuple[SalesAmount, ...]

    @property
    def series(self) -> str:
        """Name its series of numbers."""
        return self.number[0]

    @property
    def count(self) -> int:
        """Give its place in its series."""
        return int(self.number.rpartition("-")[2])


@dataclass(frozen=True)
class NumberRange:
    """The numbers of a series that a month holds; ``first`` and ``last`` are "" without any."""

    series: str
    count: int
    first: str
    last: str


@dataclass(frozen=True)
class SalesSummary:
    """What a month adds up to, per VAT treatment and in all, and its numbers."""

    month: BillingMonth
    ranges: tuple[NumberRange, ...]
    amounts: tuple[SalesAmount, ...]

    @property
    def document_count(self) -> int:
        """How many documents the month holds."""
        return sum(each.count for each in self.ranges)

    @property
    def base_cents(self) -> int:
        """Sales excl. VAT, credit notes off."""
        return sum(each.base_cents for each in self.amounts)

    @property
    def vat_cents(self) -> int:
        """The VAT due on them."""
        return sum(each.vat_cents for each in self.amounts)

    @property
    def incl_vat_cents(self) -> int:
        """Sales incl. VAT."""
        return self.base_cents + self.vat_cents


def row_of(document: Invoice | CreditNote) -> SalesRow:
    """Give the journal's row of a document just issued (BIL-12)."""
    sign = -1 if isinstance(document, CreditNote) else 1
    return SalesRow(
        number=document.number,
        document_id=document.id,
        kind=document.kind,
        issued_on=document.issued_on,
        service_month=document.month,
        account_id=document.account_id,
        client=document.buyer.name,
        country=document.buyer.country,
        invoice_number=document.invoice.number if isinstance(document, CreditNote) else "",
        amounts=tuple(
            SalesAmount(
                part.vat.category,
                part.vat.country,
                part.vat.rate_percent,
                sign * part.base_cents,
                sign * part.vat_cents,
            )
            for part in document.totals.by_rate
        ),
    )


def summary_of(month: BillingMonth, rows: Sequence[SalesRow]) -> SalesSummary:
    """Add a month up: the highest rate first (BIL-12)."""
    sums: dict[tuple[str, str, Decimal], tuple[int, int]] = {}
    for amount in (amount for row in rows for amount in row.amounts):
        key = (amount.category, amount.country, amount.rate_percent)
        base, vat = sums.get(key, (0, 0))
        sums[key] = base + amount.base_cents, vat + amount.vat_cents
    amounts = (SalesAmount(*key, *cents) for key, cents in sums.items())
    return SalesSummary(
        month,
        tuple(_range(series, rows) for series in SERIES),
        tuple(sorted(amounts, key=lambda a: (-a.rate_percent, a.category, a.country))),
    )


def _range(series: str, rows: Iterable[SalesRow]) -> NumberRange:
    own = sorted((row for row in rows if row.series == series), key=lambda row: row.count)
    return NumberRange(
        series, len(own), own[0].number if own else "", own[-1].number if own else ""
    )


def missing_number(rows: Iterable[SalesRow], series: str, after: int) -> int | None:
    """Give the first number of a series that is missing or comes twice after ``after``, if any."""
    expected = after + 1
    for count in sorted(row.count for row in rows if row.series == series):
        if count != expected:
            return min(count, expected)
        expected += 1
    return None
