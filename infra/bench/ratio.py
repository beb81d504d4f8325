"""Ratios of two things measured in turn within one run, by medians: machines are noisy."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One promise and what was measured of it."""

    name: str
    measured: float
    goal: float | None = None  # none: measured for information

    def __str__(self) -> str:
        told = f"{self.name:58} {self.measured:6.2f}"
        if self.goal is None:
            return f"{told}  for information"
        return f"{told}  goal {self.goal:5.2f}  {'met' if self.is_met else 'NOT MET'}"

    @property
    def is_met(self) -> bool:
        """Whether the goal, if there is one, is reached."""
        return self.goal is None or self.measured <= self.goal


def ratio(ours: Callable[[], float], floor: Callable[[], float], rounds: int) -> float:
    """Measure both in turn; give the ratio of their medians."""
    pairs = [(ours(), floor()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def timed(work: Callable[[], object]) -> float:
    """Give the CPU seconds that some work takes in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start
