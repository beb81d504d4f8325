"""Credit notes, charges, credits and policies: the operator's forms, the client's pages (CON-1)."""

import re

import pytest

from chalicelib.accounts.clients.account import User
from chalicelib.foundation.civil_time import BillingMonth
from tests.console.test_invoice_pages import RUNS, Client
from tests.fakes.accounts import an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.world import World

OCTOBER = BillingMonth(2026, 10)


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


@pytest.fixture
def operator(world: World, client: Client) -> User:
    return an_operator(world)


def key_on(text: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', text)
    assert found
    return found[1]


@pytest.mark.contract("BIL-5", "CON-1", "CON-3")
def test_an_operator_takes_part_of_an_invoice_back_and_its_client_reads_it(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given October invoiced at 29,00 + VAT, and the operator on its page
    invoice_id = client.invoiced()
    signed_in(browsing, operator)
    page = browsing.get(f"/operator/invoices/{invoice_id}")
    # Days are taken back by correcting usage, and the form leads there
    assert f'/operator/accounts/{client.account.id}/usage?month=2026-10"' in page.text
    assert "Reste à créditer" in page.text
    form = {"key": key_on(page.text), "line-0": "10,00", "reason": "Panne du 12.", "scope": "lines"}
    # When ten euros are credited, by a double click
    browsing.post(f"/operator/invoices/{invoice_id}/credit-notes", form)
    first = browsing.location
    browsing.post(f"/operator/invoices/{invoice_id}/credit-notes", form)
    # Then there is one credit note
    assert browsing.location == first
    assert browsing.follow().title.startswith("Avoir A-2026-000001")
    client.pump()
    # and the client reads it: on the invoice, in the list, by itself, as PDF and XML, in the CSV
    signed_in(browsing, client.owner)
    page_text = browsing.get(f"/invoices/{invoice_id}").text
    assert "Repris par avoir" in page_text
    assert "Panne du 12." in page_text
    assert "Avoir A-2026-000001\u00a0: 12,00\u00a0€ TTC" in page_text.replace("\u202f", "\u00a0")
    (note,) = client.world.services.billing.credit_notes.of_invoice(invoice_id)
    assert f"/credit-notes/{note.id}" in browsing.get("/invoices").text
    shown = browsing.get(f"/credit-notes/{note.id}").text
    assert "en partie" in shown
    assert "F-2026-000001" in shown
    for path in (f"/credit-notes/{note.id}/pdf", f"/credit-notes/{note.id}/xml"):
        browsing.get(path)
        assert browsing.status == 303
    rows = browsing.get("/invoices.csv").text.splitlines()
    assert rows[1].startswith("invoice,F-2026-000001,2026-10")
    assert "-10.00,-2.00,-12.00" in rows[2]


@pytest.mark.contract("BIL-5", "CON-3")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"line-0": "29,01", "reason": "r", "scope": "lines"}, "ce qui reste de sa ligne"),
        ({"line-0": "-1", "reason": "r", "scope": "lines"}, "limites"),
        ({"line-0": "dix", "reason": "r", "scope": "lines"}, "Indiquez un montant"),
        ({"reason": "r", "scope": "lines"}, "d’une ligne au moins"),
        ({"reason": "", "scope": "all"}, "Indiquez un motif"),
    ],
)
def test_a_credit_note_that_makes_no_sense_is_refused_on_the_form(
    client: Client, operator: User, browsing: Browsing, fields: dict[str, str], said: str
) -> None:
    # Given an invoice
    invoice_id = client.invoiced()
    signed_in(browsing, operator)
    # When posted
    browsing.post(f"/operator/invoices/{invoice_id}/credit-notes", {"key": "k", **fields})
    # Then the form comes again with what was typed, and nothing is issued
    assert browsing.status == 422
    assert said in browsing.text
    assert f'value="{fields.get("line-0", "")}"' in browsing.text
    assert not client.world.services.billing.credit_notes.of_invoice(invoice_id)


