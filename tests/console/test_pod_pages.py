"""OmnyPods in the console: the client’s page, the stock, parcels, cases (POD-1 to 3, ORD-5, 6)."""

import re
from html import unescape

import pytest

from chalicelib.accounts.clients.account import Account, Role, User
from chalicelib.equipment.model.cases import Cause
from chalicelib.orders.model.request import LineRequest
from tests.fakes.accounts import OPERATOR_EMAIL, PASSWORD, a_user, an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.pods import Lending, note
from tests.fakes.world import World

Client = tuple[Account, User]


@pytest.fixture
def lending(world: World) -> Lending:
    return Lending(world=world)


@pytest.fixture
def client(lending: Lending) -> Client:
    return lending.client()


@pytest.fixture
def office(browsing: Browsing, lending: Lending) -> Browsing:
    """A console with an operator signed in."""
    signed_in(browsing, an_operator(lending.world))
    return browsing


def plain(html: str) -> str:
    text = re.sub(r"<[^>]+>", " ", html)
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(text))


@pytest.mark.contract("POD-1", "POD-2", "CON-1")
def test_the_client_follows_pods_and_reads_what_custody_means(
    browsing: Browsing, lending: Lending, client: Client
) -> None:
    # Given a pod on its way, and one that is missing
    lending.stock("OP-0001")
    order = lending.order(client, LineRequest("essentiel", 2))
    lending.ship(order)
    signed_in(browsing, client[1])
    # Then the page shows steps, tracking, what is missing, property, custody and prices
    text = plain(browsing.get("/pods").text)
    for shown in (
        "OP-0001",
        "Numéro de suivi : LP123 (Colis Exemple)",
        "Un OmnyPod reste à réserver",
        "restent la propriété de Exemple Bureau",
        "vous en avez la garde",
        "149,00 €",
        "Instructions d’installation",
    ):
        assert shown.lower() in text.lower(), shown
    # and the order's page shows them too
    assert "LP123" in browsing.get(f"/orders/{order.id}").text
    # When they say it came, then that it is plugged in
    assert browsing.post("/pods/OP-0001/receipt").location == "/pods"
    assert "Il est branché et en service" in plain(browsing.follow().text)
    browsing.post("/pods/OP-0001/receipt")
    assert lending.pod("OP-0001").state == "in_use"


@pytest.mark.contract("POD-2", "CON-1")
def test_the_client_reports_a_theft(browsing: Browsing, lending: Lending, client: Client) -> None:
    # Given a pod in custody
    lending.lent(client, "OP-0001")
    signed_in(browsing, client[1])
    assert browsing.get("/pods/OP-0001/report").status == 200
    # When nothing is filled in, each field says so and keeps what was typed
    browsing.post("/pods/OP-0001/report", {"description": "", "on": "hier", "cause": "fire"})
    assert browsing.status == 422
    for field in ("cause", "on"):
        assert f'id="{field}-error"' in browsing.text
    browsing.post("/pods/OP-0001/report", {"description": " ", "on": "2026-12-25", "cause": "loss"})
    assert 'id="description-error"' in browsing.text
    assert 'id="on-error"' in browsing.text
    # When it is, then a case is open and the page says so
    fields = {"description": "Vol au bureau", "on": "2026-11-05", "cause": "theft"}
    assert browsing.post("/pods/OP-0001/report", fields).location == "/pods"
    assert "dossier en cours d’examen" in plain(browsing.follow().text)
    assert [case.cause for case in lending.services.equipment.cases.open()] == [Cause.THEFT]


@pytest.mark.contract("ACC-4")
@pytest.mark.parametrize("role", [Role.BILLING, Role.USER])
def test_other_roles_and_other_accounts_know_of_no_pod(
    browsing: Browsing, lending: Lending, client: Client, role: Role
) -> None:
    lending.lent(client, "OP-0001")
    signed_in(browsing, a_user(lending.world, client[0], role, "sacha@atelier-lumen.example"))
    assert browsing.get("/pods").status == 404
    _, stranger = lending.client(consumer=True)
    signed_in(browsing, stranger)
    assert "OP-0001" not in browsing.get("/pods").text
    assert browsing.get("/pods/OP-0001/report").status == 404
    assert browsing.post("/pods/OP-0001/report", {"cause": "loss"}).status == 404
    assert browsing.post("/pods/OP-0001/receipt").status == 404


