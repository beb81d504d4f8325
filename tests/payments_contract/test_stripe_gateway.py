"""What payments rely on, held by the fake and by the real gateway alike (PAY-1, PAY-2, PAY-3)."""

import time

import pytest
import stripe

from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.stripe.processor import (
    Attempt,
    BadWebhook,
    CardUnusable,
    Charge,
    ChargeRequest,
    ChargeStatus,
    SavedCard,
)
from chalicelib.payments.stripe.stripe_gateway import StripeGateway
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting
from tests.payments_contract.conftest import Side, StripeSide
from tests.simulator.webhook_receiver import SECRET

EMAIL = "direction@atelier-lumen.example"


def a_customer(side: Side) -> str:
    return side.processor.ensure_customer("acc_lumen", EMAIL, "Atelier Lumen")


def a_card(side: Side, number: str = GOOD) -> SavedCard:
    """Save a card of a customer on the hosted page."""
    setup = side.processor.start_card_setup(
        a_customer(side),
        success_url="https://console.example.com/cards/return?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="https://console.example.com/cards",
        language="fr",
    )
    side.type_card(setup.session_id, number)
    saved = side.processor.saved_card(setup.session_id)
    assert saved is not None
    return saved


def an_intent(side: Side, cents: int = 3480) -> Charge:
    return side.processor.open_charge(
        ChargeRequest(INVOICE, "acc_lumen", "F-2026-000001", a_customer(side), cents)
    )


def try_with(side: Side, charge: Charge, card: SavedCard, key: str, *, present: bool) -> Charge:
    return side.processor.attempt(
        Attempt(charge.intent_id, card.id, key, RETURN_URL if present else None)
    )


@pytest.mark.contract("PAY-1")
def test_an_account_has_one_customer_even_when_keys_are_forgotten(side: Side) -> None:
    first = a_customer(side)
    side.forget_keys()
    assert a_customer(side) == first
    other = side.processor.ensure_customer("acc_autre", "autre@client.example", "Autre")
    assert other != first


@pytest.mark.contract("PAY-1")
def test_the_hosted_page_saves_a_card(side: Side) -> None:
    # Given a hosted page not filled in
    setup = side.processor.start_card_setup(
        a_customer(side), success_url="https://c/ok", cancel_url="https://c/no", language="en"
    )
    assert setup.url.startswith("http")
    assert side.processor.saved_card(setup.session_id) is None
    # When it is, then the card can be fetched
    side.type_card(setup.session_id, GOOD)
    saved = side.processor.saved_card(setup.session_id)
    assert saved is not None
    assert (saved.brand, saved.last4, saved.customer_id) == ("visa", "4242", a_customer(side))
    assert saved.exp_year > 2026
    assert saved.fingerprint


@pytest.mark.parametrize("reference", ["cs_test_unknown", "seti_unknown", "pi_1", "", "../x", "é"])
def test_an_unknown_session_saved_nothing(reference: str, side: Side) -> None:
    assert side.processor.saved_card(reference) is None


def test_the_same_number_has_the_same_fingerprint(side: Side) -> None:
    first, second = a_card(side), a_card(side)
    assert first.id != second.id
    assert first.fingerprint == second.fingerprint


@pytest.mark.contract("PAY-1")
def test_a_card_is_charged_without_its_holder(side: Side) -> None:
    card, charge = a_card(side), an_intent(side)
    assert (charge.status, charge.received_cents) == (ChargeStatus.NEW, 0)
    charged = try_with(side, charge, card, "k1", present=False)
    assert charged.status is ChargeStatus.SUCCEEDED
    assert charged.received_cents == 3480
    assert (charged.invoice_id, charged.account_id) == (INVOICE, "acc_lumen")
    assert charged.card_id == card.id
    assert side.processor.charge(charge.intent_id) == charged


@pytest.mark.contract("PAY-3")
def test_an_invoice_has_one_intent_and_is_found_by_it(side: Side) -> None:
    assert side.processor.find_charge(a_customer(side), INVOICE) is None
    charge = an_intent(side)
    assert an_intent(side).intent_id == charge.intent_id
    # Once keys are forgotten, the listing still leads to it
    side.forget_keys()
    found = side.processor.find_charge(a_customer(side), INVOICE)
    assert found is not None
    assert found.intent_id == charge.intent_id
    assert side.processor.find_charge(a_customer(side), "inv_other") is None


@pytest.mark.contract("PAY-3")
def test_a_paid_intent_is_found_before_one_that_is_not(side: Side) -> None:
    # Given two intents of one invoice, made by accident, the second paid
    card = a_card(side)
    an_intent(side)
    side.forget_keys()
    second = an_intent(side)
    try_with(side, second, card, "k1", present=False)
    # When it is looked for, then
    found = side.processor.find_charge(a_customer(side), INVOICE)
    assert found is not None
    assert (found.intent_id, found.received_cents) == (second.intent_id, 3480)


