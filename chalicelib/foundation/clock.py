"""The only module that reads the clock; services are given one."""

from datetime import UTC, date, datetime
from typing import Protocol

from chalicelib.foundation.civil_time import paris_day


class Clock(Protocol):
    """Tells the present instant, in UTC."""

    def now(self) -> datetime:
        """Give the present UTC instant."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present UTC instant."""
        return datetime.now(UTC)


def today(clock: Clock) -> date:
    """Give the present Paris day."""
    return paris_day(clock.now())
