"""An invoice under formal notice whose payment the bank takes back (PAY-5, PAY-6; P8)."""

import pytest

from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.foundation.clock import today
from chalicelib.payments.money.payment import PaymentState
from tests.fakes.card_processor import DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting


@pytest.mark.contract("PAY-5", "PAY-6")
def test_nobody_is_suspended_for_an_invoice_in_dispute() -> None:
    # Given an invoice that its card refused, under formal notice
    at = Collecting()
    at.know_rates()
    at.save_card(DECLINED_LATER)
    at.issue(cents=100000)
    at.handle(CollectInvoice(invoice_id=INVOICE))
    while not at.mails("formal_notice"):
        at.clock.advance(days=1)
        at.dunning.run()
        at.pump()
    announced = at.suspensions.current(ACCOUNT)
    assert announced is not None
    # When the client pays it, and its bank takes the payment back before it is followed up
    at.save_card(GOOD)
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    (intent_id,) = (one for one, known in at.stripe.intents.items() if known.received_cents)
    at.stripe.open_dispute(intent_id)
    at.deliver()
    at.pump()
    assert at.status().state is PaymentState.DISPUTED
    # Then the day the suspension was announced for passes, and the service goes on
    while today(at.clock) < announced.effective_on.replace(day=28):
        at.clock.advance(days=1)
        at.dunning.run()
        at.pump()
    assert at.desktops.suspended == set()
    assert at.mails("service_suspended") == set()
    assert at.suspensions.current(ACCOUNT) is None