@pytest.mark.contract("PAY-3")
def test_a_paid_intent_is_never_charged_again(side: Side) -> None:
    card, charge = a_card(side), an_intent(side)
    first = try_with(side, charge, card, "k1", present=False)
    for key, present in [("k1", False), ("k2", False), ("k3", True)]:
        assert try_with(side, charge, card, key, present=present) == first
    side.forget_keys()
    assert try_with(side, charge, card, "k1", present=False) == first


@pytest.mark.contract("PAY-3")
def test_a_refusal_is_an_answer_that_tells_why(side: Side) -> None:
    # Given a card that refuses
    card, charge = a_card(side, DECLINED_LATER), an_intent(side)
    # When it is tried twice, each time as a new attempt
    first = try_with(side, charge, card, "k1", present=False)
    again = try_with(side, charge, card, "k1", present=False)
    second = try_with(side, charge, card, "k2", present=False)
    # Then each attempt has its name; the same key is the same attempt
    assert first.status is second.status is ChargeStatus.DECLINED
    assert first.reason == "generic_decline"
    assert first.attempt == again.attempt != second.attempt
    assert second.card_id == card.id
    assert side.processor.charge(charge.intent_id) == second


def test_the_banks_reason_comes_through(side: Side) -> None:
    card, charge = a_card(side), an_intent(side)
    side.decline_next("insufficient_funds")
    assert try_with(side, charge, card, "k1", present=False).reason == "insufficient_funds"
    # And another try, with the same card, can succeed
    assert try_with(side, charge, card, "k2", present=False).status is ChargeStatus.SUCCEEDED


@pytest.mark.contract("PAY-3")
def test_authentication_is_refused_without_the_holder_and_led_to_with_them(side: Side) -> None:
    card, charge = a_card(side, ALWAYS_AUTHENTICATES), an_intent(side)
    # Nobody there
    absent = try_with(side, charge, card, "k1", present=False)
    assert (absent.status, absent.reason) == (ChargeStatus.DECLINED, "authentication_required")
    assert absent.redirect_url is None
    # The holder there, who refuses first
    asked = try_with(side, charge, card, "k2", present=True)
    assert asked.status is ChargeStatus.ACTION_REQUIRED
    assert asked.redirect_url
    assert asked.card_id == card.id
    side.authenticate(charge.intent_id, allowed=False)
    refused = side.processor.charge(charge.intent_id)
    assert refused.status is ChargeStatus.DECLINED
    assert refused.reason == "payment_intent_authentication_failure"
    assert refused.attempt not in ("", absent.attempt)
    # then accepts
    assert try_with(side, charge, card, "k3", present=True).redirect_url
    side.authenticate(charge.intent_id, allowed=True)
    assert side.processor.charge(charge.intent_id).received_cents == 3480


def test_a_removed_card_is_not_usable(side: Side) -> None:
    card, charge = a_card(side), an_intent(side)
    side.processor.remove_card(card.id)
    side.processor.remove_card(card.id)
    side.processor.remove_card("pm_unknown")
    with pytest.raises(CardUnusable):
        try_with(side, charge, card, "k1", present=False)
    assert side.processor.charge(charge.intent_id).received_cents == 0


def test_an_amount_too_small_is_refused_for_good(side: Side) -> None:
    with pytest.raises(FinalGatewayError):
        an_intent(side, 49)


@pytest.mark.contract("PAY-2")
def test_refunds_are_read_of_the_intent(side: Side) -> None:
    card, charge = a_card(side), an_intent(side)
    try_with(side, charge, card, "k1", present=False)
    side.refund(charge.intent_id, 480)
    side.refund(charge.intent_id, 1000)
    refunded = side.processor.charge(charge.intent_id)
    assert (refunded.status, refunded.refunded_cents) == (ChargeStatus.SUCCEEDED, 1480)


@pytest.mark.contract("PAY-2")
def test_notices_name_what_changed(side: Side) -> None:
    # Given a card saved, a refusal, a payment and a refund
    card, charge = a_card(side), an_intent(side)
    side.decline_next("insufficient_funds")
    try_with(side, charge, card, "k1", present=False)
    try_with(side, charge, card, "k2", present=False)
    side.refund(charge.intent_id, 480)
    # When the notices are read
    events = [side.processor.read_event(raw, signature) for raw, signature in side.notices()]
    # Then those we handle name the session, or the intent
    by_type = {event.type: event for event in events}
    saved = by_type["checkout.session.completed"]
    assert side.processor.saved_card(saved.object_id) == card
    assert side.processor.saved_card(by_type["setup_intent.succeeded"].object_id) == card
    for kind in ("payment_intent.payment_failed", "payment_intent.succeeded", "charge.refunded"):
        assert by_type[kind].intent_id == charge.intent_id, kind
    assert len({event.id for event in events}) == len(events)


