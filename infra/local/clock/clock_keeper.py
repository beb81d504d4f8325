"""Fires the schedule by the local "now", and moves that "now" forward."""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.schedule import SCHEDULE, ScheduledJob
from infra.local.clock.schedule_clock import last_due, stops_between
from infra.local.clock.shifted_clock import ShiftedClock
from infra.local.state_folder import write_json

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
_LONG = timedelta(days=1, hours=2)


@dataclass(frozen=True)
class LastRun:
    """What a job last did; ``at`` is an instant of the local "now"."""

    at: str
    outcome: str


@dataclass(frozen=True)
class Movement:
    """How far a movement of the clock has come; ``error`` says why it ended early."""

    target: datetime
    done: int = 0
    total: int = 0
    is_over: bool = False


class ClockKeeper:
    """Wakes each job up when it is due, in order, one at a time.

    ``fire`` runs a job; ``settle`` returns once what it set going has come to rest.  The offset of
    the clock and the last instant the schedule was followed up to are kept in ``path``: what fell
    due while the stack was stopped is fired once when it starts again.  ``around_long`` surrounds
    a movement of more than a day, all of which is lost when it is cut short.
    """

    def __init__(  # noqa: PLR0913 - what it keeps, and what it works with
        self,
        clock: ShiftedClock,
        fire: Callable[[ScheduledJob], object],
        settle: Callable[[], object],
        path: Path,
        jobs: Iterable[ScheduledJob] = SCHEDULE,
        *,
        around_long: Callable[[], AbstractContextManager[object]] | None = None,
    ) -> None:
        self.clock = clock
        self.jobs = tuple(jobs)
        self.last_runs: dict[str, LastRun] = {}
        self.movement: Movement | None = None
        self._fire_job = fire
        self._settle = settle
        self._path = path
        self._around_long = around_long
        self._working = threading.RLock()
        self._stopping = threading.Event()
        self._followed_to = clock.now()
        self._threads: list[threading.Thread] = []
        self._load()

    # living
    def start(self) -> None:
        """Start following the clock."""
        self._spawn(self._run, "schedule")

    def stop(self) -> None:
        """Stop after the job under way, and keep where the clock is."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        with self._working:
            self._save()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.tick()
            self._stopping.wait(TICK_SECONDS)

    def _spawn(self, target: Callable[[], object], name: str) -> None:
        thread = threading.Thread(target=target, name=name)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    # firing
    def tick(self) -> None:
        """Run once each job that fell due since the schedule was last followed."""
        with self._working:
            now = self.clock.now()
            due = [job for job in self.jobs if last_due(job, self._followed_to, now)]
            self._followed_to = now
            if due:
                self._fire(due)
                self._save()

    def run(self, name: str) -> LastRun:
        """Run a job now.  Raises KeyError when there is none of that name."""
        job = {job.name: job for job in self.jobs}[name]
        with self._working:
            self._fire([job])
            self._settle()
            self._save()
        return self.last_runs[name]

    def begin_at(self, instant: datetime) -> None:
        """Set the clock where a story begins: nothing is due before."""
        with self._working:
            self.clock.start_at(instant)
            self._followed_to = instant
            self._save()

    def move_to(self, target: datetime) -> None:
        """Move "now" forward, stopping at each instant something is due to do it then."""
        with self._working:
            stops = stops_between(self.jobs, self._followed_to, max(target, self.clock.now()))
            self.movement = Movement(target, total=len(stops))
            if self._around_long is not None and target - self.clock.now() > _LONG:
                with self._around_long():
                    self._make(stops, target, saves=False)
            else:
                self._make(stops, target, saves=True)
            self.movement = Movement(target, len(stops), len(stops), is_over=True)
            self._save()

    def _make(
        self, stops: list[tuple[datetime, list[ScheduledJob]]], target: datetime, *, saves: bool
    ) -> None:
        for number, (instant, due) in enumerate(stops):
            if self._stopping.is_set():
                break
            self.clock.move_to(instant)
            self._followed_to = instant
            if due:
                self._fire(due)
                self._settle()
            if saves:  # killed on the way, time does not go back behind what was done
                self._save()
            self.movement = Movement(target, done=number + 1, total=len(stops))

    def begin_moving(self, target: datetime) -> None:
        """Start ``move_to`` without waiting; ``movement`` tells how far it has come."""
        if self.movement is None or self.movement.is_over:
            self.movement = Movement(target)
            self._spawn(lambda: self.move_to(target), "moving-clock")

    def _fire(self, jobs: list[ScheduledJob]) -> None:
        for job in jobs:
            at = self.clock.now().isoformat()
            try:
                self._fire_job(job)
            except Exception as error:
                # As EventBridge: a job that fails does not keep the next one from being woken.
                log.exception("%s failed", job.name)
                self.last_runs[job.name] = LastRun(at, f"{type(error).__name__}: {error}")
            else:
                self.last_runs[job.name] = LastRun(at, "done")

    # keeping
    def _load(self) -> None:
        kept = _kept(self._path)
        if kept is None:
            return
        self.clock.start_at(ShiftedClock(timedelta(seconds=kept["offset_seconds"])).now())
        self._followed_to = datetime.fromisoformat(kept["followed_to"])
        self.last_runs = {name: LastRun(**run) for name, run in kept["jobs"].items()}

    def _save(self) -> None:
        write_json(
            self._path,
            {
                "offset_seconds": self.clock.offset.total_seconds(),
                "followed_to": self._followed_to.isoformat(),
                "jobs": {name: asdict(run) for name, run in self.last_runs.items()},
            },
        )


def kept_offset(path: Path) -> timedelta | None:
    """Give the offset that a keeper left in its file, or None."""
    kept = _kept(path)
    return timedelta(seconds=kept["offset_seconds"]) if kept else None


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return kept
