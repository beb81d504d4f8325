"""Interest of late payment between professionals (PAY-6; law: from the day after the due date).

Which rate applies on a day: ``rates.py``.  Consumers owe neither this interest nor the fee.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.money import from_cents, round_half_up, to_cents
from chalicelib.payments.money.ledger import Settlement, SettlementKind, money_of

_DAYS_IN_YEAR = 365


@dataclass(frozen=True)
class LateInterest:
    """Interest in cents, over how many days, at which last annual rate."""

    amount_cents: int
    days: int
    rate_percent: Decimal


def effective_on(entry: Settlement) -> date:
    """Give the Paris day an entry counts from.

    Money: the bank's own day, whenever it was recorded.  What a credit note takes off was never
    owed, hence never late.
    """
    if entry.kind is SettlementKind.CREDIT:
        return date.min
    return entry.value_on or paris_day(entry.at)


def settled_on(
    amount_cents: int, entries: Iterable[Settlement], is_carried: Callable[[int], bool]
) -> date | None:
    """Give the Paris day from which no more was left to pay than is carried; None before it."""
    ledger = sorted(entries, key=effective_on)
    if not is_carried(money_of(amount_cents, ledger).left_cents):
        return None
    for entry in ledger:
        day = effective_on(entry)
        so_far = [one for one in ledger if effective_on(one) <= day]
        if is_carried(money_of(amount_cents, so_far).left_cents):
            return day
    return None


def late_interest(
    amount_cents: int,
    entries: Iterable[Settlement],
    due_on: date,
    until: date,
    rate_on: Callable[[date], Decimal],
) -> LateInterest:
    """Compute the interest of an invoice from the day after it was due to a Paris day included.

    On what was left to pay each day, at that day's rate, rounded once (PAY-6).  Raises what
    ``rate_on`` raises for a day whose rate is not known.
    """
    ledger = list(entries)
    total, rate = Decimal(0), Decimal(0)
    days = 0
    for count in range(1, (until - due_on).days + 1):
        day = due_on + timedelta(days=count)
        before = [entry for entry in ledger if effective_on(entry) < day]
        left_cents = money_of(amount_cents, before).left_cents
        if left_cents:
            rate = rate_on(day)
            total += from_cents(left_cents) * rate / 100 / _DAYS_IN_YEAR
            days += 1
    return LateInterest(to_cents(round_half_up(total)), days, rate)
