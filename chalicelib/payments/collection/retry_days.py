"""Which of the days on which a refused card is tried again is due (PAY-3).

The days themselves: ``terms/dunning_policies.py``.
"""

from collections.abc import Sequence
from datetime import date

from chalicelib.foundation.civil_time import paris_day
from chalicelib.payments.money.payment import Collection, CollectionState

_WAITING = {CollectionState.DECLINED, CollectionState.ACTION_REQUIRED}


def retry_due_on(collection: Collection, today: date, days: Sequence[date]) -> date | None:
    """Give the retry day that is due: reached, and not followed by an attempt yet; None if none.

    Days missed count as one: only the latest is given (PAY-3).
    """
    reached = [day for day in days if day <= today]
    if collection.state not in _WAITING or not reached:
        return None
    return reached[-1] if _last_attempt_on(collection) < reached[-1] else None


def next_retry_on(collection: Collection, today: date, days: Sequence[date]) -> date | None:
    """Give the next day on which the card will be tried by itself, today included."""
    if collection.state not in _WAITING:
        return None
    if due := retry_due_on(collection, today, days):
        return max(due, today)
    return next((day for day in days if day > today), None)


def _last_attempt_on(collection: Collection) -> date:
    return paris_day(collection.last_attempt_at) if collection.last_attempt_at else date.min
