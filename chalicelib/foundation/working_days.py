"""French working days: Monday to Friday less public holidays (ORD-5; law of delivery times)."""

from datetime import date, timedelta

import holidays

_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Tell whether a day is neither a week-end nor a French public holiday."""
    return day.weekday() < _SATURDAY and day not in holidays.country_holidays("FR", years=day.year)


def add_working_days(start: date, count: int) -> date:
    """Give the day ``count`` working days after ``start``, which itself is not counted (ORD-5)."""
    if count < 0:
        raise ValueError(f"a delay is not negative: {count}")
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
