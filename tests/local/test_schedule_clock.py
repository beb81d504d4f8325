"""The local schedule: nothing lost and nothing doubled, in both nights that change the clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.civil_time import PARIS
from chalicelib.schedule import SCHEDULE, ScheduledJob
from infra.local.clock.schedule_clock import due_between, last_due, stops_between
from tests.fakes.clock import paris

DAILY = ScheduledJob("daily", "", "15 0 *", lambda services: None)
MONTHLY = ScheduledJob("monthly", "", "0 5 1", lambda services: None)
EVERY_MINUTE = ScheduledJob("every minute", "", "* * *", lambda services: None)
EVERY_FIVE = ScheduledJob("every five", "", "*/5 * *", lambda services: None)
IN_THE_CHANGED_HOUR = ScheduledJob("2:30", "", "30 2 *", lambda services: None)
ALL = (EVERY_MINUTE, EVERY_FIVE, DAILY, MONTHLY)

# Paris puts its clocks forward on 28 March 2027 (2:00 is 3:00) and back on 25 October 2026.
INSTANTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 5, 1)).map(  # noqa: DTZ001 - made UTC
    lambda moment: moment.replace(tzinfo=UTC)
)


def wall_clock(instants: list[datetime]) -> list[str]:
    return [f"{instant.astimezone(PARIS):%m-%d %H:%M}" for instant in instants]


def test_a_daily_job_is_due_once_a_paris_day_through_the_autumn_change() -> None:
    # Given three days around the night of 25 hours
    found = due_between(DAILY, paris("2026-10-24 00:15"), paris("2026-10-27 00:15"))
    # Then it is due at a quarter past midnight of each day after the first, whose time is past
    assert wall_clock(found) == ["10-25 00:15", "10-26 00:15", "10-27 00:15"]
    # and those nights are 25 and 24 hours apart in real time
    assert [after - before for before, after in pairwise(found)] == [
        timedelta(hours=25),
        timedelta(hours=24),
    ]


def test_a_time_that_comes_twice_in_autumn_is_due_once() -> None:
    found = due_between(IN_THE_CHANGED_HOUR, paris("2026-10-24 12:00"), paris("2026-10-26 12:00"))
    assert wall_clock(found) == ["10-25 02:30", "10-26 02:30"]
    # the first of the two: still in summer time
    assert found[0] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_time_that_spring_skips_is_not_due_that_day() -> None:
    # As EventBridge Scheduler does, which is why nothing is scheduled in that hour
    found = due_between(IN_THE_CHANGED_HOUR, paris("2027-03-27 12:00"), paris("2027-03-29 12:00"))
    assert wall_clock(found) == ["03-29 02:30"]


def test_our_own_schedule_keeps_out_of_the_hour_that_changes() -> None:
    assert not [job.name for job in SCHEDULE if job.hour == "2"]


def test_a_monthly_job_is_due_on_the_first() -> None:
    found = due_between(MONTHLY, paris("2026-10-01 05:00"), paris("2027-01-02 00:00"))
    assert wall_clock(found) == ["11-01 05:00", "12-01 05:00", "01-01 05:00"]


def test_a_job_of_every_minute_follows_real_time_through_both_changes() -> None:
    # Given whole Paris days of 25 and 23 hours
    autumn = due_between(EVERY_MINUTE, paris("2026-10-25 00:00"), paris("2026-10-26 00:00"))
    spring = due_between(EVERY_MINUTE, paris("2027-03-28 00:00"), paris("2027-03-29 00:00"))
    # Then each real minute counts once
    assert len(autumn) == 25 * 60
    assert len(spring) == 23 * 60


@given(st.lists(INSTANTS, min_size=3, max_size=3).map(sorted), st.sampled_from(ALL[1:]))
def test_looking_in_two_steps_finds_what_one_step_finds(
    instants: list[datetime], job: ScheduledJob
) -> None:
    start, middle, end = instants
    # However a period is cut, nothing is lost at the cut and nothing doubled
    whole = due_between(job, start, end)
    assert due_between(job, start, middle) + due_between(job, middle, end) == whole
    assert last_due(job, start, end) == (whole[-1] if whole else None)


@given(st.lists(INSTANTS, min_size=2, max_size=2).map(sorted))
def test_a_movement_stops_at_each_rare_instant_and_ends_with_the_frequent_jobs(
    instants: list[datetime],
) -> None:
    start, end = instants
    stops = stops_between(ALL, start, end)
    # Rare jobs run at exactly their instants, in order
    for job in (DAILY, MONTHLY):
        assert [at for at, due in stops if job in due] == due_between(job, start, end)
    # Frequent ones never wait for more than a day or so, and run at the end for what is left
    times = [at for at, _ in stops]
    assert times == sorted(times)
    assert times[-1] == end
    ran = [start, *(at for at, due in stops if EVERY_MINUTE in due)]
    assert all(after - before < timedelta(hours=37) for before, after in pairwise(ran))
    assert due_between(EVERY_MINUTE, ran[-1], end) == []
