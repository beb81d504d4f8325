"""Amounts and percentages as operators type them: read for what they mean, or refused."""

from decimal import Decimal

import pytest

from chalicelib.console.framework.euros import read_cents
from chalicelib.console.framework.typed_fields import TypedFields
from chalicelib.foundation.errors import FieldErrors

MOST = 10_000_000


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("40", 4000),
        ("40,5", 4050),
        ("299.90", 29990),
        ("1\u202f300,00\u00a0€", 130_000),
        ("0", 0),
        ("100 000", MOST),
    ],
)
def test_an_amount_is_read_to_the_cent(typed: str, cents: int) -> None:
    assert read_cents("amount", typed, MOST) == cents


@pytest.mark.contract("PAY-4", "BIL-5", "BIL-9")
@pytest.mark.parametrize("typed", ["1,000", "1.000", "1.000,00", "2,340", "0,001", "12,345"])
def test_what_may_be_a_thousand_or_one_is_refused(typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_cents("amount", typed, MOST)
    assert "deux décimales" in refused.value.errors["amount"]


@pytest.mark.parametrize("typed", ["", "dix", "1e3", "1_000", "\uff11", "NaN", "Infinity", "5,5,5"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_cents("amount", typed, MOST)
    assert "Indiquez un montant" in refused.value.errors["amount"]


@pytest.mark.parametrize("typed", ["-1", "100000,01", "9" * 15])
def test_an_amount_beyond_the_limits_is_refused(typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_cents("amount", typed, MOST)
    assert "limites" in refused.value.errors["amount"]


def test_a_percentage_is_read_or_refused() -> None:
    fields = TypedFields({"discount": "12,5 %", "legal": "1e1", "ecb": "1_0"})
    assert fields.percent("discount") == Decimal("12.5")
    for name in ("legal", "ecb"):
        fields.percent(name)
    assert set(fields.errors) == {"legal", "ecb"}
