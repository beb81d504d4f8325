"""Invoices collected by card: at once, after a refusal, with authentication (PAY-1, PAY-3)."""

import pytest

from chalicelib.foundation.errors import DomainError, NotFoundError, TemporaryGatewayError
from chalicelib.foundation.messages import Queue
from chalicelib.payments.money.payment import PaymentState
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, OTHER_ACCOUNT, RETURN_URL, Collecting


def one_charge(at: Collecting) -> None:
    """The invoice was charged once, and the ledger says so."""
    assert at.stripe.money_taken == [(INVOICE, 3480)]
    assert [entry.amount_cents for entry in at.ledger.settlements(ACCOUNT, INVOICE)] == [3480]
    assert len(at.mails("receipt")) == 1
    assert at.status().state is PaymentState.PAID


@pytest.mark.contract("PAY-1")
def test_a_months_invoice_is_charged_off_session_and_receipted() -> None:
    # Given a client with a card and an invoice of 34.80 EUR incl. VAT
    at = Collecting("2026-11-01 06:00")
    at.save_card()
    at.issue(cents=3480)
    # When it is collected, the message coming twice, and the notice follows
    at.collection.collect(INVOICE)
    at.collection.collect(INVOICE)
    at.deliver()
    # Then it is paid once, by the card shown, with one receipt
    one_charge(at)
    assert (at.status().card_brand, at.status().card_last4) == ("visa", "4242")
    receipt = at.queues.of(Queue.MAIL)[-1].body
    assert receipt["context"]["number"] == "F-2026-000001"
    assert receipt["context"]["amount_cents"] == 3480
    assert at.journaled() == ["card.saved", "payment.settled"]


def test_an_account_in_invoice_mode_is_not_charged() -> None:
    at = Collecting()
    at.save_card()
    at.issue(mode="invoice")
    at.collection.collect(INVOICE)
    with pytest.raises(NotFoundError):
        at.collection.try_again(INVOICE, by="operator:usr_test")
    assert at.stripe.intents == {}
    assert at.status().state is PaymentState.DUE


def test_an_amount_below_stripes_minimum_is_left_due() -> None:
    at = Collecting()
    at.save_card()
    at.issue(cents=49)
    at.collection.collect(INVOICE)
    assert at.stripe.intents == {}
    with pytest.raises(DomainError, match="trop faible"):
        at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)


@pytest.mark.contract("PAY-3")
def test_a_refused_card_is_mailed_about_and_tried_on_days_3_7_14_and_21() -> None:
    # Given a card that refuses every charge
    at = Collecting("2026-11-01 06:00")
    at.save_card(DECLINED_LATER)
    at.issue()
    # When the invoice is collected on the 1st, the message coming twice
    at.collection.collect(INVOICE)
    at.collection.collect(INVOICE)
    at.deliver()
    # Then one refusal was mailed
    assert at.status().state is PaymentState.DECLINED
    assert len(at.mails("payment_failed")) == 1
    # When the job runs twice a day for six weeks
    tried: list[int] = []
    for day in range(1, 43):
        at.clock.advance(days=1)
        before = at.storage.collection(ACCOUNT, INVOICE)
        for _ in range(2):
            at.collection.retry_due()
            at.pump()
            at.deliver()
        after = at.storage.collection(ACCOUNT, INVOICE)
        assert before is not None
        assert after is not None
        tried += [day] * (after.attempts - before.attempts)
    # Then it was tried on those days only, each refusal mailed once
    assert tried == [3, 7, 14, 21]
    assert len(at.mails("payment_failed")) == 5
    assert at.journaled().count("payment.declined") == 5
    # And always on the same intent
    assert len(at.stripe.intents) == 1


@pytest.mark.contract("PAY-3")
def test_a_retry_uses_the_card_of_that_day() -> None:
    # Given an invoice refused on the 1st, and a new card since
    at = Collecting("2026-11-01 06:00")
    at.save_card(DECLINED_LATER)
    at.issue()
    at.collection.collect(INVOICE)
    at.clock.advance(days=2)
    at.save_card(GOOD)
    # When day 3 comes, a day late and after Stripe forgot its keys
    at.clock.advance(days=2)
    at.stripe.forget_keys()
    assert at.collection.retry_due() == 1
    at.pump()
    at.deliver()
    # Then it is paid once
    one_charge(at)
    assert at.collection.retry_due() == 0


@pytest.mark.contract("PAY-3")
def test_the_client_pays_a_refused_invoice_from_its_page() -> None:
    # Given an invoice refused
    at = Collecting()
    at.save_card(DECLINED_LATER)
    at.issue()
    at.collection.collect(INVOICE)
    # When the client adds a card and pays, clicking twice
    at.clock.advance(hours=5)
    at.save_card(GOOD)
    outcome = at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    again = at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    at.deliver()
    # Then it is paid once, nothing being left to authenticate
    assert outcome.redirect_url is again.redirect_url is None
    one_charge(at)