@pytest.mark.contract("PAY-2")
def test_a_notice_altered_or_unsigned_is_refused(side: Side) -> None:
    a_card(side)
    raw, signature = side.notices()[-1]
    for altered, told in [
        (raw + b" ", signature),
        (raw, ""),
        (raw, "t=now,v1=1"),
        (raw, signature.replace("v1=", "v1=0")),
        (b"", signature),
        (b"\xff", signature),
    ]:
        with pytest.raises(BadWebhook):
            side.processor.read_event(altered, told)


# What only the gateway can show


@pytest.mark.contract("PAY-2")
@pytest.mark.parametrize(
    ("age", "secret", "read"),
    [
        (0, SECRET, True),
        (290, SECRET, True),
        (310, SECRET, False),
        (-290, SECRET, True),
        (-310, SECRET, False),
        (0, "whsec_other", False),
    ],
)
def test_the_gateway_checks_age_and_secret(
    age: int, secret: str, read: bool, stripe_side: StripeSide
) -> None:
    a_card(stripe_side)
    raw, _ = stripe_side.notices()[-1]
    signature = stripe.WebhookSignature.generate_signature_header(
        raw.decode(), secret, int(time.time()) - age
    )
    if read:
        assert stripe_side.processor.read_event(raw, signature).id.startswith("evt_")
    else:
        with pytest.raises(BadWebhook):
            stripe_side.processor.read_event(raw, signature)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": {"object": 1}}', b"not json", b"null"])
def test_a_signed_notice_that_cannot_be_read_is_refused(
    body: bytes, stripe_side: StripeSide
) -> None:
    signature = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET)
    with pytest.raises(BadWebhook):
        stripe_side.processor.read_event(body, signature)


@pytest.mark.contract("PAY-3")
def test_an_answer_lost_on_the_way_is_asked_again_and_charges_once(
    stripe_side: StripeSide,
) -> None:
    # Given Stripe charging, and the connection dropped before the answer
    card, charge = a_card(stripe_side), an_intent(stripe_side)
    path = f"/v1/payment_intents/{charge.intent_id}/confirm"
    stripe_side.ask("faults", kind="crash_after", path=path)
    # When the card is charged
    charged = try_with(stripe_side, charge, card, "k1", present=False)
    # Then the SDK asked again under the same key: one charge
    assert charged.status is ChargeStatus.SUCCEEDED
    charges = stripe_side.api.v1.charges.list({"payment_intent": charge.intent_id})
    assert len(charges.data) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_stripe_cannot_do_now_is_for_later(status: int, stripe_side: StripeSide) -> None:
    stripe_side.ask("faults", kind="error", status=status, method="GET", times=3)
    with pytest.raises(TemporaryGatewayError):
        stripe_side.processor.charge("pi_1")


def test_stripe_out_of_reach_is_for_later() -> None:
    nobody = StripeGateway("sk_test_simulated", SECRET, "http://127.0.0.1:9")
    with pytest.raises(TemporaryGatewayError):
        nobody.charge("pi_1")


def test_an_unknown_intent_is_final(stripe_side: StripeSide) -> None:
    with pytest.raises(FinalGatewayError) as refused:
        stripe_side.processor.charge("pi_unknown")
    assert refused.value.code == "resource_missing"


@pytest.mark.contract("PAY-1", "PAY-2", "PAY-3")
def test_a_months_payment_from_card_to_receipt(stripe_side: StripeSide) -> None:
    # Given our services over the real gateway, and a client whose card is refused once
    at = Collecting()
    at.processor = stripe_side.processor
    at.build()
    url = at.cards.start_saving(
        ACCOUNT, success_url="https://c/ok", cancel_url="https://c/no", language="fr"
    )
    stripe_side.type_card(url.rsplit("/", 1)[1], GOOD)
    for raw, signature in stripe_side.notices():
        at.webhooks.receive(raw, signature)
    assert at.cards.has_card(ACCOUNT)
    at.issue()
    stripe_side.decline_next("insufficient_funds")
    at.collection.collect(INVOICE)
    assert at.status().state is PaymentState.DECLINED
    # When three days pass, Stripe's keys being forgotten, and every notice comes twice, reversed
    at.clock.advance(days=3)
    stripe_side.forget_keys()
    at.collection.retry_due()
    at.pump()
    notices = stripe_side.notices()
    for raw, signature in [*notices[::-1], *notices]:
        at.webhooks.receive(raw, signature)
    # Then it was paid once
    assert at.status().state is PaymentState.PAID
    assert len(at.mails("receipt")) == len(at.mails("payment_failed")) == 1
    intents = stripe_side.api.v1.payment_intents.list({"limit": 100})
    assert [intent.amount_received for intent in intents.data] == [3480]
    assert at.journaled() == ["card.saved", "payment.declined", "payment.settled"]
