"""Notices doubled, late, reordered or concurrent leave a ledger that is Stripe's truth (PAY-2)."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.stripe.processor import Charge, ChargeStatus, Event
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting

STEPS = st.lists(
    st.sampled_from(
        [
            *("collect", "retry", "pay", "allow", "refuse", "refund", "day", "good card"),
            *("deliver oldest", "deliver newest", "deliver any again", "forget keys"),
        ]
    ),
    max_size=25,
)


def check_ledger(at: Collecting) -> None:
    """The ledger equals what the intents are; each payment has one receipt."""
    intents = at.stripe.intents.values()
    received = sum(intent.received_cents for intent in intents)
    refunded = sum(intent.refunded_cents for intent in intents)
    ledger = at.ledger.settlements(ACCOUNT)
    assert sum(entry.amount_cents for entry in ledger) == received - refunded
    assert len(at.stripe.money_taken) == (1 if received else 0)
    assert len(at.mails("receipt")) == len(at.stripe.money_taken)
    assert (at.status().state is PaymentState.PAID) == bool(received)
    assert at.journal.verify(ACCOUNT) is None


class Life:
    """A client's month, played step by step; notices wait until a step delivers them."""

    def __init__(self, number: str) -> None:
        self.at = Collecting()
        self.at.save_card(number)
        self.at.issue()
        self.seen: list[Event] = []

    def play(self, step: str) -> None:
        """Let a step happen, if it can."""
        if step.startswith("deliver"):
            self.deliver(step)
        elif step in ("allow", "refuse", "refund"):
            for intent in list(self.at.stripe.intents.values()):
                self.change(intent, step)
        else:
            at = self.at
            happen = {
                "collect": lambda: at.collection.collect(INVOICE),
                "retry": lambda: (at.collection.retry_due(), at.pump()),
                "pay": lambda: at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL),
                "day": lambda: at.clock.advance(days=1),
                "good card": lambda: at.save_card(GOOD),
                "forget keys": at.stripe.forget_keys,
            }
            happen[step]()

    def change(self, intent: Charge, step: str) -> None:
        """Let the client authenticate, or the operator give money back."""
        if step != "refund" and intent.status is ChargeStatus.ACTION_REQUIRED:
            self.at.stripe.authenticate(intent.intent_id, allowed=step == "allow")
        elif step == "refund" and intent.refunded_cents + 700 <= intent.received_cents:
            self.at.stripe.give_back(intent.intent_id, 700)

    def deliver(self, step: str) -> None:
        waiting = self.at.stripe.events
        if step == "deliver any again" and self.seen:
            self.send(self.seen[len(waiting) % len(self.seen)])
        elif waiting:
            event = waiting.pop(0 if step == "deliver oldest" else -1)
            self.seen.append(event)
            self.send(event)

    def send(self, event: Event) -> None:
        notice = self.at.stripe.notice(event)
        self.at.webhooks.receive(notice.raw, notice.signature)


@pytest.mark.contract("PAY-2", "PAY-3")
@settings(max_examples=150)
@given(st.sampled_from([GOOD, DECLINED_LATER, ALWAYS_AUTHENTICATES]), STEPS)
def test_any_story_ends_with_a_true_ledger(number: str, steps: list[str]) -> None:
    # Given any sequence of what may happen to an invoice
    life = Life(number)
    for step in steps:
        life.play(step)
    # When Stripe has delivered everything, the newest first, then all of it again
    everything = [*life.at.stripe.events[::-1], *life.seen]
    life.at.stripe.events.clear()
    for event in everything:
        life.send(event)
    # Then
    check_ledger(life.at)


@pytest.mark.contract("PAY-2")
def test_notices_handled_at_the_same_time_count_once() -> None:
    # Given an invoice paid and refunded in two parts, none of it recorded but the intent
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.collection.collect(INVOICE)
    intent = next(iter(at.stripe.intents.values()))
    at.stripe._succeed(intent)
    at.stripe.give_back(intent.intent_id, 480)
    at.stripe.give_back(intent.intent_id, 1000)
    notices = [at.stripe.notice(event) for event in at.stripe.events] * 3
    # When every notice is handled by its own worker at once, thrice
    failures: list[BaseException] = []
    ready = threading.Barrier(len(notices))

    def receive(raw: bytes, signature: str) -> None:
        ready.wait()
        try:
            at.webhooks.receive(raw, signature)
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=receive, args=(n.raw, n.signature)) for n in notices]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # Then some may have to come again, as Stripe sends them; after that the ledger is true
    at.deliver()
    check_ledger(at)
    assert len(failures) < len(notices)
    assert at.journaled().count("payment.settled") == 1


@pytest.mark.contract("PAY-3")
def test_two_workers_collecting_at_once_charge_once() -> None:
    # Given one invoice, and eight workers handed it at the same time
    at = Collecting()
    at.save_card()
    at.issue()
    ready = threading.Barrier(8)

    def collect() -> None:
        ready.wait()
        at.collection.collect(INVOICE)

    workers = [threading.Thread(target=collect) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    at.deliver()
    # Then
    assert at.stripe.money_taken == [(INVOICE, 3480)]
    check_ledger(at)
