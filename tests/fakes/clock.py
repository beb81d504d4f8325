"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

from chalicelib.foundation.civil_time import PARIS


def paris(text: str) -> datetime:
    """Read a Paris wall-clock time, as people write it, into the UTC instant it is."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


class StoppedClock:
    """Tells the instant it was set to."""

    def __init__(self, text: str = "2026-11-05 10:00") -> None:
        self.instant = paris(text)

    def now(self) -> datetime:
        return self.instant

    def set(self, text: str) -> None:
        """Set it to a Paris wall-clock time."""
        self.instant = paris(text)

    def advance(self, **duration: float) -> None:
        """Move it forward, by ``timedelta``'s arguments."""
        self.instant += timedelta(**duration)
