"""VAT on the sum of the lines of each rate (BIL-10)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.invoices.totals import totals_of
from chalicelib.billing.vat.rules import VatTreatment

TWENTY, REDUCED = VatTreatment(Decimal(20)), VatTreatment(Decimal("8.5"))
NONE = VatTreatment(Decimal(0), "E", "TVA non applicable")

amounts = st.lists(
    st.tuples(st.integers(0, 5_000_000), st.sampled_from([TWENTY, REDUCED, NONE])), max_size=30
)


@pytest.mark.contract("BIL-10")
def test_vat_is_on_the_sum_not_on_each_line() -> None:
    # Given two lines of 68,33 €: 13,67 of VAT each by itself, 27,34 together
    totals = totals_of([(6833, TWENTY), (6833, TWENTY)])
    # Then VAT is 136,66 × 20 % = 27,332, that is 27,33
    assert (totals.excl_vat_cents, totals.vat_cents, totals.incl_vat_cents) == (13666, 2733, 16399)


@pytest.mark.contract("BIL-10")
def test_each_rate_has_its_own_sum() -> None:
    # Given lines at two rates, when added up
    totals = totals_of([(1000, REDUCED), (1000, TWENTY), (50, TWENTY), (333, NONE)])
    # Then the highest rate comes first: 10,50 × 20 % = 2,10; 10,00 × 8,5 % = 0,85; none
    assert [(p.vat.rate_percent, p.base_cents, p.vat_cents) for p in totals.by_rate] == [
        (Decimal(20), 1050, 210),
        (Decimal("8.5"), 1000, 85),
        (Decimal(0), 333, 0),
    ]
    assert totals.incl_vat_cents == 2383 + 295


@pytest.mark.contract("BIL-10")
@given(amounts)
def test_totals_hold_whatever_the_lines(lines: list[tuple[int, VatTreatment]]) -> None:
    # Given any lines, when added up
    totals = totals_of(lines)
    # Then nothing is lost, and each VAT is within half a cent of the exact one, half going up
    assert totals.excl_vat_cents == sum(cents for cents, _ in lines)
    assert totals.incl_vat_cents == totals.excl_vat_cents + totals.vat_cents
    assert totals.vat_cents == sum(part.vat_cents for part in totals.by_rate)
    for part in totals.by_rate:
        exact = Fraction(part.base_cents) * Fraction(part.vat.rate_percent) / 100
        assert -Fraction(1, 2) < exact - part.vat_cents + Fraction(0) < Fraction(1, 2) or (
            part.vat_cents - exact == Fraction(1, 2)
        )


@given(amounts, st.randoms())
def test_the_order_of_lines_does_not_matter(lines: list[tuple[int, VatTreatment]], rng) -> None:  # type: ignore[no-untyped-def]
    # Given the same lines in another order
    shuffled = list(lines)
    rng.shuffle(shuffled)
    # Then
    assert totals_of(shuffled) == totals_of(lines)
