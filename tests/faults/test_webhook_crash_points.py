"""A notice whose handling dies or is overtaken anywhere, then comes again (PAY-2, PAY-5)."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.stripe.processor import Event
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting

Story = Callable[[Collecting], None]


def paid(at: Collecting) -> None:
    """The client authenticates; nobody but Stripe knows yet that the invoice is paid."""
    at.save_card(ALWAYS_AUTHENTICATES)
    at.issue()
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    at.deliver()
    at.stripe.authenticate(the_intent(at), allowed=True)


def given_back(at: Collecting) -> None:
    """Ten euros are given back on Stripe's own pages."""
    paid(at)
    at.deliver()
    at.stripe.give_back(the_intent(at), 1000)


def disputed(at: Collecting) -> None:
    """The holder's bank takes the payment back."""
    paid(at)
    at.deliver()
    at.stripe.open_dispute(the_intent(at))


def won(at: Collecting) -> None:
    """And gives it again."""
    disputed(at)
    at.deliver()
    at.stripe.close_dispute(the_intent(at), "won")


# What each leaves: state, cents kept, entries of money, mails by template.
LEFT: dict[Story, tuple[PaymentState, int, int, dict[str, int]]] = {
    paid: (PaymentState.PAID, 3480, 1, {"receipt": 1}),
    given_back: (PaymentState.PAID, 2480, 2, {"receipt": 1, "refund": 1}),
    disputed: (PaymentState.DISPUTED, 0, 2, {"receipt": 1, "dispute": 1}),
    won: (PaymentState.PAID, 3480, 3, {"receipt": 1, "dispute": 2}),
}


def the_intent(at: Collecting) -> str:
    """Name the only intent."""
    (intent_id,) = at.stripe.intents
    return intent_id


def a_mortal(story: Story) -> tuple[Collecting, KillSwitch, list[Event]]:
    """Play a story; give the notices it leaves to a system that may die at any outside call."""
    at, switch = Collecting(), KillSwitch()
    story(at)
    waiting, at.stripe.events[:] = list(at.stripe.events), []
    at.processor = Mortal(at.stripe, switch)
    at.tables = Mortal(at.tables, switch)
    at.queues = Mortal(at.queues, switch, only=frozenset({"send"}))
    at.build()
    return at, switch, waiting


def receive(at: Collecting, events: list[Event]) -> None:
    """Have Stripe send these notices, and the queues carried out."""
    for event in events:
        notice = at.stripe.notice(event)
        at.webhooks.receive(notice.raw, notice.signature)


def check(at: Collecting, story: Story) -> None:
    """The ledger is what Stripe did, each fact told once, and the evidence holds."""
    state, cents, entries, mails = LEFT[story]
    assert at.status().state is state
    money = [entry for entry in at.ledger.settlements(ACCOUNT) if entry.is_money]
    assert sum(entry.amount_cents for entry in money) == cents
    assert len(money) == entries
    assert {template: len(at.mails(template)) for template in mails} == mails
    assert at.journal.verify(ACCOUNT) is None
    days = {entry.at.date() for entry in money}
    kept = sorted(entry.id for day in days for entry in at.ledger.receipts(day))
    assert kept == sorted(entry.id for entry in money)


@pytest.mark.contract("PAY-2", "PAY-5")
@pytest.mark.parametrize("story", LEFT, ids=lambda story: story.__name__)
def test_a_notice_whose_handling_dies_anywhere_counts_once(story: Story) -> None:
    # Given how many places there are to die
    at, switch, events = a_mortal(story)
    switch.arm(None)
    receive(at, events)
    places = len(switch.passed)
    assert places >= 8
    check(at, story)
    for kill_at in range(places):
        # When the process dies at each; Stripe, that had no answer, sends again, and once more
        at, switch, events = a_mortal(story)
        switch.arm(kill_at)
        with suppress(Killed):
            receive(at, events)
        assert len(switch.passed) == kill_at + 1
        switch.arm(None)
        at.build()
        at.work.relay_pending()
        receive(at, events)
        receive(at, events)
        at.work.relay_pending()
        at.pump()
        # Then
        check(at, story)


@pytest.mark.contract("PAY-2", "PAY-5")
@pytest.mark.parametrize("story", LEFT, ids=lambda story: story.__name__)
def test_a_notice_overtaken_anywhere_by_itself_counts_once(story: Story) -> None:
    at, switch, events = a_mortal(story)
    switch.arm(None)
    receive(at, events)
    for place in range(len(switch.passed)):
        # When the same notices are handled whole by another process at each place
        at, switch, events = a_mortal(story)
        switch.interrupt(place, lambda at=at, events=events: receive(at, events))  # type: ignore[misc]
        receive(at, events)
        at.work.relay_pending()
        at.pump()
        # Then
        check(at, story)
