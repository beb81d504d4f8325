"""VAT by place and status, from the dated table (BIL-10)."""

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.accounts.account import AccountKind
from chalicelib.billing.vat import VatTable, rate_for
from chalicelib.foundation.errors import DomainError
from tests.fakes.billing import an_account

TODAY = date(2026, 11, 5)
COMPANY, CONSUMER = AccountKind.COMPANY, AccountKind.CONSUMER


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    ("kind", "country", "postal_code", "rate", "category"),
    [
        pytest.param(COMPANY, "FR", "69002", "20", "S", id="mainland"),
        pytest.param(CONSUMER, "FR", "75011", "20", "S", id="mainland, consumer"),
        pytest.param(COMPANY, "FR", "20000", "20", "S", id="Corsica"),
        pytest.param(COMPANY, "MC", "98000", "20", "S", id="Monaco"),
        pytest.param(COMPANY, "FR", "97110", "8.5", "S", id="Guadeloupe"),
        pytest.param(COMPANY, "FR", "97200", "8.5", "S", id="Martinique"),
        pytest.param(COMPANY, "RE", "97400", "8.5", "S", id="Réunion"),
        pytest.param(COMPANY, "FR", "97300", "0", "E", id="Guyane"),
        pytest.param(COMPANY, "FR", "97600", "0", "E", id="Mayotte"),
        pytest.param(COMPANY, "FR", "97150", "0", "O", id="Saint-Martin is not Guadeloupe"),
        pytest.param(COMPANY, "FR", "98800", "0", "O", id="New Caledonia"),
        pytest.param(COMPANY, "BE", "1000", "20", "S", id="Union, number not confirmed"),
        pytest.param(CONSUMER, "DE", "10115", "20", "S", id="Union, consumer"),
        pytest.param(COMPANY, "BE", "9711", "20", "S", id="a foreign code is no French place"),
        pytest.param(COMPANY, "CH", "1200", "0", "O", id="outside the Union"),
    ],
)
def test_the_rate_follows_the_place(
    kind: AccountKind, country: str, postal_code: str, rate: str, category: str
) -> None:
    # Given a client there, when the rate is asked
    vat = rate_for(kind, country, postal_code, TODAY)
    # Then
    assert (vat.rate_percent, vat.category) == (Decimal(rate), category)
    # And what bears no VAT says why
    assert bool(vat.mention) == (vat.rate_percent == 0)


@pytest.mark.contract("BIL-10")
def test_before_the_table_begins_there_is_no_rate() -> None:
    with pytest.raises(DomainError):
        rate_for(COMPANY, "FR", "69002", date(2013, 12, 31))


def test_prices_shown_take_the_same_rate() -> None:
    assert VatTable().rate_for(an_account(), TODAY) == Decimal(20)
