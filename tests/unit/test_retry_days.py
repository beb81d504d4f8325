"""When a refused card is tried again (PAY-3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.civil_time import paris_day
from chalicelib.payments.collection.retry_days import next_retry_on, retry_due_on
from chalicelib.payments.money.payment import Collection, CollectionState
from tests.fakes.clock import paris

FIRST = paris("2026-11-01 05:00")
RETRY_DAYS = (3, 7, 14, 21)
DAYS = [date(2026, 11, 1) + timedelta(days=count) for count in RETRY_DAYS]


def a_declined_collection(*, last_attempt: str = "2026-11-01 05:00") -> Collection:
    """Build a collection refused on 1 November, last tried then unless told otherwise."""
    return Collection(
        invoice_id="inv_1",
        account_id="acc_1",
        number="F-2026-000001",
        amount_cents=3480,
        state=CollectionState.DECLINED,
        opened_at=FIRST,
        attempts=1,
        first_declined_at=FIRST,
        last_attempt_at=paris(last_attempt),
    )


@pytest.mark.contract("PAY-3")
@pytest.mark.parametrize(
    ("today", "last_attempt", "due"),
    [
        pytest.param("2026-11-03", "2026-11-01 05:00", None, id="two days later: not yet"),
        pytest.param("2026-11-04", "2026-11-01 05:00", "2026-11-04", id="the third day"),
        pytest.param("2026-11-04", "2026-11-04 09:00", None, id="tried that day: not again"),
        pytest.param("2026-11-06", "2026-11-01 05:00", "2026-11-04", id="missed: caught up"),
        pytest.param("2026-11-20", "2026-11-01 05:00", "2026-11-15", id="several missed: one try"),
        pytest.param("2026-11-22", "2026-11-15 09:00", "2026-11-22", id="the last, day 21"),
        pytest.param("2026-12-30", "2026-11-22 09:00", None, id="then no more"),
    ],
)
def test_a_refused_card_is_tried_on_days_3_7_14_and_21(
    today: str, last_attempt: str, due: str | None
) -> None:
    collection = a_declined_collection(last_attempt=last_attempt)
    expected = date.fromisoformat(due) if due else None
    assert retry_due_on(collection, date.fromisoformat(today), DAYS) == expected


def test_what_is_paid_is_not_tried_again() -> None:
    paid = replace(a_declined_collection(), state=CollectionState.SETTLED)
    assert retry_due_on(paid, date(2026, 11, 30), DAYS) is None
    assert next_retry_on(paid, date(2026, 11, 2), DAYS) is None


def test_the_client_is_told_the_next_day() -> None:
    collection = a_declined_collection()
    assert next_retry_on(collection, date(2026, 11, 2), DAYS) == date(2026, 11, 4)
    assert next_retry_on(collection, date(2026, 11, 4), DAYS) == date(2026, 11, 4)
    assert next_retry_on(collection, date(2026, 11, 6), DAYS) == date(2026, 11, 6)
    tried = a_declined_collection(last_attempt="2026-11-22 09:00")
    assert next_retry_on(tried, date(2026, 11, 22), DAYS) is None


@pytest.mark.contract("PAY-3")
@given(st.sets(st.integers(0, 40)))
def test_whatever_days_the_job_runs_each_retry_day_is_tried_at_most_once(days: set[int]) -> None:
    # Given the job woken on those days only
    collection, tried = a_declined_collection(), []
    for day in sorted(days):
        now = FIRST + timedelta(days=day)
        if due := retry_due_on(collection, paris_day(now), DAYS):
            tried.append(due)
            collection = replace(collection, last_attempt_at=now)
    # Then a retry day is tried once or not at all, never before it comes
    assert len(tried) == len(set(tried)) <= len(RETRY_DAYS)
    reached = [day for day in RETRY_DAYS if days and day <= max(days)]
    assert bool(tried) == bool(reached)
