"""Lines of an invoice from usage days: one per desktop or option and price (CGV art. 8.1; BIL-1).

Also what became known of a month after its invoice: days still to bill (P2), and days billed that
usage no longer has, for a credit note (BIL-5, MET-4).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from msgspec import structs

from chalicelib.billing.invoices.invoice import InvoiceLine
from chalicelib.billing.invoices.proration import prorate
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Catalogue, Configuration, Label, Option
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import from_cents, to_cents
from chalicelib.metering.usage import Key, UsageDay, UsageItem, key_of, spans_of
from chalicelib.texts.french_text import month_text

_NOTHING: Counter[Key] = Counter()


@dataclass(frozen=True)
class EarlierMonth:
    """A month whose invoicing is over: its usage as known now, and the days of it billed.

    ``in_full`` names the desktops whose whole month was billed whatever their days (P1).
    """

    month: BillingMonth
    usage: tuple[UsageDay, ...]
    billed: Counter[Key] = field(default_factory=Counter)
    in_full: frozenset[str] = frozenset()


def days_of(month: BillingMonth, usage: Iterable[UsageDay]) -> list[UsageDay]:
    """Give the days of a month in order; of a day given twice, the last counts."""
    days = {day.day: day for day in usage if day.day in month}
    return [days[day] for day in sorted(days)]


def counted_days(usage: Iterable[UsageDay]) -> Counter[Key]:
    """Count the days used, by desktop or option and price."""
    return Counter(key_of(item) for day in usage for item in day.items)


def billed_days(lines: Iterable[InvoiceLine], month: BillingMonth) -> Counter[Key]:
    """Count the days of a month that lines bill, by desktop or option and price."""
    billed: Counter[Key] = Counter()
    for line in lines:
        if line.month == month:
            billed[key_of(line)] += line.days
    return billed


def late_lines(
    past: EarlierMonth, known: Iterable[UsageDay], vat: VatTreatment, catalogue: Catalogue
) -> tuple[InvoiceLine, ...]:
    """Bill what became known of a month after its invoice, named after that month (P2)."""
    known = [
        replace(day, items=tuple(item for item in day.items if item.desktop_id not in past.in_full))
        for day in known
    ]
    lines = lines_of(known, past.month, vat, catalogue, billed=past.billed)
    day = past.month.first_day
    return tuple(
        structs.replace(
            line,
            label=Label(f"{line.label.fr} – {month_text(day)}", f"{line.label.en} – {day:%B %Y}"),
        )
        for line in lines
    )


def lines_of(
    usage: Iterable[UsageDay],
    month: BillingMonth,
    vat: VatTreatment,
    catalogue: Catalogue,
    *,
    billed: Counter[Key] = _NOTHING,
) -> tuple[InvoiceLine, ...]:
    """Make one line per desktop or option and price, from usage days in order (BIL-1).

    Days ``billed`` already are left out.

    Lines follow each other desktop by desktop, by name; within one, the configurations in the
    order they were used, then the options.
    """
    days: Counter[Key] = Counter()
    latest: dict[Key, UsageItem] = {}  # in the order first used, with the last name
    for span in spans_of(usage):
        count = span.day_count
        for item in span.last.items:
            key = key_of(item)
            days[key] += count
            latest[key] = item
    if billed:
        days -= billed  # what is left below zero is dropped: that is for a credit note
    names = {item.desktop_id: item.desktop_name for item in latest.values()}
    order = {key: position for position, key in enumerate(latest)}
    keys = sorted(days, key=lambda key: (names[key[0]], key[0], key[1] != "desktop", order[key]))
    return tuple(
        _line(latest[key], names[key[0]], days[key], month, vat, catalogue) for key in keys
    )


def _line(  # noqa: PLR0913, PLR0917 - what one line is made of
    item: UsageItem,
    name: str,
    days: int,
    month: BillingMonth,
    vat: VatTreatment,
    catalogue: Catalogue,
) -> InvoiceLine:
    sold: Configuration | Option = (
        catalogue.configuration(item.code)
        if item.kind == "desktop"
        else catalogue.option(item.code)
    )
    price = from_cents(item.monthly_excl_vat_cents * item.quantity)
    return InvoiceLine(
        desktop_id=item.desktop_id,
        desktop_name=name,
        kind=item.kind,
        code=item.code,
        label=_label(sold),
        quantity=item.quantity,
        monthly_excl_vat_cents=item.monthly_excl_vat_cents,
        days=days,
        month=month,
        vat=vat,
        amount_excl_vat_cents=to_cents(prorate(price, days, month).charged),
    )


def _label(sold: Configuration | Option) -> Label:
    """Name a product; of what may be several, with the unit that is counted."""
    if isinstance(sold, Configuration) or sold.most == 1:
        return sold.name
    return Label(f"{sold.name.fr} ({sold.unit.fr})", f"{sold.name.en} ({sold.unit.en})")
