"""What waits: at the top of the client's dashboard, and on the operator's first page."""

import pytest

from chalicelib.foundation.messages import Queue
from tests.fakes.accounts import an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import DECLINED_LATER
from tests.fakes.paying import PayingClient
from tests.fakes.world import World


@pytest.mark.contract("OPS-1")
def test_the_operator_begins_with_what_waits(world: World, browsing: Browsing) -> None:
    # Given nothing to do but the rate of the half-year to record
    signed_in(browsing, an_operator(world))
    browsing.get("/")
    assert browsing.location == "/operator/today"
    assert 'href="/operator/payments/terms"' in browsing.get("/operator/today").text
    rates = {"half_year": "2026-07-01", "legal": "2,62", "ecb": "2,15", "source": "Arrêté"}
    browsing.post("/operator/payments/terms/rates", rates)
    assert "Rien n’attend" in browsing.get("/operator/today").text
    # When a card is declined
    client = PayingClient(world)
    client.save_card(DECLINED_LATER)
    client.invoiced()
    # Then it is counted, with the way to it
    page = browsing.get("/operator/today").text
    assert "1 carte refusée" in page
    assert 'href="/operator/payments"' in page
    assert "Rien n’attend" not in page


@pytest.mark.contract("CON-2", "PAY-1")
def test_the_dashboard_says_what_waits_for_the_client(world: World, browsing: Browsing) -> None:
    # Given a client whose card expires at the end of 2034, and pays: nothing is said
    client = PayingClient(world)
    client.save_card(DECLINED_LATER)
    signed_in(browsing, client.owner)
    assert 'id="attention"' not in browsing.get("/dashboard").text
    # When the card is declined, then the invoice to settle is named
    invoice_id = client.invoiced()
    page = browsing.get("/dashboard").text
    assert "a été refusé" in page
    assert f'href="/invoices/{invoice_id}"' in page


@pytest.mark.contract("PAY-4", "PAY-6", "OPS-1")
def test_a_transfer_that_does_not_come_is_seen_and_reminded(
    world: World, browsing: Browsing
) -> None:
    # Given a client who pays on invoice, thirty days after 1 November
    client = PayingClient(world)
    world.services.accounts.service.approve_invoice_mode(client.account.id, by="operator:usr_op")
    client.invoiced()
    (awaited,) = world.services.payments.collection.unpaid()
    assert (awaited.state, str(awaited.due_on)) == ("waiting", "2026-12-01")
    # When the day passes without a transfer
    world.clock.set("2026-12-02 10:00")
    world.services.late.dunning.run()
    # Then the client is reminded, once, and sees it; so does the operator
    sent = [one.body["template"] for one in world.adapters.queues.of(Queue.MAIL)]
    assert sent.count("payment_reminder") == 1
    signed_in(browsing, client.owner)
    assert "est échue depuis le 1er décembre 2026" in browsing.get("/dashboard").text
    signed_in(browsing, an_operator(world))
    page = browsing.get("/operator/today").text
    assert "1 facture à régler par virement est échue" in page
