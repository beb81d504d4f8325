"""Lines of invoices and credit notes in the reader's language, each with how it was computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from chalicelib.billing.invoices.credit_note import CreditLine
from chalicelib.billing.invoices.explanations import explained_charge
from chalicelib.billing.invoices.invoice import ChargeLine, InvoiceLine
from chalicelib.billing.invoices.line_text import billed_quantity, desktop_title, explained


@dataclass(frozen=True)
class ShownLine:
    """A line in the reader's language; ``price_cents`` is None where there is no price of one."""

    key: str
    designation: str
    quantity: str
    price_cents: int | None
    vat_rate_percent: Decimal
    amount_cents: int
    explanation: str
    list_price_cents: int | None = None


def shown_lines(lines: Sequence[InvoiceLine], language: str) -> list[tuple[str, list[ShownLine]]]:
    """Write lines in a language, desktop by desktop."""
    return [
        (desktop_title(name, language), [shown_line(line, language) for line in of_desktop])
        for (_, name), of_desktop in groupby(
            lines, lambda line: (line.desktop_id, line.desktop_name)
        )
    ]


def shown_line(line: InvoiceLine, language: str) -> ShownLine:
    """Write a line of days."""
    return ShownLine(
        key=line.key,
        designation=line.label[language],
        quantity=billed_quantity(line, language),
        price_cents=line.monthly_excl_vat_cents,
        vat_rate_percent=line.vat.rate_percent,
        amount_cents=line.amount_excl_vat_cents,
        explanation=explained(line, language),
    )


def shown_charge(charge: ChargeLine, language: str) -> ShownLine:
    """Write a line that is a price times a quantity (BIL-2, BIL-6, BIL-9)."""
    discounted = charge.list_unit_excl_vat_cents > charge.unit_excl_vat_cents
    return ShownLine(
        key=charge.key,
        designation=charge.label[language],
        quantity=str(charge.quantity),
        price_cents=charge.unit_excl_vat_cents,
        vat_rate_percent=charge.vat.rate_percent,
        amount_cents=charge.amount_excl_vat_cents,
        explanation=explained_charge(charge, language),
        list_price_cents=charge.list_unit_excl_vat_cents if discounted else None,
    )


def shown_credit(line: CreditLine, language: str) -> ShownLine:
    """Write a line of a credit note (BIL-5)."""
    name = line.label[language]
    return ShownLine(
        key=line.line_key,
        designation=f"{line.desktop_name} – {name}" if line.desktop_name else name,
        quantity=line.quantity[language],
        price_cents=None,
        vat_rate_percent=line.vat.rate_percent,
        amount_cents=line.amount_excl_vat_cents,
        explanation="",
    )
