"""French working days, as delivery commitments count them (CGV art. 16; ORD-5)."""

from datetime import date

import pytest

from chalicelib.foundation.working_days import add_working_days, is_working_day


@pytest.mark.contract("ORD-5")
@pytest.mark.parametrize(
    ("confirmed", "count", "due"),
    [
        # Monday 23 November: 24 25 26 27, 30, 1, 2 December
        pytest.param(date(2026, 11, 23), 7, date(2026, 12, 2), id="desktop"),
        # 25 December and 1 January are holidays
        pytest.param(date(2026, 11, 23), 30, date(2027, 1, 6), id="pods"),
        pytest.param(date(2026, 5, 7), 1, date(2026, 5, 11), id="8 May, then a week-end"),
        pytest.param(date(2026, 11, 23), 0, date(2026, 11, 23), id="no delay"),
    ],
)
def test_a_delay_skips_week_ends_and_public_holidays(
    confirmed: date, count: int, due: date
) -> None:
    assert add_working_days(confirmed, count) == due


def test_easter_monday_is_no_working_day() -> None:
    assert not is_working_day(date(2026, 4, 6))
    assert is_working_day(date(2026, 4, 7))


def test_a_negative_delay_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        add_working_days(date(2026, 11, 23), -1)
