"""Stripe's endpoint: signed bodies in, one word out (PAY-2)."""

import pytest

from chalicelib.payments.money.payment import PaymentState
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import sign
from tests.fakes.paying import PayingClient
from tests.fakes.world import World

JSON = "application/json; charset=utf-8"


def send(browsing: Browsing, raw: bytes, signature: str) -> int:
    """Post as Stripe does: no cookie, no origin, no form."""
    browsing.app.services = browsing.world.services
    response = browsing._client.http.post(
        "/stripe/webhook",
        headers={"Content-Type": JSON, "Stripe-Signature": signature},
        body=raw,
    )
    return int(response.status_code)


@pytest.mark.contract("PAY-2")
def test_a_notice_settles_an_invoice(world: World, browsing: Browsing) -> None:
    # Given a client away from the console, whose payment was refused and then authenticated
    client = PayingClient(world)
    client.save_card()
    client.stripe.decline_next.append("insufficient_funds")
    invoice_id = client.invoiced()
    client.stripe._succeed(next(iter(client.stripe.intents.values())))
    # When the notices come, twice
    for event in [*client.stripe.events, *client.stripe.events]:
        notice = client.stripe.notice(event)
        assert send(browsing, notice.raw, notice.signature) == 200
    # Then
    assert world.services.payments.collection.status_of(invoice_id).state is PaymentState.PAID


@pytest.mark.contract("PAY-2")
def test_a_forged_stale_or_future_notice_gets_400_and_writes_nothing(
    world: World, browsing: Browsing
) -> None:
    client = PayingClient(world)
    client.save_card()
    client.stripe.decline_next.append("insufficient_funds")
    client.invoiced()
    notice = client.stripe.notice(client.stripe.events[-1])
    stored = world.adapters.tables.commits
    stale = sign(notice.raw, int(world.clock.now().timestamp()) - 301)
    future = sign(notice.raw, int(world.clock.now().timestamp()) + 301)
    for raw, signature in [
        (notice.raw, ""),
        (notice.raw, "t=1,v1=00"),
        (notice.raw + b" ", notice.signature),
        (notice.raw, stale),
        (notice.raw, future),
        (b"", notice.signature),
        ("é".encode("latin-1"), notice.signature),
    ]:
        assert send(browsing, raw, signature) == 400
    assert world.adapters.tables.commits == stored


def test_stripe_is_asked_to_send_again_when_we_cannot_handle_it(
    world: World, browsing: Browsing
) -> None:
    client = PayingClient(world)
    client.save_card()
    client.invoiced()
    notice = client.stripe.notice(client.stripe.events[-1])
    client.stripe.down = True
    assert send(browsing, notice.raw, notice.signature) == 500
    client.stripe.down = False
    assert send(browsing, notice.raw, notice.signature) == 200


def test_only_json_is_taken(browsing: Browsing) -> None:
    browsing.post_raw("/stripe/webhook", {"id": "evt_1"})
    assert browsing.status == 415
