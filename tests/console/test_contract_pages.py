"""Contracts and corrections of usage through the console (BIL-6, MET-3, MET-4, CAT-4)."""

import re

import pytest

from chalicelib.accounts.clients.account import Role, User
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from tests.fakes.accounts import a_user, an_account, an_operator, signed_in
from tests.fakes.billing import a_desktop
from tests.fakes.browsing import Browsing
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

NOVEMBER = BillingMonth(2026, 11)
FORM = {
    "key": "req_1",
    "reference": "Devis 2026-41",
    "start": "2026-12",
    "months": "12",
    "billing": "monthly",
    "discount": "12,5",
    "terms_days": "",
    "quantity_standard": "2",
    "quantity_pro": "",
}


class Office:
    """Atelier Lumen with one Standard desktop since 1 November; on the 10th."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.clock.set("2026-10-30 10:00")
        world.services.catalogue.load_file(DEMO)
        self.account, self.owner = an_account(world)
        world.clock.set("2026-11-10 10:00")
        desktop = a_desktop(
            self.account.id, "Compta", created="2026-11-01 09:00", options=(("backup", 1),)
        )
        self.desktop = desktop
        storage = DesktopStorage(world.adapters.tables)
        world.services.base.work.commit(*storage.save(desktop))
        world.services.metering.service.meter_due()
        world.services.accounts.service.enable_annual(
            self.account.id, by="operator:1", enabled=True
        )
        self.contracts = f"/operator/accounts/{self.account.id}/contracts"
        self.usage = f"/operator/accounts/{self.account.id}/usage"


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@pytest.fixture
def operator(world: World, office: Office) -> User:
    return an_operator(world)


def proposed(browsing: Browsing, office: Office, operator: User) -> str:
    signed_in(browsing, operator)
    browsing.get(office.contracts)
    assert browsing.post(office.contracts, FORM).status == 303
    return browsing.location


@pytest.mark.contract("BIL-6", "CAT-4", "OPS-1")
def test_the_operator_proposes_and_the_client_accepts(
    browsing: Browsing, office: Office, operator: User
) -> None:
    # Given a proposal made from the client's page: 2 × 29,00 € less 12,5 % = 2 × 25,38 €
    path = proposed(browsing, office, operator)
    page = browsing.get(path).text
    assert "50,76\u00a0€" in page
    assert "Enregistrer la signature" in page
    assert "Devis 2026-41" in browsing.get("/operator/contracts").text
    # When the owner reads it and accepts
    signed_in(browsing, office.owner)
    page = browsing.get("/contract").text
    assert "Accepter avec obligation de paiement" in page
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest is not None
    contract_id = path.rsplit("/", 1)[-1]
    browsing.post(f"/contract/{contract_id}/acceptance", {"digest": digest.group(1)})
    assert (browsing.status, browsing.location) == (303, "/contract")
    # Then it is agreed, to come, and no longer asks for an answer
    page = browsing.get("/contract").text
    assert "À venir" in page
    assert "Accepter avec" not in page
    # And in December its use is shown, on the pages about contracts and usage
    office.world.clock.set("2026-12-05 10:00")
    office.world.services.metering.service.meter_due()
    signed_in(browsing, office.owner)
    assert "1 sur 2" in browsing.get("/contract").text
    page = browsing.get("/usage").text
    assert "compris dans l’engagement" in page
    assert "Standard – engagement de 12" in page


def test_what_was_typed_stays_and_each_fault_is_named(
    browsing: Browsing, office: Office, operator: User
) -> None:
    signed_in(browsing, operator)
    browsing.get(office.contracts)
    wrong = {
        **FORM,
        "start": "2026-11",
        "months": "six",
        "discount": "abc",
        "quantity_pro": "-1",
        "terms_days": "9x",
    }
    page = browsing.post(office.contracts, wrong)
    assert page.status == 422
    assert 'value="Devis 2026-41"' in page.text
    for name in ("months", "discount", "quantity_pro", "terms_days"):
        assert f'id="{name}-error"' in page.text
    # And with numbers that make no sense
    page = browsing.post(office.contracts, {**FORM, "discount": "99,99"})
    assert "serait gratuite" in page.text
    page = browsing.post(office.contracts, {**FORM, "start": "2026-11", "months": "6"})
    assert page.status == 422
    assert 'id="months-error"' in page.text
    assert office.world.services.billing.contracts.contracts_of(office.account.id) == []


def test_a_stale_answer_is_refused_with_what_to_do(
    browsing: Browsing, office: Office, operator: User
) -> None:
    # Given a proposal declined in another window
    contract_id = proposed(browsing, office, operator).rsplit("/", 1)[-1]
    signed_in(browsing, office.owner)
    browsing.get("/contract")
    browsing.post(f"/contract/{contract_id}/refusal", {"reason": "trop cher"})
    assert browsing.status == 303
    # When accepted, then refused
    contract = office.world.services.billing.contracts.contract(office.account.id, contract_id)
    browsing.post(f"/contract/{contract_id}/acceptance", {"digest": contract.digest})
    assert browsing.status == 409
    assert "a déjà reçu une réponse" in browsing.text


@pytest.mark.contract("BIL-6")
def test_the_operator_signs_withdraws_and_ends(
    browsing: Browsing, office: Office, operator: User
) -> None:
    # Given two proposals
    path = proposed(browsing, office, operator)
    browsing.get(office.contracts)
    browsing.post(office.contracts, {**FORM, "key": "req_2", "reference": "Devis 42"})
    other = browsing.location
    # When one is withdrawn, which takes a reason, and the other signed on paper
    assert browsing.post(f"{other}/withdrawal", {"reason": ""}).status == 422
    assert browsing.post(f"{other}/withdrawal", {"reason": "doublon"}).status == 303
    assert browsing.post(f"{path}/signature", {"signature": ""}).status == 422
    assert browsing.post(f"{path}/signature", {"signature": "Scan 17"}).status == 303
    assert "Scan 17" in browsing.get(path).text
    # And ended with a month, which must be one of those offered
    assert browsing.post(f"{path}/termination", {"month": "x", "reason": "accord"}).status == 422
    wrong = {"month": "2027-11", "reason": "accord"}
    assert browsing.post(f"{path}/termination", wrong).status == 422
    right = {"month": "2027-03", "reason": "accord"}
    assert browsing.post(f"{path}/termination", right).status == 303
    assert "31 mars 2027" in browsing.get(path).text
    # And a contract of another account is nowhere
    assert browsing.get(path.replace(office.account.id, "acc_other")).status == 404


def test_billing_reads_contracts_and_does_not_answer(
    browsing: Browsing, office: Office, operator: User, world: World
) -> None:
    contract_id = proposed(browsing, office, operator).rsplit("/", 1)[-1]
    signed_in(browsing, a_user(world, office.account, Role.BILLING, "compta@example.com"))
    page = browsing.get("/contract").text
    assert "Devis 2026-41" in page
    assert "Accepter avec" not in page
    assert browsing.post(f"/contract/{contract_id}/acceptance", {"digest": ""}).status == 404


@pytest.mark.contract("MET-3")
def test_usage_is_a_calendar_whose_days_say_how_they_are_computed(
    browsing: Browsing, office: Office
) -> None:
    signed_in(browsing, office.owner)
    # Given November so far: the 1st to the 10th
    page = browsing.get("/usage").text
    assert page.count('class="cal-used') == 10 + 4  # and four in the key
    assert "5 novembre\u00a0: Standard + Sauvegarde" in page
    assert "Comment est-ce calculé\u00a0?" in page
    # When a day is opened: 29,00 / 30 = 0,97
    page = browsing.get("/usage/days/2026-11-05").text
    assert "0,97\u00a0€" in page
    assert "Relevé le" in page
    assert "Pas encore relevé" in browsing.get("/usage/days/2026-11-10").text
    # Then days without usage, of other months, or that are no days, are not there
    for day in ("2026-11-11", "2025-01-01", "2026-13-01", "today"):
        assert browsing.get(f"/usage/days/{day}").status == 404


def test_anyone_reads_how_amounts_are_computed(browsing: Browsing) -> None:
    for language, words in (("fr", "20,29\u00a0€"), ("en", "€20.29")):
        page = browsing.get("/calculation", **{"Accept-Language": language})
        assert page.status == 200
        assert words in page.text
        assert "python -m chalicelib.explain month" in page.text


@pytest.mark.contract("MET-4", "OPS-1")
def test_the_operator_sees_what_a_correction_changes_then_makes_it(
    browsing: Browsing, office: Office, operator: User
) -> None:
    signed_in(browsing, operator)
    assert "Compta" in browsing.get(office.usage).text
    asked = {
        "desktop_id": office.desktop.id,
        "item": "desktop:standard",
        "quantity": "0",
        "first": "2026-11-03",
        "last": "2026-11-04",
        "reason": "Panne de notre fait",
        "step": "preview",
    }
    # When shown first: nothing is changed yet
    page = browsing.post(office.usage, asked)
    assert page.status == 200
    assert "Ce que la correction change" in page.text
    assert "3 novembre 2026" in page.text
    assert len(office.world.services.metering.service.usage(office.account.id, NOVEMBER)) == 9
    # When confirmed
    assert browsing.post(office.usage, {**asked, "step": "confirm"}).status == 303
    # Then the days count the option alone, and client and operator read why
    usage = office.world.services.metering.service.usage(office.account.id, NOVEMBER)
    assert [item.kind for item in usage[2].items] == ["option"]
    assert "Panne de notre fait" in browsing.get(office.usage).text
    signed_in(browsing, office.owner)
    assert "Panne de notre fait" in browsing.get("/usage").text
    assert "Corrections de ce jour" in browsing.get("/usage/days/2026-11-03").text


def test_a_correction_that_makes_no_sense_is_shown_again(
    browsing: Browsing, office: Office, operator: User
) -> None:
    signed_in(browsing, operator)
    browsing.get(office.usage)
    asked = {
        "desktop_id": "dsk_other",
        "item": "desktop:standard",
        "quantity": "0",
        "first": "2026-11-03",
        "last": "2026-11-04",
        "reason": "Panne",
    }
    assert 'id="desktop_id-error"' in browsing.post(office.usage, asked).text
    mine = {**asked, "desktop_id": office.desktop.id}
    for name, value in (
        ("item", "weather"),
        ("item", "desktop:nothing"),
        ("item", "option:standard"),
        ("quantity", "x"),
        ("first", "hier"),
        ("last", "2026-11-02"),
        ("reason", ""),
    ):
        page = browsing.post(office.usage, {**mine, name: value})
        assert page.status == 422, name
        assert f'id="{name}-error"' in page.text, name


@pytest.mark.contract("BIL-6", "BIL-5")
def test_what_an_early_end_gives_back_is_said_before_it_is_confirmed(
    browsing: Browsing, office: Office, operator: User
) -> None:
    # Given a term paid ahead, invoiced on its first day
    browsing_form = {**FORM, "billing": "upfront"}
    signed_in(browsing, operator)
    browsing.get(office.contracts)
    browsing.post(office.contracts, browsing_form)
    path = browsing.location
    browsing.post(f"{path}/signature", {"signature": "Scan 17"})
    services, world = office.world.services, office.world
    (contract,) = services.billing.contracts.contracts_of(office.account.id)
    world.clock.set(f"{contract.starts_on.isoformat()} 06:00")
    services.billing.run.run_due()
    world.pump()
    # When the page that ends it is opened, then each date says what it gives back, VAT included
    signed_in(browsing, operator)
    page = browsing.get(path).text
    last = contract.first_month
    unused = services.billing.early_ends.unused(contract, last)
    assert unused.excl_vat_cents == contract.monthly_cents * (contract.months - 1) > 0
    shown = page.replace("\u202f", "").replace("\u00a0", " ")
    assert f"{unused.excl_vat_cents / 100:.2f}".replace(".", ",") + " € HT rendus" in shown
    # and one confirmation ends it and credits that
    browsing.post(f"{path}/termination", {"month": str(last), "reason": "accord"})
    (invoice,) = services.billing.service.invoices_of(office.account.id)
    (note,) = services.billing.credit_notes.of_invoice(invoice.id)
    assert note.totals == unused
