"""The local clock: what falls due on the way is fired in order, at its own "now", once."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.foundation.civil_time import PARIS
from chalicelib.schedule import ScheduledJob
from infra.local.clock.clock_keeper import ClockKeeper
from infra.local.clock.shifted_clock import ShiftedClock
from tests.fakes.clock import paris

DAILY = ScheduledJob("daily", "", "15 0 *", lambda services: None)
MONTHLY = ScheduledJob("monthly", "", "0 5 1", lambda services: None)
FREQUENT = ScheduledJob("frequent", "", "*/5 * *", lambda services: None)
JOBS = (FREQUENT, DAILY, MONTHLY)


class Firings:
    """Notes each firing with the "now" it happened at."""

    def __init__(self, clock: ShiftedClock) -> None:
        self._clock = clock
        self.all: list[tuple[str, str]] = []
        self.settled = 0

    def fire(self, job: ScheduledJob) -> None:
        now: datetime = self._clock.now().astimezone(PARIS)
        self.all.append((job.name, f"{now:%m-%d %H:%M}"))
        if job is MONTHLY:
            raise ConnectionError("the cloud is away")

    def settle(self) -> None:
        self.settled += 1

    def of(self, job: ScheduledJob) -> list[str]:
        return [at for name, at in self.all if name == job.name]


def keeper_at(path: Path, begins: str) -> tuple[ClockKeeper, Firings]:
    clock = ShiftedClock()
    firings = Firings(clock)
    keeper = ClockKeeper(clock, firings.fire, firings.settle, path, JOBS)
    keeper.begin_at(paris(begins))
    return keeper, firings


def test_moving_fires_each_instant_at_its_own_now_through_the_clock_change(tmp_path: Path) -> None:
    # Given a clock in October, when it is moved over the night of 25 hours and a month's end
    keeper, firings = keeper_at(tmp_path / "clock.json", "2026-10-24 12:00")
    keeper.move_to(paris("2026-11-01 10:00"))
    # Then each day was fired once, when it was that time
    assert firings.of(DAILY) == [
        *(f"10-{day} 00:15" for day in range(25, 32)),
        "11-01 00:15",
    ]
    assert firings.of(MONTHLY) == ["11-01 05:00"]
    # everything came to rest before time went on, and "now" is where it was asked to be
    assert firings.settled >= len(firings.of(DAILY)) + 1
    assert keeper.clock.now() - paris("2026-11-01 10:00") < timedelta(minutes=10)
    # What is under way at departure is soon looked at, and again at arrival
    assert firings.of(FREQUENT)[:2] == ["10-24 12:05", "10-24 12:10"]
    assert firings.of(FREQUENT)[-1] == "11-01 10:00"


def test_a_job_that_fails_says_so_and_stops_nothing(tmp_path: Path) -> None:
    keeper, firings = keeper_at(tmp_path / "clock.json", "2026-10-31 12:00")
    keeper.move_to(paris("2026-11-02 12:00"))
    assert keeper.last_runs["monthly"].outcome == "ConnectionError: the cloud is away"
    assert firings.of(DAILY) == ["11-01 00:15", "11-02 00:15"]


def test_the_clock_never_goes_back(tmp_path: Path) -> None:
    keeper, _ = keeper_at(tmp_path / "clock.json", "2026-11-05 12:00")
    keeper.move_to(paris("2026-11-01 12:00"))
    assert keeper.clock.now() >= paris("2026-11-05 12:00")


def test_what_fell_due_while_nothing_ran_is_fired_once(tmp_path: Path) -> None:
    # Given a clock ahead of the real time, kept when its stack stopped three days ago
    path = tmp_path / "clock.json"
    keeper, _ = keeper_at(path, "2026-11-05 12:00")
    keeper.stop()
    kept = json.loads(path.read_text())
    before = datetime.fromisoformat(kept["followed_to"]) - timedelta(days=3)
    path.write_text(json.dumps({**kept, "followed_to": before.isoformat()}))
    # When it starts again and looks twice
    clock = ShiftedClock()
    firings = Firings(clock)
    again = ClockKeeper(clock, firings.fire, firings.settle, path, JOBS)
    again.tick()
    again.tick()
    # Then "now" is where it was, and each job due meanwhile has run once, now
    assert clock.now() - paris("2026-11-05 12:00") < timedelta(minutes=10)
    assert firings.all == [("frequent", "11-05 12:00"), ("daily", "11-05 12:00")]


def test_a_movement_cut_short_does_not_take_time_back(tmp_path: Path) -> None:
    # Given a clock that is killed on its way, while a job of the 28th runs
    path = tmp_path / "clock.json"
    clock = ShiftedClock()

    def killed(job: ScheduledJob) -> None:
        if clock.now() > paris("2026-10-28 00:00"):
            raise SystemExit

    keeper = ClockKeeper(clock, killed, lambda: None, path, JOBS)
    keeper.begin_at(paris("2026-10-24 12:00"))
    with pytest.raises(SystemExit):
        keeper.move_to(paris("2026-11-01 10:00"))
    # When it starts again, then "now" is no earlier than the last thing done
    again = ShiftedClock()
    ClockKeeper(again, lambda job: None, lambda: None, path, JOBS)
    assert again.now() >= paris("2026-10-27 00:15")


def test_a_job_can_be_run_by_hand(tmp_path: Path) -> None:
    keeper, firings = keeper_at(tmp_path / "clock.json", "2026-11-05 12:00")
    assert keeper.run("daily").outcome == "done"
    assert firings.all == [("daily", "11-05 12:00")]
