"""Token buckets: so many tries at once, then one more each so often."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.access.attempts import TRY, Bucket, BucketPolicy, TooManyAttempts, taken

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
FIVE_THEN_ONE_A_MINUTE = BucketPolicy("tests", 5, timedelta(minutes=1))


def full() -> Bucket:
    return Bucket("b", FIVE_THEN_ONE_A_MINUTE.full, NOON)


@pytest.mark.contract("ACC-3")
def test_five_tries_at_once_then_one_a_minute() -> None:
    # Given five tries at noon
    bucket = full()
    for _ in range(5):
        [bucket] = taken([(bucket, FIVE_THEN_ONE_A_MINUTE)], NOON)
    # When a sixth comes 45 s later, then it must wait the 15 s left
    with pytest.raises(TooManyAttempts) as refused:
        taken([(bucket, FIVE_THEN_ONE_A_MINUTE)], NOON + timedelta(seconds=45))
    assert refused.value.retry_at == NOON + timedelta(minutes=1)
    assert refused.value.values == {"seconds": 15}
    # When it comes at the minute, then it is allowed
    assert taken([(bucket, FIVE_THEN_ONE_A_MINUTE)], refused.value.retry_at)


def test_nothing_is_taken_of_one_bucket_when_the_other_is_empty() -> None:
    empty = Bucket("e", 0, NOON)

    with pytest.raises(TooManyAttempts):
        taken([(full(), FIVE_THEN_ONE_A_MINUTE), (empty, FIVE_THEN_ONE_A_MINUTE)], NOON)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60))
def test_no_rhythm_of_tries_gets_more_than_the_policy_allows(pauses: list[int]) -> None:
    # Given tries at any rhythm
    bucket, now, allowed = full(), NOON, 0
    for seconds in pauses:
        now += timedelta(seconds=seconds)
        try:
            [bucket] = taken([(bucket, FIVE_THEN_ONE_A_MINUTE)], now)
            allowed += 1
        except TooManyAttempts:
            continue
    # Then no more pass than the capacity and one a minute
    assert allowed <= 5 + (now - NOON) / timedelta(minutes=1)
    assert 0 <= bucket.tokens <= 5 * TRY
