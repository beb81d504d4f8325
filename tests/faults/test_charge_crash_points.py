"""No invoice is charged twice, wherever the process dies (PAY-1, PAY-3).

Every call to Stripe, to the tables and to the queues is a place to die, just before it leaves or
just after it was carried out.  Then the message comes back, as SQS sends it, and the day after.
"""

import itertools
from contextlib import suppress

import pytest

from chalicelib.payments.money.payment import PaymentState
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER, GOOD
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting


def a_mortal_collecting(number: str = GOOD) -> tuple[Collecting, KillSwitch]:
    """Build a client with a card and an invoice; everything outside may kill."""
    at, switch = Collecting(), KillSwitch()
    at.save_card(number)
    at.issue()
    at.processor = Mortal(at.stripe, switch)
    at.tables = Mortal(at.tables, switch)
    at.queues = Mortal(at.queues, switch)
    at.build()
    return at, switch


def boundaries(number: str = GOOD) -> int:
    """Count the boundaries of a collection that nothing disturbs."""
    at, switch = a_mortal_collecting(number)
    switch.arm(None)
    at.collection.collect(INVOICE)
    return len(switch.passed)


def collect_dying(at: Collecting, switch: KillSwitch, kill_at: int | None) -> None:
    """Handle the message in a new process, which may die."""
    switch.arm(kill_at)
    at.build()
    with suppress(Killed):
        at.collection.collect(INVOICE)
    switch.arm(None)


def recover(at: Collecting) -> None:
    """Let the message come back, the outbox be relayed, the notices and the next day come."""
    at.build()
    at.work.relay_pending()
    at.collection.collect(INVOICE)
    at.deliver()
    at.clock.advance(days=1)
    at.collection.retry_due()
    at.pump()
    at.deliver()
    at.work.relay_pending()


def check_paid_once(at: Collecting) -> None:
    assert at.stripe.money_taken == [(INVOICE, 3480)], at.stripe.money_taken
    ledger = at.ledger.settlements(ACCOUNT, INVOICE)
    assert [entry.amount_cents for entry in ledger] == [3480]
    assert at.status().state is PaymentState.PAID
    assert len(at.mails("receipt")) == 1
    assert at.journaled().count("payment.settled") == 1


def test_there_are_enough_places_to_die() -> None:
    assert boundaries() > 30


@pytest.mark.contract("PAY-1", "PAY-3")
@pytest.mark.parametrize("keys", ["kept", "forgotten"])
def test_dying_anywhere_charges_once(keys: str) -> None:
    for kill_at in range(boundaries()):
        # Given a process that dies there
        at, switch = a_mortal_collecting()
        collect_dying(at, switch, kill_at)
        # When it is done again, within the day or after Stripe forgot its keys
        if keys == "forgotten":
            at.stripe.forget_keys()
        recover(at)
        # Then
        check_paid_once(at)


@pytest.mark.contract("PAY-3")
def test_dying_twice_charges_once() -> None:
    # Every second pair of boundaries: enough to cross each step with each
    places = range(0, boundaries(), 2)
    for first, second in itertools.product(places, places):
        at, switch = a_mortal_collecting()
        collect_dying(at, switch, first)
        at.stripe.forget_keys()
        collect_dying(at, switch, second)
        recover(at)
        check_paid_once(at)


@pytest.mark.contract("PAY-3")
@pytest.mark.parametrize("number", [DECLINED_LATER, ALWAYS_AUTHENTICATES])
def test_dying_over_a_refusal_tells_the_client_once_and_charges_nothing(number: str) -> None:
    for kill_at in range(boundaries(number)):
        at, switch = a_mortal_collecting(number)
        collect_dying(at, switch, kill_at)
        at.stripe.forget_keys()
        recover(at)
        assert at.stripe.money_taken == []
        assert len(at.mails("payment_failed")) == 1
        assert at.journaled().count("payment.declined") == 1
        assert len(at.stripe.intents) == 1
        assert at.stripe.tries == 1


@pytest.mark.contract("PAY-3")
def test_dying_anywhere_charges_once_even_if_stripe_finds_nothing_again() -> None:
    for kill_at in range(boundaries()):
        # Given a process that dies there
        at, switch = a_mortal_collecting()
        collect_dying(at, switch, kill_at)
        # When neither the key nor the listing leads back to the intent
        at.stripe.forget_keys()
        at.stripe.listing_lags = True
        recover(at)
        # Then a second intent may have been opened, but one alone was ever tried
        check_paid_once(at)
        assert at.stripe.tries == 1


@pytest.mark.contract("PAY-3")
def test_dying_while_the_client_pays_charges_once() -> None:
    at, switch = a_mortal_collecting(DECLINED_LATER)
    switch.arm(None)
    at.collection.collect(INVOICE)
    at.save_card(GOOD)
    switch.arm(None)
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    count = len(switch.passed)
    for kill_at in range(count):
        # Given a refused invoice and a new card
        at, switch = a_mortal_collecting(DECLINED_LATER)
        at.collection.collect(INVOICE)
        at.save_card(GOOD)
        # When the process dies while the client pays, who then clicks again
        switch.arm(kill_at)
        with suppress(Killed):
            at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
        switch.arm(None)
        at.build()
        at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
        recover(at)
        # Then
        check_paid_once(at)


@pytest.mark.contract("PAY-1")
def test_dying_while_a_card_is_saved_makes_one_customer_and_one_card() -> None:
    def a_process() -> tuple[Collecting, KillSwitch]:
        at, switch = Collecting(), KillSwitch()
        at.processor = Mortal(at.stripe, switch)
        at.tables = Mortal(at.tables, switch)
        at.build()
        return at, switch

    at, switch = a_process()
    switch.arm(None)
    at.save_card()
    at.deliver()
    for kill_at in range(len(switch.passed)):
        at, switch = a_process()
        switch.arm(kill_at)
        with suppress(Killed):
            at.save_card()
            at.deliver()
        # When the client starts again a day later, and the notices come too
        switch.arm(None)
        at.stripe.forget_keys()
        at.build()
        at.clock.advance(days=1)
        at.save_card()
        at.deliver()
        # Then there is one customer, and the card is listed once
        assert len(at.stripe.customers) == 1
        assert len(at.cards.cards_of(ACCOUNT)) == 1
        assert at.orders.announced
