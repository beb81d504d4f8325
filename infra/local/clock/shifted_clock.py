"""The local stack's "now": the machine's clock, moved by an offset that is kept."""

import threading
from datetime import UTC, datetime, timedelta


class ShiftedClock:
    """The real time plus an offset; the application is given it as its clock.

    It only moves forward, but for ``start_at`` which sets it where a story begins.
    """

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._lock = threading.Lock()
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        """How far "now" is from the real time."""
        return self._offset

    def now(self) -> datetime:
        """Give the present instant of the local stack, in UTC."""
        return datetime.now(UTC) + self._offset

    def move_to(self, instant: datetime) -> None:
        """Make "now" this instant, unless it is past already."""
        with self._lock:
            self._offset = max(self._offset, instant - datetime.now(UTC))

    def start_at(self, instant: datetime) -> None:
        """Make "now" this instant, even in the past: only before anything happened."""
        with self._lock:
            self._offset = instant - datetime.now(UTC)

    def return_to_real_time(self) -> None:
        """Drop a small remaining distance from the real time, when the story reached the present.

        Does nothing when "now" is in the future.
        """
        with self._lock:
            self._offset = max(self._offset, timedelta(0))
