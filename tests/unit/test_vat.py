"""VAT by place and status, from the dated table (BIL-10)."""

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.accounts.clients.account import AccountKind
from chalicelib.billing.vat.rules import VatByAddress, VatFacts, place_of, rate_for
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


CONFIRMED, AT_HOME = VatFacts(number_is_confirmed=True), VatFacts(taxed_at_home=True)


@pytest.mark.contract("BIL-10")
def test_a_confirmed_number_of_the_union_is_reverse_charge() -> None:
    # Given a company in Belgium whose number VIES confirmed
    vat = rate_for(COMPANY, "BE", "1000", TODAY, CONFIRMED)
    # Then 0 %, category AE, and the mention the law wants
    assert (vat.rate_percent, vat.category, vat.mention) == (Decimal(0), "AE", "Autoliquidation")
    # And a confirmed number changes nothing in France, nor outside the Union
    assert rate_for(COMPANY, "FR", "69002", TODAY, CONFIRMED).rate_percent == 20
    assert rate_for(COMPANY, "CH", "1200", TODAY, CONFIRMED).category == "O"
    # Nor for a consumer
    assert rate_for(CONSUMER, "BE", "1000", TODAY, CONFIRMED).rate_percent == 20


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    ("country", "on", "rate"),
    [
        ("DE", TODAY, "19"),
        ("LU", TODAY, "17"),
        ("HU", TODAY, "27"),
        ("FI", date(2024, 8, 31), "24"),
        ("FI", date(2024, 9, 1), "25.5"),
        ("SK", date(2024, 12, 31), "20"),
        ("SK", date(2025, 1, 1), "23"),
        ("EE", date(2025, 6, 30), "22"),
        ("EE", date(2025, 7, 1), "24"),
        ("RO", date(2025, 7, 31), "19"),
        ("RO", date(2025, 8, 1), "21"),
    ],
)
def test_a_consumer_taxed_at_home_pays_the_rate_of_the_day_there(
    country: str, on: date, rate: str
) -> None:
    vat = rate_for(CONSUMER, country, "1000", on, AT_HOME)
    assert (vat.rate_percent, vat.category, vat.country) == (Decimal(rate), "S", country)
    # And a professional never does
    assert rate_for(COMPANY, country, "1000", on, AT_HOME).country == "FR"


@pytest.mark.contract("BIL-10")
def test_every_member_state_has_its_rate() -> None:
    # Given the 26 other member states, then each has a rate above 15 %, the least allowed
    states = "AT BE BG CY CZ DE DK EE ES FI GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    for country in states.split():
        assert place_of(country, "1000") == "union"
        assert rate_for(CONSUMER, country, "1000", TODAY, AT_HOME).rate_percent >= 15


@pytest.mark.contract("BIL-10")
def test_parts_of_member_states_outside_the_vat_territory_are_outside() -> None:
    # Given the Canaries, Ceuta, Büsingen, Livigno and Åland
    for country, code in [
        *(("ES", "35001"), ("ES", "51001"), ("DE", "78266"), ("IT", "23041"), ("FI", "22100"))
    ]:
        assert rate_for(CONSUMER, country, code, TODAY).category == "O"
    assert rate_for(CONSUMER, "ES", "28001", TODAY).category == "S"


@pytest.mark.contract("BIL-10")
def test_consumers_overseas_follow_the_setting() -> None:
    # Given a consumer in Guadeloupe, then by default the rate of the place
    assert rate_for(CONSUMER, "FR", "97110", TODAY).rate_percent == Decimal("8.5")
    # And the supplier's when the setting says so, which professionals never pay
    supplier = VatFacts(overseas_as_supplier=True)
    assert rate_for(CONSUMER, "FR", "97110", TODAY, supplier).rate_percent == 20
    assert rate_for(CONSUMER, "FR", "97600", TODAY, supplier).rate_percent == 20
    assert rate_for(COMPANY, "FR", "97110", TODAY, supplier).rate_percent == Decimal("8.5")


@pytest.mark.contract("BIL-10")
def test_before_the_table_begins_there_is_no_rate() -> None:
    with pytest.raises(DomainError):
        rate_for(COMPANY, "FR", "69002", date(2013, 12, 31))


def test_prices_shown_take_the_same_rate() -> None:
    assert VatByAddress().rate_for(an_account(), TODAY) == Decimal(20)