@pytest.mark.contract("BIL-5")
def test_an_invoice_taken_back_in_whole_says_there_is_nothing_left(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given
    invoice_id = client.invoiced()
    signed_in(browsing, operator)
    # When all of it is credited
    form = {"key": "k", "reason": "Facture en double.", "scope": "all"}
    browsing.post(f"/operator/invoices/{invoice_id}/credit-notes", form)
    # Then the form is gone, with the reason
    page = browsing.get(f"/operator/invoices/{invoice_id}").text
    assert "il n’y a plus rien à créditer" in page
    # and another is refused
    browsing.post(f"/operator/invoices/{invoice_id}/credit-notes", {**form, "key": "other"})
    assert browsing.status == 422


@pytest.mark.contract("BIL-9", "CON-3")
def test_an_operator_has_a_pod_billed_and_cancels_another(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given the operator on the client's billing page, on 1 November
    signed_in(browsing, operator)
    path = f"/operator/accounts/{client.account.id}/charges"
    page = browsing.get(path)
    form = {
        "key": key_on(page.text),
        "kind": "pod_loss",
        "label": "OmnyPod perdu",
        "amount": "120,50",
        "quantity": "1",
        "on": "2026-10-12",
        "reason": "Déclaré volé.",
        "evidence": "PV 118",
    }
    # When a charge is added twice by a double click, then another cancelled
    browsing.post(path, form)
    browsing.post(path, form)
    browsing.post(
        path, {**form, "key": "second", "label": "Tournée à vide", "kind": "failed_delivery"}
    )
    charges = client.world.services.billing.charges.of_account(client.account.id)
    assert len(charges) == 2
    delivery = next(each for each in charges if each.kind == "failed_delivery")
    browsing.post(f"{path}/{delivery.id}/cancel", {"reason": ""})
    assert browsing.status == 422
    assert "Indiquez un motif" in browsing.text
    browsing.post(f"{path}/{delivery.id}/cancel", {"reason": "Adresse retrouvée."})
    assert browsing.status == 303
    # Then it waits on the list of all clients, and October's invoice has it
    assert "OmnyPod perdu" in browsing.get("/operator/charges").text
    invoice_id = client.invoiced()
    shown = browsing.get(f"/operator/invoices/{invoice_id}").text
    assert "OmnyPod perdu" in shown
    assert "Tournée à vide" not in shown
    assert "Adresse retrouvée." in browsing.get(path).text


@pytest.mark.contract("BIL-9")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": "0"}, "supérieur à 0"),
        ({"amount": "abc"}, "Indiquez un montant"),
        ({"quantity": "0"}, "trop petit"),
        ({"on": "2027-01-01"}, "à venir"),
        ({"on": "demain"}, "Indiquez une date"),
        ({"reason": ""}, "obligatoire"),
        ({"kind": "gift"}, "possibilités"),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused_on_the_form(
    client: Client, operator: User, browsing: Browsing, change: dict[str, str], said: str
) -> None:
    # Given
    signed_in(browsing, operator)
    path = f"/operator/accounts/{client.account.id}/charges"
    form = {
        "key": "k",
        "kind": "other",
        "label": "Frais",
        "amount": "10",
        "quantity": "1",
        "on": "2026-10-12",
        "reason": "r",
    }
    # When posted
    browsing.post(path, {**form, **change})
    # Then refused beside the field, the form open with what was typed
    assert browsing.status == 422
    assert said in browsing.text
    assert 'value="Frais"' in browsing.text
    assert not client.world.services.billing.charges.of_account(client.account.id)


@pytest.mark.contract("BIL-8", "CON-3")
def test_an_operator_grants_a_credit_for_a_desktop(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given the operator, on 1 November
    signed_in(browsing, operator)
    path = f"/operator/accounts/{client.account.id}"
    (desktop,) = client.world.services.desktops.service.of_account(client.account.id)
    form = {"key": "k", "desktop_id": desktop.id, "credit_amount": "5", "credit_reason": "Panne."}
    # When a credit of 5 € is granted, and one for a desktop of nobody
    browsing.post(f"{path}/credits", form)
    assert browsing.status == 303
    browsing.post(f"{path}/credits", {**form, "desktop_id": "dsk_other", "key": "k2"})
    assert browsing.status == 422
    # Then the first is for December alone
    (credit,) = client.world.services.billing.service_credits.of_account(client.account.id)
    assert str(credit.usable_month) == "2026-12"
    assert "décembre 2026" in browsing.get(f"{path}/charges").text


@pytest.mark.contract("BIL-2", "OPS-1")
def test_an_operator_publishes_another_reading_of_the_contract(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given the policies shipped
    signed_in(browsing, operator)
    page = browsing.get("/operator/policies").text
    assert "Premier mois dû en entier" in page
    assert "Professionnels seulement" in page
    # When one is published for a day gone, then for a day to come
    code = "first_month_full_without_renewal"
    form = {"from_on": "2026-10-01", "consumers": "yes", "reason": "Relecture."}
    browsing.post(f"/operator/policies/{code}", form)
    assert browsing.status == 422
    assert "le passé ne change pas" in browsing.text
    browsing.post(f"/operator/policies/{code}", {**form, "from_on": "2206-12-01"})
    assert browsing.status == 422
    assert "à plus de deux ans" in browsing.text
    browsing.post(f"/operator/policies/{code}", {**form, "from_on": "2026-12-01"})
    # Then it waits for its day
    assert browsing.status == 303
    assert "À venir" in browsing.get("/operator/policies").text
    # and a code that does not exist is not found
    browsing.post("/operator/policies/none", form)
    assert browsing.status == 404


@pytest.mark.contract("BIL-7", "CON-3")
def test_the_trial_says_what_the_run_then_issues(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given 1 November, October not run
    signed_in(browsing, operator)
    before = client.world.adapters.tables.contents()
    # When the trial of October is looked at
    page = browsing.get(f"{RUNS}/2026-10/trial").text
    # Then it says what would be issued, and nothing was written but the session
    assert "Facture à émettre" in page
    assert "34,80\u00a0€" in page
    after = client.world.adapters.tables.contents()
    assert {key[0] for key in after if after[key] != before.get(key)} <= {"accounts"}
    # When it was run, then it says so, and the run compares with September
    client.invoiced()
    assert "Déjà émise" in browsing.get(f"{RUNS}/2026-10/trial").text
    assert f"{RUNS}/2026-10/comparison" in browsing.get(f"{RUNS}/2026-10").text
    compared = browsing.get(f"{RUNS}/2026-10/comparison").text
    assert "Facturation : octobre 2026 par rapport à septembre 2026" in compared
    assert "+34,80\u00a0€" in compared
    # A month to come has no trial
    assert browsing.get(f"{RUNS}/2026-12/trial").status == 404


@pytest.mark.contract("BIL-4")
def test_the_reason_of_a_failure_is_said_in_the_reader_s_language(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given a draft that cannot be made
    from tests.fakes.billing import a_desktop

    client.rent(a_desktop(client.account.id, "Ancien", configuration="vanished"))
    client.world.services.billing.run.start_run(OCTOBER, by="system")
    client.pump()
    signed_in(browsing, operator)
    browsing.post("/language", {"language": "en", "back": "/operator/invoice-runs"})
    # When read in English
    page = browsing.get(f"{RUNS}/2026-10").text
    # Then
    assert "vanished" in page
    assert "n’a pas de prix" not in page
    assert "catalogue." not in page or "pas au catalogue" not in page


@pytest.mark.contract("CON-1", "BIL-11")
def test_a_long_invoice_is_shown_page_by_page(client: Client, browsing: Browsing) -> None:
    # Given 350 desktops in October
    for number in range(349):
        from tests.fakes.billing import a_desktop

        client.rent(a_desktop(client.account.id, f"B{number:03d}", created="2026-10-01 12:00"))
    invoice_id = client.invoiced()
    signed_in(browsing, client.owner)
    # When read, then its lines come in pages, its totals on each
    first = browsing.get(f"/invoices/{invoice_id}").text
    assert "Page 1 sur 2" in first
    second = browsing.get(f"/invoices/{invoice_id}?page=2").text
    assert "B348" in second + first
    assert ("B348" in first) != ("B348" in second)
    assert "12\u202f180,00\u00a0€" in first or "12\u00a0180,00\u00a0€" in first
    # A page that is no number is the first
    assert "Page 1 sur 2" in browsing.get(f"/invoices/{invoice_id}?page=x").text
