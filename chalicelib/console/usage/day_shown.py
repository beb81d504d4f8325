"""One day of usage, item by item: price in force, the day's share, what it is part of (MET-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.billing.invoices.invoice import Draft
from chalicelib.billing.invoices.line_text import explained
from chalicelib.catalogue.catalogue import Catalogue, Label
from chalicelib.foundation.money import from_cents
from chalicelib.metering.usage import UsageDay, UsageItem, day_cost, key_of


@dataclass(frozen=True)
class DayRow:
    """An item of a day.

    ``price`` is that of the month in euros for ``quantity``, in force since ``price_from_on``;
    ``share`` the day's, not rounded.  ``owed`` is the quantity that no contract covers, ``line``
    the sentence of the month's line it counts in, "" when it is covered.
    """

    desktop_id: str
    desktop_name: str
    name: str
    quantity: int
    owed: int
    price: Decimal
    price_from_on: date | None
    share: Decimal
    line: str


def day_rows(
    usage: UsageDay, owed: Iterable[UsageDay], draft: Draft, catalogue: Catalogue, language: str
) -> list[DayRow]:
    """Show the items of a day; ``owed`` is the month's usage that contracts leave to bill."""
    left = {
        (item.desktop_id, item.kind, item.code): item
        for one in owed
        if one.day == usage.day
        for item in one.items
    }
    sentences = {key_of(line): explained(line, language) for line in draft.lines}
    rows = []
    for item in usage.items:
        billed = left.get((item.desktop_id, item.kind, item.code))
        rows.append(
            DayRow(
                item.desktop_id,
                item.desktop_name,
                catalogue.names.get(item.code, Label(item.code, item.code))[language],
                item.quantity,
                billed.quantity if billed else 0,
                from_cents(item.monthly_excl_vat_cents * item.quantity),
                _since(item, usage.day, catalogue),
                day_cost(billed, usage.day) if billed else Decimal(0),
                sentences.get(key_of(billed), "") if billed else "",
            )
        )
    return sorted(rows, key=lambda row: (row.desktop_name, row.desktop_id))


def _since(item: UsageItem, day: date, catalogue: Catalogue) -> date | None:
    """Give the day from which the price of an item is in force."""
    begun = [price for price in catalogue.prices_of(item.code) if price.from_on <= day]
    if begun and begun[-1].monthly_excl_vat_cents == item.monthly_excl_vat_cents:
        return begun[-1].from_on
    return None
