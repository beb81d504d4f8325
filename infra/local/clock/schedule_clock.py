"""When a scheduled job is due: the pure part of the local clock.

What EventBridge Scheduler does in production, in Europe/Paris: a time that the spring night skips
does not fire, and a time that the autumn night has twice fires once.  A job of every hour or every
minute follows real time through both nights.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.foundation.civil_time import PARIS
from chalicelib.schedule import ScheduledJob

_HOUR = timedelta(hours=1)
# When frequent jobs run while the clock is moved: soon, for what is under way at departure, then
# once a day or so.
_SOON = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15))
_FREQUENT_ENOUGH = timedelta(hours=12)
MINUTES = range(60)


def is_frequent(job: ScheduledJob) -> bool:
    """Tell whether a job is woken every hour or more often."""
    return job.hour == "*"


def due_between(job: ScheduledJob, after: datetime, until: datetime) -> list[datetime]:
    """Give the UTC instants at which a job is due, later than ``after``, up to ``until``."""
    return [
        instant
        for hour in _hours(after, until)
        if _is_in_hour(job, hour)
        for instant in _in_hour(job, hour)
        if after < instant <= until
    ]


def last_due(job: ScheduledJob, after: datetime, until: datetime) -> datetime | None:
    """Give the last of the instants of ``due_between``, without listing them all, or None."""
    for hour in _hours(after, until, backwards=True):
        if _is_in_hour(job, hour):
            found = [instant for instant in _in_hour(job, hour) if after < instant <= until]
            if found:
                return found[-1]
    return None


def stops_between(
    jobs: Iterable[ScheduledJob], after: datetime, until: datetime
) -> list[tuple[datetime, list[ScheduledJob]]]:
    """Give each instant at which a job is due, in order, with what to run then.

    So that a month takes seconds, frequent jobs do not run at every minute in between, but a few
    times at the beginning, once a day or so, and at the last stop, which is ``until``: each time
    for all the times they were due since the one before.  The order of ``jobs`` holds within a
    stop.
    """
    jobs = tuple(jobs)
    rare = {
        (job.name, instant)
        for job in jobs
        if not is_frequent(job)
        for instant in due_between(job, after, until)
    }
    soon = {after + wait for wait in _SOON if after + wait < until}
    stops = []
    caught_up = after
    for instant in sorted({instant for _, instant in rare} | soon | {until}):
        catches_up = instant in soon | {until} or instant - caught_up >= _FREQUENT_ENOUGH
        due = [
            job
            for job in jobs
            if (job.name, instant) in rare
            or (catches_up and is_frequent(job) and last_due(job, caught_up, instant) is not None)
        ]
        stops.append((instant, due))
        if catches_up:
            caught_up = instant
    return stops


def _hours(after: datetime, until: datetime, *, backwards: bool = False) -> Iterator[datetime]:
    """Give the beginnings of the UTC hours that the period touches.

    Paris is whole hours away from UTC, so an hour of one is an hour of the other.
    """
    first = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    count = max(0, -(-(until - first) // _HOUR) + 1)
    numbers = range(count)
    for number in reversed(numbers) if backwards else numbers:
        yield first + number * _HOUR


def _is_in_hour(job: ScheduledJob, hour: datetime) -> bool:
    local = hour.astimezone(PARIS)
    if job.day != "*" and int(job.day) != local.day:
        return False
    if job.hour == "*":
        return True
    # The second of two equal hours of the autumn night: the first one fired.
    return int(job.hour) == local.hour and local.fold == 0


def _in_hour(job: ScheduledJob, hour: datetime) -> Iterator[datetime]:
    for minute in MINUTES:
        if _matches(job.minute, minute):
            yield hour + timedelta(minutes=minute)


def _matches(field: str, minute: int) -> bool:
    if field == "*":
        return True
    if field.startswith("*/"):
        return minute % int(field[2:]) == 0
    return int(field) == minute
