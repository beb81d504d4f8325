"""The time the simulator lives in: a given clock, moved by an offset kept in the state."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def real_now() -> datetime:
    """Read the machine's clock, in UTC."""
    return datetime.now(UTC)


class SimulatedClock:
    """The given clock plus an offset in seconds."""

    def __init__(self, now: Now = real_now, offset_seconds: int = 0) -> None:
        self._now = now
        self.offset_seconds = offset_seconds

    def now(self) -> datetime:
        """Return the simulated instant, aware and in UTC."""
        instant = self._now()
        if instant.utcoffset() != timedelta(0):
            raise ValueError(f"the clock must give UTC instants, not {instant!r}")
        return instant + timedelta(seconds=self.offset_seconds)

    def timestamp(self) -> int:
        """Return the simulated instant as Stripe writes it: whole seconds of the epoch."""
        return int(self.now().timestamp())

    def set_to(self, instant: datetime) -> None:
        """Move the clock so that it now shows this instant."""
        self.offset_seconds += round((instant - self.now()).total_seconds())
