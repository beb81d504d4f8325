"""CGV art. 9: what a month costs when it was not used from end to end."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.invoices.proration import prorate
from chalicelib.foundation.civil_time import BillingMonth

FEBRUARY, APRIL = BillingMonth(2026, 2), BillingMonth(2026, 4)

months = st.builds(BillingMonth, st.integers(2020, 2060), st.integers(1, 12))
prices = st.integers(0, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.mark.contract("BIL-1")
@pytest.mark.parametrize(
    ("price", "days", "month", "charged"),
    [
        pytest.param("29.90", 30, APRIL, "29.90", id="a full month costs the fee"),
        # 29,90 × 19 / 28 = 20,2892…
        pytest.param("29.90", 19, FEBRUARY, "20.29", id="19 days of 28"),
        # 0,15 × 1 / 30 = 0,005
        pytest.param("0.15", 1, APRIL, "0.01", id="half a cent goes up"),
        # 0,14 × 1 / 30 = 0,00467
        pytest.param("0.14", 1, APRIL, "0.00", id="less than half goes down"),
        pytest.param("29.90", 0, APRIL, "0.00", id="no day, nothing"),
    ],
)
def test_days_are_charged_to_the_cent(
    price: str, days: int, month: BillingMonth, charged: str
) -> None:
    # Given a price and days, when the month is split
    split = prorate(Decimal(price), days, month)
    # Then
    assert split.charged == Decimal(charged)
    assert split.charged + split.credited == Decimal(price)


@pytest.mark.contract("BIL-1")
@given(prices, months, st.data())
def test_an_amount_is_the_exact_share_rounded_once_half_up(
    price: Decimal, month: BillingMonth, data: st.DataObject
) -> None:
    # Given any price and number of days
    days = data.draw(st.integers(0, month.day_count))
    # When the month is split
    charged = prorate(price, days, month).charged
    # Then, in exact fractions: never more than half a cent off, and up when just half
    exact = Fraction(price) * days / month.day_count
    assert -Fraction(1, 200) <= exact - Fraction(charged) < Fraction(1, 200)
    assert charged.as_tuple().exponent == -2


@pytest.mark.contract("BIL-1")
@given(prices, months)
def test_a_full_month_costs_exactly_the_fee(price: Decimal, month: BillingMonth) -> None:
    # Given any price, when all days are charged, then
    assert prorate(price, month.day_count, month).charged == price


@given(prices, months)
def test_a_day_more_never_costs_less(price: Decimal, month: BillingMonth) -> None:
    # Given every number of days, in order
    charges = [prorate(price, days, month).charged for days in range(month.day_count + 1)]
    # Then
    assert charges == sorted(charges)


@pytest.mark.parametrize(("price", "days"), [("-1.00", 3), ("29.905", 3), ("29.90", 31), ("1", -1)])
def test_what_makes_no_sense_is_refused(price: str, days: int) -> None:
    with pytest.raises(ValueError, match=r"price|days"):
        prorate(Decimal(price), days, APRIL)
