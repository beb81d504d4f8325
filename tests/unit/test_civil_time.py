"""Paris days and months over UTC instants (CGV art. 8.1: the day is a calendar day)."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.civil_time import PARIS, BillingMonth, paris_day
from tests.fakes.clock import paris


def start_of_day(day: date) -> datetime:
    """Give the UTC instant at which a Paris day begins."""
    return datetime.combine(day, time.min, PARIS).astimezone(UTC)


def test_the_day_is_that_of_paris_not_of_utc() -> None:
    # Given half past midnight in Paris on 1 April: in UTC, still 31 March
    assert paris_day(paris("2026-04-01 00:30")) == date(2026, 4, 1)


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=2))])
def test_an_instant_not_in_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="in UTC"):
        paris_day(datetime(2026, 4, 1, tzinfo=zone))


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 29), 23, id="clocks go forward"),
        pytest.param(date(2026, 10, 25), 25, id="clocks go back"),
        pytest.param(date(2026, 11, 5), 24, id="an ordinary day"),
    ],
)
def test_a_day_begins_at_paris_midnight_whatever_its_length(day: date, hours: int) -> None:
    length = start_of_day(day + timedelta(days=1)) - start_of_day(day)
    assert length == timedelta(hours=hours)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_lies_within_its_paris_day(instant: datetime) -> None:
    day = paris_day(instant)
    assert start_of_day(day) <= instant < start_of_day(day + timedelta(days=1))


def test_months_follow_each_other_over_the_year() -> None:
    december = BillingMonth(2027, 12)
    assert december.next == BillingMonth(2028, 1)
    assert december.next.next.day_count == 29  # 2028 is a leap year
    assert december.next.previous == december
    assert (str(december), december.last_day) == ("2027-12", date(2027, 12, 31))
    assert BillingMonth.parse("2027-12") == december


@pytest.mark.parametrize(
    "text",
    [
        "2026-13",
        "2026",
        "november",
        "2026-11-01",
        "",
        "9999-12",
        "0001-01",
        "\u0662\u0660\u0662\u0666-11",
        "2026-11\n",
    ],
)
def test_what_is_not_a_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        BillingMonth.parse(text)
