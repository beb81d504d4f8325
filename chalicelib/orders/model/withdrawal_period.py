"""The withdrawal period: fourteen days after receipt or subscription (CGV art. 17; P10, law §5).

The day it starts from is not counted; it is rolled past Saturday, Sunday and public holidays.
"""

from datetime import date, timedelta

from chalicelib.foundation.working_days import is_working_day

WITHDRAWAL_DAYS = 14


def last_day_to_withdraw(from_on: date) -> date:
    """Give the last Paris day on which the client may withdraw (CGV art. 17; WDR-1, P10).

    ``from_on`` is the day the last OmnyPod of the order was received, or that of the subscription
    without any.
    """
    day = from_on + timedelta(days=WITHDRAWAL_DAYS)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def first_day_after(from_on: date) -> date:
    """Give the first Paris day of a service nobody asked to start earlier (law §5)."""
    return last_day_to_withdraw(from_on) + timedelta(days=1)
