"""Paying an invoice from its page; the operator's payments (PAY-3, OPS-1, CON-1)."""

import pytest

from chalicelib.payments.money.payment import PaymentState
from tests.fakes.accounts import a_consumer, an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER, GOOD
from tests.fakes.paying import PayingClient
from tests.fakes.world import CONSOLE_URL, World


@pytest.fixture
def client(world: World, browsing: Browsing) -> PayingClient:
    """A client signed in."""
    client = PayingClient(world)
    signed_in(browsing, client.owner)
    return client


def state_of(client: PayingClient, invoice_id: str) -> PaymentState:
    return client.world.services.payments.collection.status_of(invoice_id).state


@pytest.mark.contract("PAY-1", "CON-1")
def test_a_paid_invoice_says_so_and_its_receipt_goes_out(
    client: PayingClient, browsing: Browsing
) -> None:
    # Given a card, October invoiced and collected: 29,00 + 20 % = 34,80
    client.save_card()
    invoice_id = client.invoiced()
    client.deliver()
    # When the client looks at it
    page = browsing.get(f"/invoices/{invoice_id}")
    # Then it is paid, by that card, with nothing left to do
    assert "Payée" in page.text
    assert "Visa\u00a0••••\u00a04242" in page.text
    assert f'action="/invoices/{invoice_id}/pay"' not in page.text
    # And the receipt names what was paid
    client.world.pump()
    mail = client.world.mails.to(client.account.email)[-1]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["Subject"].startswith("Reçu de paiement")
    for told in (
        "F-2026-000001",
        "34,80\u00a0€",
        "1er novembre 2026",
        "4242",
        f"/invoices/{invoice_id}",
    ):
        assert told in text


@pytest.mark.contract("PAY-1", "CON-1")
def test_an_invoice_tells_when_it_was_issued_sent_charged_and_paid(
    client: PayingClient, browsing: Browsing
) -> None:
    # Given October invoiced on 1 November, and charged; the bank answers on the 2nd
    client.save_card()
    invoice_id = client.invoiced()
    client.world.clock.set("2026-11-02 09:00")
    client.deliver()
    # When the client looks at it, later still
    client.world.clock.set("2026-11-05 10:00")
    signed_in(browsing, client.owner)
    page = browsing.get(f"/invoices/{invoice_id}").text
    # Then the steps follow one another
    steps = (
        "Facture émise",
        f"Envoyée à {client.account.email}",
        "Prélèvement demandé à la banque de la carte",
        "Payée par carte •••• 4242",
    )
    life = page.partition('id="life"')[2]
    places = [life.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.contract("PAY-3", "CON-1")
def test_a_refused_invoice_is_paid_from_its_page(client: PayingClient, browsing: Browsing) -> None:
    # Given a refused card
    client.save_card(DECLINED_LATER)
    invoice_id = client.invoiced()
    client.world.pump()
    mail = client.world.mails.to(client.account.email)[-1]
    assert "n’a pas abouti" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"{CONSOLE_URL}/invoices/{invoice_id}" in text
    page = browsing.get(f"/invoices/{invoice_id}")
    assert "Paiement refusé" in page.text
    assert "4 novembre 2026" in page.text  # the next try
    # When another card is saved and the client pays
    client.world.clock.advance(minutes=10)
    client.save_card(GOOD)
    browsing.post(f"/invoices/{invoice_id}/pay")
    # Then it is paid once, and paying again does nothing
    assert browsing.location == f"/invoices/{invoice_id}"
    assert state_of(client, invoice_id) is PaymentState.PAID
    browsing.post(f"/invoices/{invoice_id}/pay")
    assert browsing.location == f"/invoices/{invoice_id}"
    assert len(client.stripe.money_taken) == 1


@pytest.mark.contract("PAY-3")
def test_a_bank_that_wants_its_client_is_gone_to_and_come_back_from(
    client: PayingClient, browsing: Browsing
) -> None:
    # Given a card whose bank wants authentication
    client.save_card(ALWAYS_AUTHENTICATES)
    invoice_id = client.invoiced()
    client.world.pump()
    subject = client.world.mails.to(client.account.email)[-1]["Subject"]
    assert subject == "À confirmer\u00a0: le paiement de votre facture F-2026-000001"
    assert "Confirmer et payer" in browsing.get(f"/invoices/{invoice_id}").text
    # When the client pays
    page = browsing.post(f"/invoices/{invoice_id}/pay")
    # Then a page leads to the bank's
    assert page.status == 200
    intent_id = next(iter(client.stripe.intents))
    assert f'href="https://hooks.stripe.com/authenticate/{intent_id}"' in page.text
    # When the client confirms there and comes back before the notice
    client.stripe.authenticate(intent_id)
    browsing.get(f"/invoices/{invoice_id}/payment?payment_intent={intent_id}")
    # Then
    assert browsing.location == f"/invoices/{invoice_id}"
    assert "Payée" in browsing.follow().text


@pytest.mark.contract("PAY-3")
def test_without_a_card_one_is_asked_for_first(client: PayingClient, browsing: Browsing) -> None:
    invoice_id = client.invoiced()
    browsing.post(f"/invoices/{invoice_id}/pay")
    assert browsing.location == f"/cards?told=needed&next=/invoices/{invoice_id}"
    assert "vous y reviendrez ensuite" in browsing.follow().text


def test_another_accounts_invoice_is_not_found(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    client.save_card(DECLINED_LATER)
    invoice_id = client.invoiced()
    _, stranger = a_consumer(world)
    signed_in(browsing, stranger)
    assert browsing.post(f"/invoices/{invoice_id}/pay").status == 404
    assert browsing.get(f"/invoices/{invoice_id}/payment").status == 404


def test_stripe_being_down_is_told_and_charges_nothing(
    client: PayingClient, browsing: Browsing
) -> None:
    client.save_card(DECLINED_LATER)
    invoice_id = client.invoiced()
    client.stripe.down = True
    page = browsing.post(f"/invoices/{invoice_id}/pay")
    assert page.status == 409
    assert "ne répond pas" in page.text
    # Coming back from a bank then shows what is known
    browsing.get(f"/invoices/{invoice_id}/payment")
    assert browsing.location == f"/invoices/{invoice_id}"


@pytest.mark.contract("OPS-1", "PAY-3")
def test_the_operator_sees_refused_payments_and_tries_again(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given a refused payment
    client.save_card()
    client.stripe.decline_next.append("insufficient_funds")
    invoice_id = client.invoiced()
    operator = an_operator(world)
    signed_in(browsing, operator)
    page = browsing.get("/operator/payments")
    assert "F-2026-000001" in page.text
    assert "Le solde ou le plafond de la carte ne suffit pas." in page.text
    # When the operator tries again
    browsing.post(f"/operator/payments/{invoice_id}/retry")
    # Then it is among the last ones paid
    page = browsing.follow()
    assert "Aucun paiement n’est en attente." in page.text
    assert "F-2026-000001" in page.text
    assert state_of(client, invoice_id) is PaymentState.PAID
    # and the account's journal keeps who asked
    asked = {
        entry.kind: entry.by for entry in world.services.base.journal.entries(client.account.id)
    }
    assert asked["payment.retried"] == f"operator:{operator.id}"
