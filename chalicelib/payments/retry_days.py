"""The days on which a refused card is tried again (PAY-3)."""

from datetime import date, timedelta

from chalicelib.foundation.civil_time import paris_day
from chalicelib.payments.payment import Collection, CollectionState

RETRY_DAYS = (3, 7, 14, 21)
_WAITING = {CollectionState.DECLINED, CollectionState.ACTION_REQUIRED}


def retry_due_on(collection: Collection, today: date) -> date | None:
    """Give the retry day that is due: reached, and not followed by an attempt yet; None if none.

    Days missed count as one: only the latest is given (PAY-3).
    """
    reached = [day for day in _days(collection) if day <= today]
    if not reached:
        return None
    return reached[-1] if _last_attempt_on(collection) < reached[-1] else None


def next_retry_on(collection: Collection, today: date) -> date | None:
    """Give the next day on which the card will be tried by itself, today included."""
    if due := retry_due_on(collection, today):
        return max(due, today)
    return next((day for day in _days(collection) if day > today), None)


def _days(collection: Collection) -> list[date]:
    if collection.state not in _WAITING or collection.first_declined_at is None:
        return []
    first = paris_day(collection.first_declined_at)
    return [first + timedelta(days=count) for count in RETRY_DAYS]


def _last_attempt_on(collection: Collection) -> date:
    return paris_day(collection.last_attempt_at) if collection.last_attempt_at else date.min
