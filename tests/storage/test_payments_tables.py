"""Payments over DynamoDB as over memory: what was stored is what is read (PAY-1, PAY-2, PAY-3)."""

import pytest

from chalicelib.foundation.aws import AwsAccess
from chalicelib.payments.money.payment import PaymentState
from tests.fakes.payments import ACCOUNT, INVOICE, Collecting
from tests.storage.conftest import make_tables


@pytest.fixture(params=["memory", "dynamodb"])
def at(request: pytest.FixtureRequest) -> Collecting:
    """A client, over each of the two."""
    collecting = Collecting()
    if request.param == "dynamodb":
        access: AwsAccess = request.getfixturevalue("access")
        collecting.tables = make_tables(access, "payments", "journal", "outbox", "accounts")
        collecting.build()
    return collecting


@pytest.mark.contract("PAY-1", "PAY-2", "PAY-3")
def test_a_refusal_a_payment_and_a_refund_are_stored_and_listed(at: Collecting) -> None:
    # Given a card, and an invoice refused
    card = at.save_card()
    at.deliver()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.collection.collect(INVOICE)
    at.deliver()
    # Then it is among the unpaid
    (unpaid,) = at.collection.unpaid()
    assert unpaid == at.storage.collection(ACCOUNT, INVOICE)
    assert (unpaid.reason, unpaid.attempts) == ("insufficient_funds", 1)
    assert at.collection.recently_settled() == []
    # When it is paid on day 3, partly refunded, and every notice comes twice
    at.clock.advance(days=3)
    assert at.collection.retry_due() == 1
    at.pump()
    intent_id = unpaid.intent_id
    assert intent_id is not None
    at.stripe.give_back(intent_id, 480)
    events = list(at.stripe.events)
    at.deliver()
    at.stripe.events.extend(events)
    at.deliver()
    # Then the records say so
    assert at.collection.unpaid() == []
    assert [one.invoice_id for one in at.collection.recently_settled()] == [INVOICE]
    assert at.status().state is PaymentState.PAID
    assert at.collection.statuses_of(ACCOUNT) == {INVOICE: at.status()}
    assert (at.status().paid_cents, at.status().refunded_cents) == (3480, 480)
    assert at.cards.cards_of(ACCOUNT) == [card]
    assert at.journaled() == [
        "card.saved",
        "payment.declined",
        "payment.settled",
        "payment.refunded",
    ]
