"""What keeps payments right when things come late, twice or wrong (PAY-1, PAY-2, PAY-3, PAY-5)."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.billing.contracts.contract import ContractBilling
from chalicelib.payments.cards.running_costs import AccountCosts
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.reconciliation.difference import Difference, DifferenceKind
from tests.fakes.billing import BillingWorld, a_desktop
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER
from tests.fakes.clock import paris
from tests.fakes.contracts import a_contract
from tests.fakes.crash_points import KillSwitch, Mortal
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting
from tests.scenarios.test_last_card import Known, Paid

LUMEN = "acc_lumen"


def paid_by_card(cents: int = 3480) -> tuple[Collecting, str]:
    """An invoice paid by card, told and recorded; the name of its intent."""
    at = Collecting()
    at.save_card()
    at.issue(cents=cents)
    at.collection.collect(INVOICE)
    at.deliver()
    (intent_id,) = at.stripe.intents
    return at, intent_id


def found(at: Collecting) -> list[tuple[DifferenceKind, str, int, int]]:
    """Compare with Stripe; give what differs: kind, object, cents there and here."""
    at.reconciliation.run()

    def told(one: Difference) -> tuple[DifferenceKind, str, int, int]:
        return one.kind, one.object_id, one.there_cents, one.here_cents

    return sorted(map(told, at.reconciliation.open()))


# --- amounts --------------------------------------------------------------------------------------


@pytest.mark.contract("PAY-5")
@pytest.mark.parametrize("there", [3479, 3481, 34800])
def test_a_charge_of_another_amount_at_stripe_is_a_difference(there: int) -> None:
    # Given an invoice of 34,80 paid and compared: all agrees
    at, intent_id = paid_by_card()
    at.clock.advance(hours=1)
    assert found(at) == []
    # When Stripe's list says another amount
    intent = at.stripe.intents[intent_id]
    at.stripe.intents[intent_id] = replace(intent, received_cents=there)
    at.clock.advance(hours=1)
    # Then it is reported with both amounts, from its list and from ours, and nothing is put right
    assert found(at) == [
        (DifferenceKind.AMOUNT, intent_id, there, 3480),
        (DifferenceKind.MISSING_THERE, intent_id, 0, 3480),
    ]
    assert [one.amount_cents for one in at.ledger.settlements(ACCOUNT)] == [3480]


@pytest.mark.contract("PAY-5")
def test_a_refund_of_another_amount_at_stripe_is_a_difference() -> None:
    at, intent_id = paid_by_card()
    refund = at.stripe.give_back(intent_id, 480)
    at.deliver()
    at.clock.advance(hours=1)
    by_hand = (DifferenceKind.BY_HAND, refund.id, 480, 480)
    assert found(at) == [by_hand]  # nobody here asked for it: it waits to be attached
    intent = at.stripe.intents[intent_id]
    at.stripe.intents[intent_id] = replace(intent, refunds=(replace(refund, amount_cents=500),))
    at.clock.advance(hours=1)
    assert (DifferenceKind.AMOUNT, refund.id, 500, 480) in found(at)


# --- what comes late ------------------------------------------------------------------------------


@pytest.mark.contract("PAY-2", "PAY-3")
def test_a_refusal_that_comes_once_a_transfer_has_paid_changes_nothing() -> None:
    # Given a client sent to authenticate, who pays by transfer instead
    at = Collecting()
    at.save_card(ALWAYS_AUTHENTICATES)
    at.issue()
    at.collection.collect(INVOICE)
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    at.deliver()
    at.transfer(3480)
    at.pump()
    assert at.status().state is PaymentState.PAID
    told, journaled = at.mails("payment_failed"), at.journaled()
    # When the authentication is given up afterwards, and its notice comes, twice, then a look
    (intent_id,) = at.stripe.intents
    at.stripe.authenticate(intent_id, allowed=False)
    notices = [at.stripe.notice(event) for event in at.stripe.events]
    assert notices
    for notice in notices * 2:
        at.webhooks.receive(notice.raw, notice.signature)
    at.collection.refresh(ACCOUNT, INVOICE)
    at.pump()
    # Then the invoice stays paid: nothing is written, nobody is mailed, nothing is tried again
    assert at.status().state is PaymentState.PAID
    assert (at.mails("payment_failed"), at.journaled()) == (told, journaled)
    at.clock.advance(days=3)
    assert at.collection.retry_due() == 0
    assert at.dunning.in_default_since(INVOICE) is None


@pytest.mark.contract("PAY-3")
@pytest.mark.parametrize("number", [DECLINED_LATER, ALWAYS_AUTHENTICATES])
def test_two_workers_at_once_make_one_attempt(number: str) -> None:
    # Given a worker about to try a card
    at = Collecting()
    at.save_card(number)
    at.issue()
    switch = KillSwitch()
    at.processor = Mortal(at.stripe, switch, frozenset({"attempt"}))
    at.build()

    def another() -> None:
        at.collection.collect(INVOICE)

    # When another one, its message having come twice, tries it from beginning to end
    switch.interrupt(0, another)
    at.collection.collect(INVOICE)
    at.deliver()
    # Then the card was tried once, its refusal recorded and told once
    assert switch.passed.count("before attempt") == 2
    assert at.stripe.tries == 1
    assert at.journaled().count("payment.declined") == 1
    assert len(at.mails("payment_failed")) == 1
    # And the try of three days later is another one
    at.clock.advance(days=3)
    assert at.collection.retry_due() == 1
    at.pump()
    assert at.stripe.tries == 2


# --- the last card --------------------------------------------------------------------------------


@pytest.mark.contract("PAY-1")
def test_a_desktop_that_exists_keeps_the_card_though_nothing_is_owed_yet() -> None:
    # Given a desktop under a contract paid ahead: no invoice is open, and none would be made now
    world = BillingWorld(now="2026-11-10 10:00")
    paid_ahead = a_contract(starts_on=date(2026, 1, 1), billing=ContractBilling.UPFRONT)
    world.contracts.contracts = (paid_ahead,)
    desktop = a_desktop(created="2026-01-10 10:00")
    world.metering.desktops = [desktop]
    desktops = Known([desktop])
    costs = AccountCosts(
        orders=Known(),
        desktops=desktops,
        billing=world.billing,
        storage=Paid().storage,
        terms=Collecting().terms,
        clock=world.clock,
    )
    assert not world.billing.current(desktop.account_id).bills_something
    # Then its last card stays as long as there is a desktop
    assert costs.anything_owed(LUMEN)
    # And no longer
    desktops.found = [replace(desktop, deleted_at=paris("2026-11-09 10:00"))]
    assert not costs.anything_owed(LUMEN)
    desktops.found = [replace(desktop, failed_at=paris("2026-11-09 10:00"))]
    assert not costs.anything_owed(LUMEN)
