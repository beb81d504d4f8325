"""Euros and cents."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.money import from_cents, round_half_up, to_cents


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("0.005", "0.01"), ("2.675", "2.68"), ("-0.005", "-0.01"), ("1.0049999", "1.00")],
)
def test_half_a_cent_is_rounded_up(exact: str, rounded: str) -> None:
    assert round_half_up(Decimal(exact)) == Decimal(rounded)


@given(st.integers(-(10**9), 10**9))
def test_cents_survive_the_way_to_euros_and_back(cents: int) -> None:
    assert to_cents(from_cents(cents)) == cents


def test_a_fraction_of_a_cent_is_not_an_amount() -> None:
    with pytest.raises(ValueError, match="whole number of cents"):
        to_cents(Decimal("0.001"))