@pytest.mark.contract("POD-1", "OPS-1")
def test_the_operator_imports_stock_and_finds_it(office: Browsing, lending: Lending) -> None:
    # Given a delivery note with a bad line, then it is named and what was pasted stays
    assert office.get("/operator/pods/import").status == 200
    office.post_files("/operator/pods/import", {"csv": note("OP-0001", "?")}, {})
    assert office.status == 422
    assert "ligne 3" in office.text
    assert "OP-0001;OmnyPod 2" in office.text
    # When its file is sent instead, and is no text, then it says so
    path = "/operator/pods/import"
    assert "en UTF-8" in office.post_files(path, {}, {"file": ("x.csv", b"\xff\xfe;")}).text
    # When it is right, as a spreadsheet writes it, then the stock says how many came, finds them
    file = note("OP-0001", "OP-0002").encode("utf-8-sig")
    office.post_files(path, {"csv": ""}, {"file": ("livraison.csv", file)})
    text = plain(office.follow().text)
    assert "Importés : 2. Déjà connus : 0." in text
    assert "En stock (2)" in text
    assert "OP-0002" not in office.get("/operator/pods?q=op-0001").text
    assert "Aucun OmnyPod ici" in office.get("/operator/pods?state=lost").text
    # and a pod can be taken out, with a reason, and repaired
    assert office.post("/operator/pods/OP-0001/retirement", {"why": " "}).status == 422
    office.post("/operator/pods/OP-0001/retirement", {"why": "Prise cassée"})
    assert "Prise cassée" in office.follow().text
    assert office.post("/operator/pods/OP-0001/restock").status == 422
    assert office.post("/operator/pods/OP-0001/magic").status == 404
    office.post("/operator/pods/OP-0001/repair", {"why": "Prise changée"})
    assert lending.pod("OP-0001").state == "in_stock"


@pytest.mark.contract("POD-1", "ORD-5", "ORD-6")
def test_the_operator_ships_delivers_and_notes_a_failure(
    office: Browsing, lending: Lending, client: Client
) -> None:
    # Given an order whose pod is reserved
    lending.stock("OP-0001")
    order = lending.order(client)
    path = f"/operator/dispatches/{client[0].id}/dsp-{order.id}"
    assert client[0].name in office.get("/operator/dispatches").text
    assert "OP-0001" in office.get("/operator/deliveries").text
    assert "OP-0001" not in office.get("/operator/deliveries?kind=desktop").text
    # When a parcel without number is noted, then with one
    assert office.post(f"{path}/shipping", {"carrier": "Colis"}).status == 422
    parcel = {"carrier": "Colis Exemple", "tracking": "LP1", "shipped_on": "2026-11-05"}
    assert office.post(f"{path}/shipping", parcel).location == path
    # When it comes back from a wrong address, without then with a cost
    failure = {"failed_on": "2026-11-05", "evidence": "Avis 8841", "fault": "yes", "cost": "x"}
    assert office.post_files(f"{path}/failure", failure, {}).status == 422
    assert 'id="cost-error"' in office.text
    assert "Avis 8841" in office.text
    # and a document that is neither a PDF nor a photograph, or too long
    failure["cost"] = "18,50"
    for content, said in [(b"<html>", "Joignez un PDF"), (b"%PDF-" + b"x" * 3145728, "3 Mo")]:
        office.post_files(f"{path}/failure", failure, {"document": ("avis.pdf", content)})
        assert (office.status, said in office.text) == (422, True)
    assert not [k for k in lending.world.adapters.documents.stored if k.startswith("evidence/")]
    # When the carrier's notice is joined, then it is kept, and opened from the page
    notice = b"%PDF-1.7 " + bytes(range(256))
    office.post_files(f"{path}/failure", failure, {"document": ("avis.pdf", notice)})
    (name,) = lending.dispatch(order).evidence
    kept = lending.world.adapters.documents.stored
    assert kept[f"evidence/{client[0].id}/dsp-{order.id}/{name}"] == notice
    assert f'href="{path}/evidence/{name}"' in office.get(path).text
    assert office.get(f"{path}/evidence/{name}").location.startswith("https://documents.example/")
    assert office.get(f"{path}/evidence/other.pdf").status == 404
    lending.world.pump()
    assert [
        c.unit_excl_vat_cents for c in lending.services.billing.charges.pending(client[0].id)
    ] == [1850]
    # When the address is corrected, it leaves again and comes
    address = {"line1": "9 quai des Exemples", "line2": "", "postal_code": "69002", "city": ""}
    assert office.post(f"{path}/address", address).status == 422
    office.post(f"{path}/address", {**address, "city": "Lyon"})
    assert "9 quai des Exemples" in office.follow().text
    office.post(f"{path}/shipping", {**parcel, "tracking": "LP2"})
    assert office.post(f"{path}/delivery", {"received_on": "2026-11-04"}).status == 422
    office.post(f"{path}/delivery", {"received_on": "2026-11-05"})
    assert "Livré le 5 novembre 2026" in plain(office.follow().text)
    assert "Rien à envoyer" in office.get("/operator/dispatches").text


