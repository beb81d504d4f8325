"""What waits: at the top of the client's dashboard, and on the operator's first page."""

import pytest

from tests.fakes.accounts import an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import DECLINED_LATER
from tests.fakes.paying import PayingClient
from tests.fakes.world import World


@pytest.mark.contract("OPS-1")
def test_the_operator_begins_with_what_waits(world: World, browsing: Browsing) -> None:
    # Given nothing to do
    signed_in(browsing, an_operator(world))
    browsing.get("/")
    assert browsing.location == "/operator/today"
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
