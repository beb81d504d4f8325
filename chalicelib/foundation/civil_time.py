"""Civil time: the contract counts Paris days; storage keeps UTC instants."""

import calendar
import re
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

PARIS = ZoneInfo("Europe/Paris")
_MONTH = re.compile(r"2[0-9]{3}-[0-9]{2}")


def paris_day(instant: datetime) -> date:
    """Give the Paris civil day of a UTC instant.  Raises ValueError when it is not in UTC."""
    if instant.utcoffset() != timedelta(0):
        raise ValueError(f"instants are in UTC, not {instant!r}")
    return instant.astimezone(PARIS).date()


class BillingMonth(Struct, frozen=True, order=True, array_like=True, dict=True):
    """A calendar month, the period every desktop is billed by (CGV art. 8.1, 9).

    A Struct, so that storage keeps the two numbers alone.
    """

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __contains__(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.month)

    @classmethod
    @lru_cache(maxsize=128)  # the records of a month each name it
    def parse(cls, text: str) -> "BillingMonth":
        """Read ``2026-11``.  Raises ValueError for anything else, and before the year 2000."""
        if not _MONTH.fullmatch(text):
            raise ValueError(f"not a month: {text!r}")
        return cls.of(date.fromisoformat(text + "-01"))

    @classmethod
    def of(cls, day: date) -> "BillingMonth":
        """Give the month a day belongs to."""
        return cls(day.year, day.month)

    @cached_property
    def day_count(self) -> int:
        """How many days the month has."""
        return calendar.monthrange(self.year, self.month)[1]

    @property
    def first_day(self) -> date:
        """The first Paris day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last Paris day of the month."""
        return date(self.year, self.month, self.day_count)

    @property
    def days(self) -> list[date]:
        """Every day of the month, in order."""
        return [date(self.year, self.month, n + 1) for n in range(self.day_count)]

    @property
    def next(self) -> "BillingMonth":
        """The month that follows."""
        return BillingMonth.of(self.last_day + timedelta(days=1))

    @property
    def previous(self) -> "BillingMonth":
        """The month before."""
        return BillingMonth.of(self.first_day - timedelta(days=1))
