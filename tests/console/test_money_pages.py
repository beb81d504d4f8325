"""Statements, transfers, refunds, late payers, comparison, closings: their pages (CON-1)."""

import io
import re
import zipfile
from datetime import date

import pytest

from chalicelib.billing.credits.credit_rules import CreditRequest
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.messages import Queue
from chalicelib.payments.money.payment import PaymentState
from tests.fakes.accounts import a_consumer, an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import DECLINED_LATER
from tests.fakes.paying import PayingClient
from tests.fakes.world import World

PAGES = ["", "/late", "/transfers", "/refunds", "/disputes", "/comparison", "/closings"]


@pytest.fixture
def client(world: World) -> PayingClient:
    """A client with October, 34,80, refused by its card."""
    found = PayingClient(world)
    found.save_card(DECLINED_LATER)
    return found


def exported(browsing: Browsing, year: str) -> str:
    """Give the CSV of a year's closings out of its signed archive."""
    browsing.get(f"/operator/payments/closings/{year}")
    with zipfile.ZipFile(io.BytesIO(browsing.response.body)) as archive:
        return archive.read(f"clotures-{year}.csv").decode()


def state_of(client: PayingClient, invoice_id: str) -> PaymentState:
    return client.world.services.payments.collection.status_of(invoice_id).state


@pytest.mark.contract("OPS-1", "CON-1")
@pytest.mark.parametrize("path", PAGES)
def test_every_payments_page_shows_empty_and_full(
    world: World, client: PayingClient, browsing: Browsing, path: str
) -> None:
    signed_in(browsing, an_operator(world))
    assert browsing.get(f"/operator/payments{path}").status == 200
    client.invoiced()
    world.services.closings.receipts.close_due()
    assert browsing.get(f"/operator/payments{path}").status == 200


