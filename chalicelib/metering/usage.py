"""Usage days: what an account owes for one Paris day, recorded or computed (MET-1, MET-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Literal

from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import from_cents
from chalicelib.metering.correction import Item, UsageCorrection

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class UsageItem:
    """One desktop's configuration, or one of its options, used for a day at a dated price."""

    desktop_id: str
    desktop_name: str
    kind: Literal["desktop", "option"]
    code: str
    quantity: int
    monthly_excl_vat_cents: int


Key = tuple[str, str, str, int, int]

# What makes two items the same fact: all but the desktop's name, which may change.
key_of = attrgetter("desktop_id", "kind", "code", "quantity", "monthly_excl_vat_cents")


@dataclass(frozen=True)
class UsageDay:
    """Everything an account used on one Paris day.

    ``recorded_at`` is None while computed; ``pages`` counts the further records that hold it.
    """

    account_id: str
    day: date
    items: tuple[UsageItem, ...]
    recorded_at: datetime | None = None
    version: int = 0
    pages: int = 0

    @cached_property
    def keys(self) -> list[Key]:
        """The facts of the day, in a fixed order."""
        return sorted(map(key_of, self.items))

    @property
    def cost(self) -> Decimal:
        """The day's share of the monthly prices, in euros excl. VAT, not rounded (to show)."""
        return sum((day_cost(item, self.day) for item in self.items), Decimal(0))


@dataclass(frozen=True)
class UsageSpan:
    """Days in a row on which an account used the same, names apart."""

    first: UsageDay
    last: UsageDay

    @property
    def day_count(self) -> int:
        """How many days it holds, both ends included."""
        return (self.last.day - self.first.day).days + 1


@dataclass(frozen=True)
class Progress:
    """The last day metered for everybody; None before the first run."""

    metered_on: date | None = None
    version: int = 0


def spans_of(usage: Iterable[UsageDay]) -> list[UsageSpan]:
    """Put together the days in a row on which the same was used; days come in order."""
    spans: list[UsageSpan] = []
    first = last = None
    for used in usage:
        if first and last:
            if used.keys == last.keys and used.day - last.day == _ONE_DAY:
                last = used
                continue
            spans.append(UsageSpan(first, last))
        first = last = used
    return [*spans, UsageSpan(first, last)] if first and last else spans


def day_cost(item: UsageItem, day: date) -> Decimal:
    """Give one day's share of an item's monthly price, not rounded.

    To show only: an invoice line is rounded once, over the month (BIL-1).
    """
    monthly = from_cents(item.monthly_excl_vat_cents) * item.quantity
    return monthly / BillingMonth.of(day).day_count


def usage_on(
    account_id: str,
    desktops: Iterable[Desktop],
    day: date,
    prices: Catalogue,
    corrections: Sequence[UsageCorrection] = (),
) -> UsageDay | None:
    """Compute what an account used on a Paris day; None when that is nothing (MET-1, P2-P4).

    ``corrections`` of the day say otherwise than the desktops' histories (MET-4).
    """
    known = sorted(desktops, key=lambda each: each.id)
    items = [
        UsageItem(
            desktop.id,
            desktop.name,
            charged.kind,
            charged.code,
            charged.quantity,
            prices.price_on(charged.code, day),
        )
        for desktop in known
        for charged in charged_items(desktop, day)
    ]
    if corrections:
        # What failed for good is never charged, whatever was corrected before (P2).
        names = {desktop.id: desktop.name for desktop in known if desktop.failed_at is None}
        mine = [each for each in corrections if each.desktop_id in names]
        items = _corrected(items, day, prices, mine, names)
    return UsageDay(account_id, day, tuple(items)) if items else None


def _corrected(
    items: Iterable[UsageItem],
    day: date,
    prices: Catalogue,
    corrections: Iterable[UsageCorrection],
    names: dict[str, str],
) -> list[UsageItem]:
    """Put corrections in the place of what they correct; in the order of desktops still."""
    quantities: dict[Item, int] = {each.item: each.quantity for each in corrections}
    kept = [
        replace(item, quantity=quantities.pop(key, item.quantity))
        for item in items
        for key in [(item.desktop_id, item.kind, item.code)]
    ]
    kept += [
        UsageItem(desktop_id, names[desktop_id], kind, code, quantity, prices.price_on(code, day))
        for (desktop_id, kind, code), quantity in sorted(quantities.items())
        if quantity
    ]
    return sorted((item for item in kept if item.quantity), key=lambda item: item.desktop_id)
