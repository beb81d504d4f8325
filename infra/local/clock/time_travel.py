"""Where the clock is asked to go: an hour, a day, the next month, or a given instant."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from chalicelib.foundation.civil_time import PARIS, BillingMonth, paris_day

# The invoice run of the 1st starts at 05:00: at this time its invoices are issued and charged.
NEXT_MONTH_AT = time(10)
_FURTHEST = timedelta(days=400)


def target_of(fields: Mapping[str, Any], now: datetime) -> datetime:
    """Read a movement of the clock: ``{"move": "hour" | "day" | "month"}`` or ``{"to": instant}``.

    A day keeps the Paris wall-clock time.  Raises ValueError, with a sentence, for anything else.
    """
    if "to" in fields:
        target = _instant(str(fields["to"]))
    else:
        target = _step(str(fields.get("move", "")), now)
    if target < now:
        raise ValueError("The clock only moves forward.")
    if target > now + _FURTHEST:
        raise ValueError("Move the clock by a year at most.")
    return target


def _step(move: str, now: datetime) -> datetime:
    if move == "hour":
        return now + timedelta(hours=1)
    if move == "day":
        return (now.astimezone(PARIS) + timedelta(days=1)).astimezone(UTC)
    if move == "month":
        first = BillingMonth.of(paris_day(now)).next.first_day
        return datetime.combine(first, NEXT_MONTH_AT, PARIS).astimezone(UTC)
    raise ValueError("Move by an hour, a day or to the next month.")


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    # As typed in a form, without a zone: Paris wall-clock time.
    return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(UTC)
