"""What is due, by age, as an operator follows it (PAY-6, OPS-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chalicelib.payments.money.payment import Collection

AGES = (0, 30, 60, 90)  # days past due: not due yet, up to 30, 60, 90, beyond


@dataclass(frozen=True)
class Age:
    """A bracket of days past due: ``until_days`` None beyond the last, 0 for not due yet."""

    until_days: int | None
    count: int
    amount_cents: int


def ages_of(collections: Iterable[Collection], today: date) -> list[Age]:
    """Add up what is left to pay by how long it has been due."""
    brackets: dict[int | None, list[int]] = {limit: [] for limit in (*AGES, None)}
    for one in collections:
        if one.left_cents > 0:
            brackets[_bracket(one, today)].append(one.left_cents)
    return [Age(limit, len(found), sum(found)) for limit, found in brackets.items()]


def _bracket(collection: Collection, today: date) -> int | None:
    days = (today - (collection.due_on or today)).days
    return next((limit for limit in AGES if days <= limit), None)
