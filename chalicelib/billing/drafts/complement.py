"""The first month complement, when a subscription ends with its first month (art. 9; BIL-2, P1).

Whoever leaves within the first calendar month owes that month in full.  A line of its own brings
each desktop, with the options it ended with, to its whole monthly fee.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from chalicelib.billing.invoices.invoice import ChargeLine
from chalicelib.billing.invoices.proration import prorate
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_days
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.money import from_cents, to_cents
from chalicelib.metering.usage import UsageDay, UsageItem, key_of
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.texts.french_text import HARD, days_text

LABEL = Label("Complément de premier mois", "First month complement")


def ends_with_first_month(month: BillingMonth, spans: Iterable[tuple[date, date | None]]) -> bool:
    """Tell whether an account's subscription began and ended in a month (BIL-2, P1).

    ``spans`` are the first and last Paris day charged of each desktop it ever had, None while it
    goes on.
    """
    known = list(spans)
    first = [begun for begun, _ in known]
    return (
        bool(known)
        and min(first) in month
        and all(last is not None and last <= month.last_day for _, last in known)
    )


def is_first_and_last(
    month: BillingMonth, desktops: Sequence[Desktop], orders: Callable[[], Iterable[Order]]
) -> bool:
    """Tell whether an account's subscription began and ended with a month (BIL-2, P1).

    ``desktops`` are all it ever had, ``orders`` all it placed, asked for only when they matter.
    What was ordered within the month goes on when it is waited for, or still used afterwards;
    what was ordered later is another subscription, however late the month is invoiced.
    """
    spans = [charged_days(each) for each in desktops if each.failed_at is None]
    begun = [span for span in spans if span[0] <= month.last_day]
    if not ends_with_first_month(month, begun):
        return False
    return not any(_goes_on(order, desktops, month) for order in orders())


def _goes_on(order: Order, desktops: Sequence[Desktop], month: BillingMonth) -> bool:
    """Tell whether an order of a month or before makes the subscription outlast that month."""
    if paris_day(order.accepted_at) > month.last_day:
        return False
    if order.state in {OrderState.AWAITING_VALIDATION, OrderState.AWAITING_START}:
        return True
    if order.state is not OrderState.VALIDATED:
        return False
    own = [each for each in desktops if each.order_id == order.id]
    ends = [charged_days(each)[1] for each in own if each.failed_at is None]
    return not own or any(last is None or last > month.last_day for last in ends)


def complement_lines(
    usage: Sequence[UsageDay], month: BillingMonth, vat: VatTreatment
) -> tuple[ChargeLine, ...]:
    """Bring each desktop used in a month to its full monthly fee, from its days in order (P1).

    The days not used are owed at what the desktop was on its last day.  Price by price it is the
    rest of the rounded amounts: lines and complement make the exact fee (CGV art. 9; BIL-2).
    """
    days = Counter(key_of(item) for day in usage for item in day.items)
    last: dict[str, list[UsageItem]] = {}
    used: Counter[str] = Counter()
    for day in usage:
        of_day: dict[str, list[UsageItem]] = {}
        for item in day.items:
            of_day.setdefault(item.desktop_id, []).append(item)
        last |= of_day
        used.update(of_day.keys())
    lines = [
        _line(desktop_id, items, days, used[desktop_id], month, vat)
        for desktop_id, items in last.items()
    ]
    lines.sort(key=lambda line: (line.desktop_name, line.desktop_id))
    return tuple(line for line in lines if line.amount_excl_vat_cents)


def _line(  # noqa: PLR0913, PLR0917 - what one line is made of
    desktop_id: str,
    items: Sequence[UsageItem],
    days: Counter[tuple[str, str, str, int, int]],
    used: int,
    month: BillingMonth,
    vat: VatTreatment,
) -> ChargeLine:
    missing = month.day_count - used
    cents = sum(_rest(item, days[key_of(item)], missing, month) for item in items)
    return ChargeLine(
        key=f"complement:{desktop_id}",
        kind="complement",
        label=LABEL,
        detail=Label(
            f"Abonnement terminé avec son premier mois, dû en entier{HARD}: "
            f"{days_text(missing)} non utilisés sur {days_text(month.day_count)}",
            f"Subscription ended with its first month, due in full: {missing} of "
            f"{month.day_count} days not used",
        ),
        quantity=1,
        unit_excl_vat_cents=cents,
        list_unit_excl_vat_cents=cents,
        vat=vat,
        amount_excl_vat_cents=cents,
        desktop_id=desktop_id,
        desktop_name=items[0].desktop_name,
    )


def _rest(item: UsageItem, days: int, missing: int, month: BillingMonth) -> int:
    price = from_cents(item.monthly_excl_vat_cents * item.quantity)
    whole = prorate(price, days + missing, month).charged
    return to_cents(whole - prorate(price, days, month).charged)
