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
    goal: float

    def __str__(self) -> str:
        met = "met" if self.measured <= self.goal else "NOT MET"
        return f"{self.name:58} {self.measured:6.2f}  goal {self.goal:5.2f}  {met}"


def ratio(ours: Callable[[], float], floor: Callable[[], float], rounds: int) -> float:
    """Measure both in turn; give the ratio of their medians."""
    pairs = [(ours(), floor()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def timed(work: Callable[[], object]) -> float:
    """Give the CPU seconds that some work takes in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start
