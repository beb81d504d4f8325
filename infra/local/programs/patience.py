"""How long to wait for programs: as long as they work, however slowly a busy machine lets them.

A limit in seconds of the wall measures what else the machine does.  A program that hangs takes no
processor time; one that turns in circles takes more than it ever should; one that is merely slow
does neither.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_LONGEST_SECONDS = 1800.0
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Give the processor time that these processes took so far; those that ended count nothing."""
    ticks = 0
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = stat.rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


class Patience:
    """Tells when waiting for programs makes no sense any more.

    They may stand still for ``still_seconds`` of the wall, and work for ``work_seconds`` of the
    processor, together; ``taken`` gives what they took so far.  One that hangs and yet looks
    around now and then is given up after half an hour.
    """

    def __init__(
        self,
        taken: Callable[[], float],
        *,
        still_seconds: float,
        work_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._taken = taken
        self._still = still_seconds
        self._now = now
        self._last = taken()
        self._most = self._last + work_seconds
        self._since = now()
        self._end = self._since + _LONGEST_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether they stand still for too long, or have worked for too long."""
        taken, now = self._taken(), self._now()
        if taken > self._last:
            self._last, self._since = taken, now
        return taken > self._most or now - self._since > self._still or now > self._end