@pytest.mark.contract("PAY-4", "OPS-1")
def test_a_transfer_is_recorded_from_the_clients_statement(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given an invoice unpaid, and an operator on the client's statement
    invoice_id = client.invoiced()
    signed_in(browsing, an_operator(world))
    base = f"/operator/accounts/{client.account.id}"
    assert "F-2026-000001" in browsing.get(f"{base}/statement").text
    # When the form makes no sense, it comes back with what was typed
    typed = {"amount": "-5", "received_on": "2026-11-01", "reference": "VIR-77"}
    page = browsing.post(f"{base}/transfers", typed)
    assert page.status == 422
    assert 'value="VIR-77"' in page.text
    assert 'id="amount-error"' in page.text
    # When 40,00 are recorded, twice by a double click
    right = {**typed, "amount": "40,00", "invoice_id": invoice_id}
    for _ in range(2):
        browsing.post(f"{base}/transfers", right)
        assert browsing.location == f"{base}/statement?told=recorded"
    # Then the invoice is paid and 5,20 are held
    assert state_of(client, invoice_id) is PaymentState.PAID
    assert "5,20" in browsing.follow().text
    assert "VIR-77" in browsing.get("/operator/payments/transfers").text
    # And it can be exported, sent back, or taken back
    text = browsing.get(f"{base}/statement.csv").text
    assert "virement;VIR-77;0,00;40,00;-5,20" in text
    browsing.post(f"{base}/balance-refund")
    assert "5,20" in browsing.follow().text


@pytest.mark.contract("PAY-4")
@pytest.mark.parametrize(
    ("reason", "said"),
    [("\u00a0", "Dites pourquoi"), ("x" * 501, "Ce texte est trop long")],
)
def test_a_transfer_is_not_reversed_without_a_reason_that_can_be_kept(
    world: World, client: PayingClient, browsing: Browsing, reason: str, said: str
) -> None:
    client.invoiced()
    signed_in(browsing, an_operator(world))
    form = {"amount": "5", "received_on": "2026-11-01", "reference": "VIR-77"}
    browsing.post(f"/operator/accounts/{client.account.id}/transfers", form)
    (transfer,) = world.services.payments.transfers.recent()
    at = f"/operator/payments/transfers/{transfer.id}/reversal"
    before = world.adapters.tables.contents()
    page = browsing.post(at, {"reason": reason})
    assert page.status == 422
    assert said in page.text
    assert world.adapters.tables.contents() == before


@pytest.mark.contract("PAY-4", "EVD-2")
def test_the_words_of_whoever_pays_are_never_a_formula(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given a transfer whose payer wrote a spreadsheet's formula as its reference
    client.invoiced()
    operator = an_operator(world)
    signed_in(browsing, operator)
    base = f"/operator/accounts/{client.account.id}"
    formula = '=HYPERLINK("https://elsewhere.example")'
    form = {"amount": "40,00", "received_on": "2026-11-01", "reference": formula}
    browsing.post(f"{base}/transfers", form)
    world.clock.set("2026-11-10 04:00")
    world.services.closings.receipts.close_due()
    signed_in(browsing, operator)
    # Then the files that a spreadsheet opens hold it as a text
    statement = browsing.get(f"{base}/statement.csv").text
    for text in (statement, exported(browsing, "2026")):
        assert "'=HYPERLINK" in text
        assert ';"=HYPERLINK' not in text
        assert ";=HYPERLINK" not in text


@pytest.mark.contract("BIL-5", "OPS-1")
def test_a_refund_by_the_bank_is_recorded_by_an_operator(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    client.invoiced()
    signed_in(browsing, an_operator(world))
    base = f"/operator/accounts/{client.account.id}"
    form = {"amount": "40,00", "received_on": "2026-11-01", "reference": "VIR-77"}
    browsing.post(f"{base}/transfers", form)
    browsing.post(f"{base}/balance-refund")
    (order,) = world.services.payments.refunds.to_make()
    at = f"/operator/payments/refunds/{order.account_id}/{order.id}"
    assert browsing.post(f"{at}/made", {"reference": "", "paid_on": "2026-11-01"}).status == 422
    # Before it was asked for, it was not made
    for before in ("2026-10-31", "0001-01-01"):
        page = browsing.post(f"{at}/made", {"reference": "SEPA-9", "paid_on": before})
        assert page.status == 422
        assert "pas encore demandé" in page.text
    browsing.post(f"{at}/made", {"reference": "SEPA-9", "paid_on": "2026-11-01"})
    page = browsing.follow()
    assert "Aucun remboursement n’attend." in page.text
    assert "SEPA-9" in page.text or "Rendu par virement" in page.text
    # A double click says the same; another transfer, or leaving it to the client, is refused
    before = world.adapters.tables.contents()
    again = {"reference": "SEPA-9", "paid_on": "2026-11-01"}
    assert browsing.post(f"{at}/made", again).status == 303
    for path, form in ((f"{at}/made", {**again, "reference": "SEPA-10"}), (f"{at}/kept", {})):
        page = browsing.post(path, form)
        assert page.status == 409
        assert "n’est plus à faire" in page.text
    assert world.adapters.tables.contents() == before


@pytest.mark.contract("CON-1", "PAY-4")
def test_the_client_reads_and_exports_the_statement(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    signed_in(browsing, client.owner)
    assert "Aucun mouvement" in browsing.get("/statement").text
    client.invoiced()
    page = browsing.get("/statement")
    assert "Reste dû\u00a0: 34,80\u00a0€." in page.text
    assert "facture;F-2026-000001;34,80;0,00;34,80" in browsing.get("/statement.csv").text
    _, stranger = a_consumer(world)
    signed_in(browsing, stranger)
    assert "F-2026-000001" not in browsing.get("/statement").text


@pytest.mark.contract("PAY-4", "PAY-5")
def test_a_day_of_the_statement_tells_things_in_the_order_they_happened(
    world: World, client: PayingClient
) -> None:
    # Given an invoice paid by card, of which 10,00 + VAT are credited and given back that day
    client.save_card()
    invoice_id = client.invoiced()
    world.clock.advance(minutes=5)
    client.deliver()
    (line,) = world.services.billing.service.invoice(invoice_id).lines
    credited = [CreditRequest(line.key, 1000)]
    world.services.billing.credit_notes.issue(
        invoice_id, credited, reason="Panne", by="operator:1", key="1"
    )
    world.pump()
    # Then the credit note comes before the money it gives back
    lines = world.services.closings.statements.of(client.account.id)
    assert [(each.kind, each.balance_cents) for each in lines] == [
        ("invoice", 3480),
        ("card", 0),
        ("credit_note", -1200),
        ("refund", 0),
    ]


@pytest.mark.contract("BIL-5", "PAY-5", "BIL-12")
def test_an_invoice_credited_in_parts_is_one_amount_everywhere(
    world: World, client: PayingClient
) -> None:
    # Given an invoice of 29,00 + 5,80 paid by card, of which 0,02 are credited twice (VAT 0,004
    # each: 0,00), then all that is left
    client.save_card()
    invoice_id = client.invoiced()
    world.clock.advance(minutes=5)
    client.deliver()
    (line,) = world.services.billing.service.invoice(invoice_id).lines
    for key in ("1", "2"):
        requests = [CreditRequest(line.key, 2)]
        world.services.billing.credit_notes.issue(
            invoice_id, requests, reason="Panne", by="operator:1", key=key
        )
        world.pump()
        world.clock.advance(minutes=5)
    rest = world.services.billing.credit_notes.issue(
        invoice_id, "all", reason="Panne", by="operator:1", key="3"
    )
    world.pump()
    # Then document, statement, refund and sales journal say 28,96 + 5,80 = 34,76
    assert (rest.totals.vat_cents, rest.totals.incl_vat_cents) == (580, 3476)
    told = [
        (each.kind, each.balance_cents)
        for each in world.services.closings.statements.of(client.account.id)
    ]
    assert told[-2:] == [("credit_note", -3476), ("refund", 0)]
    rows = list(world.services.billing.sales_journal.storage.rows(BillingMonth(2026, 12)))
    assert sum(each.vat_cents for row in rows for each in row.amounts) == 0
    assert sum(each.incl_vat_cents for row in rows for each in row.amounts) == 0


@pytest.mark.contract("PAY-6", "PRI-5")
def test_a_suspension_is_announced_contested_and_decided(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given a formal notice on 22 December
    client.invoiced()
    world.clock.set("2026-12-22 10:00")
    world.services.late.dunning.run()
    world.pump()
    signed_in(browsing, client.owner)
    assert "Suspension annoncée" in browsing.get("/statement").text
    # When the client contests with one click
    browsing.post("/statement/objection", {"objection": "Déjà payée."})
    assert "Rien ne se passe avant" in browsing.follow().text
    # Then an operator reads it and decides, with a reason
    signed_in(browsing, an_operator(world))
    assert "Déjà payée." in browsing.get("/operator/payments/late").text
    at = f"/operator/payments/late/{client.account.id}/decision"
    assert browsing.post(at, {"decision": "cancel", "reason": ""}).status == 422
    browsing.post(at, {"decision": "cancel", "reason": "Vérifié."})
    assert "Aucune suspension n’est annoncée." in browsing.follow().text


@pytest.mark.contract("PAY-6", "CON-1")
def test_late_interest_and_fee_are_shown_then_paid_or_waived(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given an invoice in default since 1 December
    invoice_id = client.invoiced()
    world.clock.set("2026-12-05 10:00")
    signed_in(browsing, client.owner)
    page = browsing.get(f"/invoices/{invoice_id}")
    assert "En défaut de paiement depuis le 1er\u00a0décembre 2026" in page.text or (
        "En défaut de paiement depuis le 1er décembre 2026" in page.text
    )
    assert "Indemnité de recouvrement" in page.text
    assert "au taux du semestre, dès sa publication" in page.text
    # And an operator who is told on "À traiter" that a rate lacks, and records it
    operator = an_operator(world)
    signed_in(browsing, operator)
    assert "/operator/payments/terms" in browsing.get("/operator/today").text
    base = "/operator/payments/terms"
    typed = {"half_year": "2026-07-01", "legal": "x", "ecb": "2,15", "source": ""}
    page = browsing.post(f"{base}/rates", typed)
    assert page.status == 422
    assert 'id="legal-error"' in page.text
    page = browsing.post(f"{base}/rates", {**typed, "legal": "2,62"})
    assert 'id="source-error"' in page.text
    assert 'value="2,62"' in page.text
    browsing.post(f"{base}/rates", {**typed, "legal": "2,62", "source": "Arrêté de juin"})
    assert "Arrêté de juin" in browsing.follow().text
    assert "Taux d’intérêt légal de ce semestre" not in browsing.get("/operator/today").text
    assert "terms.published" in [
        each.kind for each in world.services.base.journal.entries("company")
    ]
    # When it is paid, the claims are fixed
    signed_in(browsing, client.owner)
    client.save_card()
    browsing.post(f"/invoices/{invoice_id}/pay")
    world.pump()
    page = browsing.get("/statement")
    assert "Intérêts de retard" in page.text
    claims = world.services.late.claims.of_account(client.account.id)
    fee = next(claim for claim, _ in claims if claim.kind == "fee")
    # Then the fee can be paid by card
    browsing.post(f"/claims/{fee.id}/pay")
    assert browsing.location == "/statement"
    assert client.stripe.money_taken[-1] == (fee.id, 4000)
    # And the interest waived by an operator
    interest = next(claim for claim, _ in claims if claim.kind == "interest")
    signed_in(browsing, operator)
    at = f"/operator/accounts/{client.account.id}/claims/{interest.id}/waiver"
    assert browsing.post(at, {"reason": ""}).status == 422
    browsing.post(at, {"reason": "Geste commercial"})
    assert "Geste commercial" in browsing.follow().text


@pytest.mark.contract("PAY-3", "PAY-6")
def test_other_days_of_follow_up_are_published_from_a_day_to_come(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    operator = an_operator(world)
    signed_in(browsing, operator)
    typed = {
        "from_on": "2026-11-01",
        "retry_days": "3 7 x",
        "reminder_days": "2, 8",
        "formal_notice_day": "20",
        "notice_days_professional": "10",
        "notice_days_consumer": "15",
        "reason": "Plus tôt",
    }
    page = browsing.post("/operator/payments/terms/days", typed)
    assert page.status == 422
    assert 'id="retry_days-error"' in page.text
    page = browsing.post("/operator/payments/terms/days", {**typed, "retry_days": "3 7"})
    assert 'id="from_on-error"' in page.text
    far = {**typed, "retry_days": "3 7", "from_on": "2206-12-01"}
    assert "à plus de deux ans" in browsing.post("/operator/payments/terms/days", far).text
    right = {**typed, "retry_days": "3 7", "from_on": "2026-12-01"}
    browsing.post("/operator/payments/terms/days", right)
    assert "jours 2, 8" in browsing.follow().text
    world.clock.set("2026-12-01 06:00")
    signed_in(browsing, operator)
    assert "Relances aux jours 2, 8 du défaut" in browsing.get("/operator/payments/late").text


@pytest.mark.contract("PAY-6", "BIL-11")
def test_other_days_to_pay_are_published_and_written_on_the_invoices_that_follow(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    signed_in(browsing, an_operator(world))
    typed = {
        "begins_on": "2026-11-02",
        "card_grace_days": "20",
        "invoice_terms_days": "45",
        "claim_terms_days": "30",
        "carried_below_cents": "10",
        "ground": "Accord de branche",
    }
    page = browsing.post("/operator/payments/terms/delays", typed)
    assert page.status == 422
    assert 'id="carried_below_cents-error"' in page.text
    browsing.post("/operator/payments/terms/delays", {**typed, "carried_below_cents": "100"})
    assert "Accord de branche" in browsing.follow().text
    # Then a client who pays on invoice has 45 days from the 3rd, and the card the month's end
    world.services.accounts.service.approve_invoice_mode(client.account.id, by="operator:usr_test")
    world.clock.set("2026-11-03 06:00")
    client.invoiced()
    (invoice,) = world.services.billing.service.invoices_of(client.account.id)
    assert invoice.due_on == date(2026, 12, 18)


@pytest.mark.contract("PAY-6")
def test_an_invoice_by_card_is_due_at_the_end_of_its_month(
    world: World, client: PayingClient
) -> None:
    client.invoiced()
    (invoice,) = world.services.billing.service.invoices_of(client.account.id)
    assert invoice.due_on == date(2026, 10, 31)


@pytest.mark.contract("PAY-5")
def test_the_mail_about_a_dispute_leads_to_its_page(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    client.save_card()
    client.invoiced()
    client.deliver()
    intent = next(one for one in client.stripe.intents.values() if one.received_cents)
    client.stripe.open_dispute(intent.intent_id)
    client.deliver()
    queues = world.adapters.queues
    (told,) = [one for one in queues.of(Queue.MAIL) if one.body["template"] == "dispute"]
    signed_in(browsing, an_operator(world))
    assert browsing.get(told.body["context"]["path"]).status == 200


@pytest.mark.contract("PAY-5", "OPS-1")
def test_a_lost_dispute_is_to_be_handled_until_it_is_seen(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    client.save_card()
    client.invoiced()
    client.deliver()
    intent = next(one for one in client.stripe.intents.values() if one.received_cents)
    client.stripe.open_dispute(intent.intent_id)
    client.stripe.close_dispute(intent.intent_id, "lost")
    client.deliver()
    world.pump()
    assert any("à régler de nouveau" in str(mail["Subject"]) for mail in world.mails.mails)
    signed_in(browsing, an_operator(world))
    assert "1 contestation perdue" in browsing.get("/operator/today").text
    page = browsing.get("/operator/payments/disputes")
    (address,) = {one for one in re.findall(r'action="([^"]+)"', page.text) if "/seen" in one}
    browsing.post(address, {})
    assert "contestation perdue" not in browsing.get("/operator/today").text
    assert "J’en ai pris note" not in browsing.get("/operator/payments/disputes").text


@pytest.mark.contract("PAY-5")
def test_the_comparison_runs_by_hand_and_its_findings_are_closed(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    client.save_card()
    client.invoiced()
    client.deliver()
    intent = next(one for one in client.stripe.intents.values() if one.received_cents)
    world.clock.advance(minutes=5)
    client.stripe.intents[intent.intent_id] = type(intent)(
        **{**intent.__dict__, "account_id": "", "invoice_id": ""}
    )
    client.stripe.give_back(intent.intent_id, 100)
    client.stripe.events.clear()
    world.clock.advance(minutes=5)
    signed_in(browsing, an_operator(world))
    browsing.post("/operator/payments/comparison")
    shown = browsing.follow().text
    assert "Rattrapé" in shown
    # And what was compared is told: one payment of 34,80, one refund of 1,00
    run = world.services.closings.reconciliation.last_run()
    assert run is not None
    assert (run.charges, run.charged_cents) == (1, 3480)
    assert (run.refunds, run.refunded_cents) == (1, 100)
    assert "34,80\u00a0€" in shown
    assert "Écarts avec nos écritures" in shown


@pytest.mark.contract("PAY-5", "OPS-1")
def test_a_refund_made_at_stripe_is_attached_on_the_page(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given 5,00 given back on Stripe's own pages
    client.save_card()
    client.invoiced()
    client.deliver()
    intent = next(one for one in client.stripe.intents.values() if one.received_cents)
    client.stripe.give_back(intent.intent_id, 500)
    client.deliver()
    world.clock.advance(minutes=5)
    signed_in(browsing, an_operator(world))
    browsing.post("/operator/payments/comparison")
    # Then it waits, on the page and among what is to be handled
    shown = browsing.follow().text
    assert "Remboursement fait chez Stripe, à rattacher" in shown
    assert "écart avec Stripe" in browsing.get("/operator/today").text
    (address,) = {one for one in re.findall(r'action="([^"]+)"', shown) if "/closing" in one}
    assert "ou aucun" in browsing.post(address, {"reason": "Geste"}).text
    browsing.post(address, {"reason": "Geste", "credit_note": "none"})
    assert "à rattacher" in browsing.get("/operator/payments/comparison").text  # among those over
    assert "écart avec Stripe" not in browsing.get("/operator/today").text
    # And the statement says it, and ties
    statement = browsing.get(f"/operator/accounts/{client.account.id}/statement").text
    assert "Remboursement sans avoir, laissé au client" in statement


@pytest.mark.contract("EVD-2")
def test_closings_are_exported_by_year(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    client.save_card()
    client.invoiced()
    client.deliver()
    world.clock.set("2026-11-03 04:00")
    world.services.closings.receipts.close_due()
    signed_in(browsing, an_operator(world))
    assert "tout concorde" in browsing.get("/operator/payments/closings").text
    page = browsing.get("/operator/payments/closings/2026")
    assert page.headers["Content-Type"] == "application/zip"
    text = exported(browsing, "2026")
    assert "cloture_jour;2026-11-01;1;34,80;0,00;34,80;34,80" in text
    assert browsing.get("/operator/payments/closings/20x6").status == 404


@pytest.mark.contract("PAY-1")
def test_an_expiring_card_is_told_by_mail_and_on_the_page(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given a card that expires in December 2032
    world.clock.set("2032-11-02 08:15")
    signed_in(browsing, client.owner)
    assert "Expire bientôt" in browsing.get("/cards").text
    # When the job runs each day of two months
    for day in ("2032-11-02", "2032-11-03", "2032-12-01", "2032-12-02"):
        world.clock.set(f"{day} 08:15")
        world.services.payments.card_expiry.warn()
        world.pump()
    # Then one mail goes out each month
    subjects = [str(mail["Subject"]) for mail in world.mails.to(client.account.email)]
    assert [one for one in subjects if "expire" in one] == [
        "Votre carte expire le mois prochain",
        "Votre carte expire à la fin du mois",
    ]