@pytest.mark.contract("ORD-5", "OPS-1")
def test_a_pod_of_an_option_is_among_what_is_due_and_told_late(
    office: Browsing, lending: Lending, client: Client
) -> None:
    # Given a pod added to a desktop after its order, of which none is in stock
    account, user = client
    lending.lent(client, "OP-0001")
    (desktop,) = lending.services.desktops.service.of_account(account.id)
    lending.services.desktops.service.change_options(
        account.id, desktop.id, (("extra-pod", 1),), by=user.id
    )
    lending.world.pump()
    path = f"/operator/dispatches/{account.id}/opt-{desktop.id}-"
    assert path in office.get("/operator/deliveries").text
    assert path not in office.get("/operator/deliveries?kind=desktop").text
    assert "livraison en retard" not in office.get("/operator/today").text
    # When its thirty working days are over
    lending.world.clock.set("2026-12-21 09:00")
    again = lending.services.accounts.sign_in.sign_in(OPERATOR_EMAIL, PASSWORD, "203.0.113.7")
    office.cookies["__Host-session"] = again
    # Then both pages say so
    assert "en retard" in office.get("/operator/deliveries").text.split('id="others"')[1]
    assert "1 livraison en retard" in office.get("/operator/today").text


@pytest.mark.contract("POD-2", "OPS-1")
def test_the_operator_decides_a_case(office: Browsing, lending: Lending, client: Client) -> None:
    # Given a fault reported by the client
    account, user = client
    lending.lent(client, "OP-0001")
    case = lending.services.equipment.custody.report(
        account.id, "OP-0001", Cause.FAULT, "Écran noir", on=lending.today, by=user.id
    )
    path = f"/operator/pod-cases/{account.id}/{case.id}"
    assert "OP-0001" in office.get("/operator/pod-cases").text
    assert "Écran noir" in office.get(path).text
    # When the operator bills a fault, then forgets the reason
    billed = {"outcome": "billed", "cause": "fault", "reason": "Essai"}
    assert office.post(f"{path}/decision", billed).status == 422
    assert "Un défaut propre au matériel n’est jamais facturé" in office.text
    assert office.post(f"{path}/decision", {**billed, "reason": ""}).status == 422
    # When the cause turns out to be a damage, then it is billed by the list
    damage = {**billed, "cause": "damage", "replacement": "yes"}
    assert office.post(f"{path}/decision", damage).location == path
    assert "89,00 €" in plain(office.follow().text)
    assert "Remplacement" in plain(office.get("/operator/dispatches").text)


@pytest.mark.contract("POD-2")
def test_the_operator_announces_a_price(office: Browsing, lending: Lending) -> None:
    assert "149,00 €" in plain(office.get("/operator/pods/prices").text)
    today = {"cause": "loss", "from_on": "2026-11-05", "price": "159"}
    assert office.post("/operator/pods/prices", today).status == 422
    assert office.post("/operator/pods/prices", {**today, "price": "abc"}).status == 422
    assert 'id="price-error"' in office.text
    office.post("/operator/pods/prices", {**today, "from_on": "2026-12-01"})
    assert "159,00 €" in plain(office.follow().text)
    twice = {**today, "from_on": "2026-12-01", "price": "160"}
    assert office.post("/operator/pods/prices", twice).status == 422


@pytest.mark.contract("CAT-4", "ORD-3")
def test_the_operator_opens_the_annual_commitment(
    office: Browsing, lending: Lending, client: Client
) -> None:
    path = f"/operator/accounts/{client[0].id}"
    assert "Proposer l’engagement annuel" in office.get(path).text
    assert office.post(f"{path}/annual", {"annual": "yes"}).location == path
    # Then the client can ask for it, and the order says so to the operator who decides
    signed_in(office, client[1])
    assert 'name="billing_plan"' in office.get("/order").text
    query = "configuration=standard&quantity=1&billing_plan=annual&payment_mode=invoice"
    text = plain(office.get(f"/order/summary?{query}").text)
    assert "Engagement annuel demandé" in text
    assert "Sans durée d’engagement" not in text


def test_mails_of_pods_can_be_written_in_both_languages(lending: Lending) -> None:
    # Given what can be told of pods
    told = {
        "serials": ["OP-0001", "OP-0002"],
        "is_consumer": True,
        "carrier": "Colis",
        "tracking": "LP1",
        "address": "8 quai",
        "received_on": "2026-11-09",
        "last_day": "2026-11-23",
        "starts_withdrawal": True,
        "cost_excl_vat_cents": 1850,
        "evidence": "Avis",
        "due_on": "2026-12-04",
        "because": "withdrawal",
        "serial": "OP-0001",
        "outcome": "billed",
        "reason": "Perdu",
        "amount_excl_vat_cents": 14900,
        "replaced": True,
        "order_id": "ord_1",
        "number": "C-1",
        "configuration": "Pro",
        "desktops": "2 × Pro",
        "from_confirmation": True,
        "desktop_due_on": "2026-12-01",
        "items": [{"kind": "pod", "label": "OP", "due_on": "2026-12-01", "days": 2}],
    }
    names = ("shipped", "delivered", "delivery_failed", "return_asked", "return_reminder")
    templates = [*(f"pod_{name}" for name in (*names, "decision"))]
    for template in (*templates, "order_started", "order_cancelled", "late_delivery"):
        for language in ("fr", "en"):
            for extension in ("txt", "html"):
                text = lending.services.base.mail_texts.text(
                    f"{template}.{extension}", language, told
                )
                assert "%(" not in text
