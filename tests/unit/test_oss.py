"""From which supply on consumers of the Union are taxed at home (BIL-10)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.one_stop_shop.oss import (
    WHOLE_MONTH,
    OssLine,
    by_country_and_rate,
    decide,
    total_cents,
)
from chalicelib.foundation.civil_time import BillingMonth

NOVEMBER = BillingMonth.parse("2026-11")
THRESHOLD = 1_000_000  # 10 000 €


def deciding(
    opening: int = 0, supplies: tuple[tuple[str, int], ...] = (), previous: int = 0
) -> str:
    decided = decide(
        NOVEMBER,
        previous_year_cents=previous,
        opening_cents=opening,
        supplies=supplies,
        threshold_cents=THRESHOLD,
    )
    return decided.from_account


@pytest.mark.contract("BIL-10")
def test_below_and_at_the_threshold_france_taxes() -> None:
    # Given 9 000 € before and 1 000 € in the month: exactly 10 000 €, not above
    assert deciding(900_000, (("acc_a", 40_000), ("acc_b", 60_000))) == ""


@pytest.mark.contract("BIL-10")
def test_the_supply_that_crosses_is_taxed_at_home_and_those_after_it() -> None:
    # Given 9 990 € before; a uses 9 € (9 999), b 2 € (10 001: crosses), c 5 €
    supplies = (("acc_c", 500), ("acc_a", 900), ("acc_b", 200))
    decided = decide(
        NOVEMBER,
        previous_year_cents=0,
        opening_cents=999_000,
        supplies=supplies,
        threshold_cents=THRESHOLD,
    )
    # Then in the order of accounts: a stays French, b and c are taxed at home
    assert [decided.taxes_at_home(each) for each in ("acc_a", "acc_b", "acc_c")] == [
        *(False, True, True)
    ]


@pytest.mark.contract("BIL-10")
def test_crossed_before_the_whole_month_is_taxed_at_home() -> None:
    assert deciding(1_000_001) == WHOLE_MONTH
    # And above it the year before, all of this year
    assert deciding(previous=1_000_001) == WHOLE_MONTH
    assert deciding(previous=1_000_000) == ""


@given(
    st.integers(0, 1_100_000),
    st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 400_000), max_size=8),
)
def test_what_stays_french_never_exceeds_the_threshold(
    opening: int, supplies: dict[str, int]
) -> None:
    decided = decide(
        NOVEMBER,
        previous_year_cents=0,
        opening_cents=opening,
        supplies=supplies.items(),
        threshold_cents=THRESHOLD,
    )
    french = [cents for each, cents in supplies.items() if not decided.taxes_at_home(each)]
    assert opening + sum(french) <= THRESHOLD or not french


@pytest.mark.contract("BIL-10")
def test_the_return_adds_up_by_country_and_rate() -> None:
    def line(country: str, rate: str, base: int, vat: int) -> OssLine:
        return OssLine("inv", "F-1", NOVEMBER, "DE", country, Decimal(rate), base, vat)

    lines = [
        line("FR", "20", 1000, 200),
        line("DE", "19", 2000, 380),
        line("DE", "19", -500, -95),
        line("AT", "20", 100, 20),
    ]
    assert total_cents(lines) == 2600
    assert by_country_and_rate(lines) == [
        ("AT", Decimal(20), 100, 20),
        ("DE", Decimal(19), 1500, 285),
    ]
