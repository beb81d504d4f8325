"""VAT of a client and of the Union, and the accredited platform, page by page (BIL-10, BIL-11)."""

import re
from dataclasses import replace

import pytest

from chalicelib.accounts.clients.account import Account, User
from chalicelib.billing.papers.platform_status import PlatformStatus
from tests.fakes.accounts import a_consumer, an_account, an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.clock import paris
from tests.fakes.papers import IN_GERMANY, a_line, abroad, an_issued_invoice
from tests.fakes.world import World

BELGIAN = "BE0123456749"


def a_belgian(world: World) -> tuple[Account, User]:
    return an_account(
        world, country="BE", postal_code="1000", phone="+3225550123", siren="", vat_number=BELGIAN
    )


def a_german(world: World) -> tuple[Account, User]:
    return a_consumer(world, country="DE", postal_code="10115", phone="+33199001234")


@pytest.fixture
def office(browsing: Browsing) -> Browsing:
    """A console where an operator is signed in."""
    signed_in(browsing, an_operator(browsing.world))
    return browsing


# --- the client -----------------------------------------------------------------------------------


@pytest.mark.contract("BIL-10", "CON-1")
def test_a_french_client_sees_its_rate_and_nothing_to_check(browsing: Browsing) -> None:
    _, owner = an_account(browsing.world)
    signed_in(browsing, owner)
    assert "/account/tax" in browsing.get("/account").text
    browsing.get("/account/tax")
    assert re.findall(r">\s*(\S+)\s%\s*<", browsing.text) == ["20"]
    assert "VIES" not in browsing.text
    # And asking for a check is refused with what to do
    browsing.post("/account/tax/check")
    assert browsing.status == 422
    assert "autre État de l’Union" in browsing.text


@pytest.mark.contract("BIL-10", "CON-1")
def test_a_belgian_company_has_its_number_checked(browsing: Browsing) -> None:
    # Given a number that VIES knows, and that nobody checked
    world = browsing.world
    world.adapters.vies.valid.add(BELGIAN)
    _, owner = a_belgian(world)
    signed_in(browsing, owner)
    assert "À vérifier" in browsing.get("/account/tax").text
    # When the client asks for it
    browsing.post("/account/tax/check").follow()
    # Then it is confirmed, without VAT, the consultation number shown
    for text in ("Confirmé par VIES", "WAPI000001", "Autoliquidation", "hors TVA"):
        assert text in browsing.text
    # And VIES is not asked over and over
    browsing.post("/account/tax/check")
    assert browsing.status == 422
    assert "dans une minute" in browsing.text
    assert world.adapters.vies.asked == [BELGIAN]


@pytest.mark.contract("BIL-10")
def test_vies_down_is_said(browsing: Browsing) -> None:
    _, owner = a_belgian(browsing.world)
    browsing.world.adapters.vies.down = "MS_UNAVAILABLE"
    signed_in(browsing, owner)
    browsing.post("/account/tax/check").follow()
    for text in ("VIES ne répond pas", "MS_UNAVAILABLE", "TVA française"):
        assert text in browsing.text


# --- operators ------------------------------------------------------------------------------------


@pytest.mark.contract("BIL-10", "OPS-1")
def test_an_operator_sees_clients_of_the_union_and_the_threshold(office: Browsing) -> None:
    # Given a Belgian company and a German consumer, found by the daily job, and 29 € supplied
    world = office.world
    belgian, _ = a_belgian(world)
    german, _ = a_german(world)
    world.services.taxes.vat.check_due()
    invoice = an_issued_invoice((a_line(vat=IN_GERMANY),), **abroad("DE", kind=german.kind))
    counted = replace(invoice, account_id=german.id)
    world.services.base.work.commit(*world.services.taxes.vat.counted(counted))
    # Then both are listed, with the year's total and what Germany is owed: 29 × 19 % = 5,51
    office.get("/operator/vat")
    for text in (belgian.name, german.name, "10\u202f000,00", "29,00", "5,51"):
        assert text in office.text, text
    # And the return is a CSV
    office.get("/operator/vat/oss/2026")
    assert office.text.splitlines()[1] == (
        "F-2026-000412;2026-10;DE;DE;19;29,00;5,51;address:DE phone:FR"
    )
    for year in ("2020", "2027", "all"):
        assert office.get(f"/operator/vat/oss/{year}").status == 404


@pytest.mark.contract("BIL-10", "OPS-1")
def test_an_operator_records_where_a_consumer_is(office: Browsing) -> None:
    german, _ = a_german(office.world)
    page = f"/operator/vat/{german.id}"
    # Given an address in Germany and a French telephone: not proved
    assert "Pays non établi" in office.get(page).text
    # When a form says nothing, it comes back with its errors and what was typed
    office.post(f"{page}/proofs", {"kind": "bank", "country": "Allemagne", "detail": "IBAN"})
    assert office.status == 422
    assert 'id="country-error"' in office.text
    assert 'value="Allemagne"' in office.text
    # When it is right, then the proof is listed
    office.post(f"{page}/proofs", {"kind": "bank", "country": "DE", "detail": "IBAN DE…"}).follow()
    assert "Pays du compte bancaire" in office.text
    assert office.get("/operator/vat/acc_unknown").status == 404


@pytest.mark.contract("BIL-10", "OPS-1")
def test_an_operator_asks_vies(office: Browsing) -> None:
    belgian, _ = a_belgian(office.world)
    office.post(f"/operator/vat/{belgian.id}/check").follow()
    assert "Inconnu de VIES" in office.text


def handed_over(world: World, number: str = "F-2026-000412") -> None:
    """Have an invoice at the platform."""
    account, _ = an_account(world)
    status = PlatformStatus(number, "inv_1", account.id, paris("2026-11-01 06:00"))
    storage = world.services.papers.platform.storage
    world.services.base.work.commit(storage.save_platform_status(status))


@pytest.mark.contract("BIL-11", "OPS-1")
def test_statuses_are_taken_back_by_hand_and_shown(office: Browsing) -> None:
    # Given an invoice handed over, and a rejection left by the platform
    handed_over(office.world)
    assert "sans réponse" in office.get("/operator/platform").text
    office.world.adapters.platform.tell(
        number="F-2026-000412", status="213", at="2026-11-02T08:00:00Z", reason="SIREN inconnu"
    )
    # When the operator has the statuses taken
    office.post("/operator/platform").follow()
    assert "Les statuts sont demandés" in office.text
    office.world.pump()
    # Then it is shown with its reason
    assert "SIREN inconnu" in office.get("/operator/platform").text
    assert "Rejetée" in office.get("/operator/platform/F-2026-000412").text


@pytest.mark.contract("BIL-11", "OPS-1")
def test_a_status_is_recorded_by_hand(office: Browsing) -> None:
    handed_over(office.world)
    page = "/operator/platform/F-2026-000412"
    # A collection without its amount is refused beside the fields
    for amount in ("1,000", "beaucoup"):
        office.post(page, {"code": "212", "reason": "", "amount": amount, "rate": "20"})
        assert 'id="amount-error"' in office.text
    assert office.status == 422
    assert 'id="amount-error"' in office.text
    assert 'value="beaucoup"' in office.text
    # With it, it is there
    office.post(page, {"code": "212", "reason": "", "amount": "34,80", "rate": "20"}).follow()
    assert "34,80" in office.text
    assert office.get("/operator/platform/F-0").status == 404