@pytest.mark.contract("PAY-3")
def test_a_bank_that_wants_authentication_gets_it_from_the_clients_page() -> None:
    # Given a card whose bank refuses charges without authentication
    at = Collecting()
    at.save_card(ALWAYS_AUTHENTICATES)
    at.issue()
    at.collection.collect(INVOICE)
    assert at.status().state is PaymentState.ACTION_REQUIRED
    assert len(at.mails("payment_failed")) == 1
    # When the client pays, gives up authenticating, and comes back
    outcome = at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    assert outcome.redirect_url is not None
    intent_id = next(iter(at.stripe.intents))
    at.stripe.authenticate(intent_id, allowed=False)
    at.collection.refresh(ACCOUNT, INVOICE)
    assert at.status().state is PaymentState.DECLINED
    # And pays again, this time to the end
    assert at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL).redirect_url is not None
    at.stripe.authenticate(intent_id)
    at.collection.refresh(ACCOUNT, INVOICE)
    at.deliver()
    # Then it is paid once
    one_charge(at)


def test_an_authentication_under_way_is_gone_on_with() -> None:
    # Given a client sent to authenticate, who came back without doing it
    at = Collecting()
    at.save_card(ALWAYS_AUTHENTICATES)
    at.issue()
    at.collection.collect(INVOICE)
    first = at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    # When paying again, then it is the same authentication
    assert at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL) == first
    # When another card was saved meanwhile, then that one pays
    at.clock.advance(minutes=5)
    at.save_card(GOOD)
    assert at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL).redirect_url is None
    at.deliver()
    one_charge(at)


@pytest.mark.contract("PAY-3")
def test_a_client_without_a_card_is_asked_for_one() -> None:
    # Given no card at all
    at = Collecting()
    at.issue()
    # When the invoice is collected twice
    at.collection.collect(INVOICE)
    at.collection.collect(INVOICE)
    # Then the client is told once; paying needs a card first
    assert (at.status().state, at.status().reason) == (PaymentState.DECLINED, "no_card")
    assert len(at.mails("payment_failed")) == 1
    with pytest.raises(DomainError, match="Aucune carte"):
        at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    # When one is saved, then paying works
    at.save_card()
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    one_charge(at)


def test_a_card_that_stripe_no_longer_has_is_told_as_such() -> None:
    # Given a card detached behind our back
    at = Collecting()
    card = at.save_card()
    at.stripe.remove_card(card.id)
    at.issue()
    # When the invoice is collected
    at.collection.collect(INVOICE)
    # Then
    assert (at.status().state, at.status().reason) == (PaymentState.DECLINED, "unusable_card")
    assert len(at.mails("payment_failed")) == 1


def test_stripe_being_down_leaves_everything_to_be_done_later() -> None:
    # Given Stripe down when the invoice is collected
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.down = True
    with pytest.raises(TemporaryGatewayError):
        at.collection.collect(INVOICE)
    assert at.mails("payment_failed") == set()
    # When it is back, even if the message was lost, then the daily job collects it
    at.stripe.down = False
    at.clock.advance(days=1)
    at.collection.retry_due()
    at.pump()
    one_charge(at)


def test_another_accounts_invoice_cannot_be_paid_nor_looked_at() -> None:
    at = Collecting()
    at.save_card()
    at.save_card(account_id=OTHER_ACCOUNT)
    at.issue()
    with pytest.raises(NotFoundError):
        at.collection.pay_now(OTHER_ACCOUNT, INVOICE, RETURN_URL)
    with pytest.raises(NotFoundError):
        at.collection.refresh(OTHER_ACCOUNT, INVOICE)
    assert at.stripe.intents == {}


def test_an_accounts_payments_are_read_at_once() -> None:
    # Given two invoices, one paid, one refused
    at = Collecting()
    at.save_card()
    at.issue("inv_1", 1000)
    at.issue("inv_2", 2000)
    at.collection.collect("inv_1")
    at.stripe.decline_next.append("insufficient_funds")
    at.collection.collect("inv_2")
    # When the account's payments are read
    statuses = at.collection.statuses_of(ACCOUNT)
    # Then they are those of each invoice
    assert {key: status.state for key, status in statuses.items()} == {
        "inv_1": PaymentState.PAID,
        "inv_2": PaymentState.DECLINED,
    }
    assert statuses == {key: at.status(key) for key in ("inv_1", "inv_2")}
    assert at.collection.statuses_of(OTHER_ACCOUNT) == {}
