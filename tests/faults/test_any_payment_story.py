"""Any sequence of payments, transfers, credit notes, refunds and disputes ends in a true ledger.

Statement, open invoices, closings and ledger then say the same; what was given back by hand at
Stripe, and only that, waits for an operator.

Notices wait until a step delivers them, in any order, any number of times (PAY-2, PAY-4, PAY-5).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.foundation.errors import DomainError
from chalicelib.payments.closings.closing import Period
from chalicelib.payments.money.ledger import BALANCE, SettlementKind, money_of
from chalicelib.payments.money.refund_order import RefundState
from chalicelib.payments.reconciliation.hand_refunds import NO_CREDIT_NOTE
from chalicelib.payments.stripe.processor import TRYABLE, ChargeStatus, Event, RefundStatus
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting

DUE = 3480
STEPS = st.lists(
    st.sampled_from(
        [
            *("collect", "retry", "pay", "authenticate", "day", "good card", "forget keys"),
            *("credit", "transfer", "reverse", "give back", "refund fails", "cancel"),
            *("dispute", "win", "lose", "messages", "reconcile", "attach", "another invoice"),
            *("deliver oldest", "deliver newest", "deliver again"),
        ]
    ),
    max_size=30,
)
_CARD = {SettlementKind.CARD, SettlementKind.REFUND, SettlementKind.REFUND_FAILED}
_DISPUTE = {SettlementKind.DISPUTE, SettlementKind.DISPUTE_WON}


class Life:
    """An invoice's life; what cannot happen now is passed over."""

    def __init__(self, number: str) -> None:
        self.at = Collecting()
        self.at.save_card(number)
        self.at.issue(cents=DUE)
        self.seen: list[Event] = []
        self.count = 0
        at = self.at
        self.steps: dict[str, Callable[[], Any]] = {
            "collect": lambda: at.handle(CollectInvoice(invoice_id=INVOICE)),
            "retry": at.collection.retry_due,
            "pay": lambda: at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL),
            "authenticate": self.authenticate,
            "day": lambda: at.clock.advance(days=1),
            "good card": lambda: at.save_card(GOOD),
            "forget keys": at.stripe.forget_keys,
            "credit": self.credit,
            "transfer": self.transfer,
            "reverse": self.reverse,
            "give back": self.give_back,
            "refund fails": self.fail_refund,
            "cancel": self.cancel,
            "dispute": self.dispute,
            "win": lambda: self.decide("won"),
            "lose": lambda: self.decide("lost"),
            "messages": at.pump,
            "reconcile": at.reconciliation.run,
            "attach": self.attach,
            "another invoice": self.another_invoice,
            "deliver oldest": lambda: self.deliver(0),
            "deliver newest": lambda: self.deliver(-1),
            "deliver again": lambda: self.send(self.seen[0]) if self.seen else None,
        }

    def play(self, step: str) -> None:
        with suppress(DomainError):
            self.steps[step]()

    def authenticate(self) -> None:
        for intent in list(self.at.stripe.intents.values()):
            if intent.status is ChargeStatus.ACTION_REQUIRED:
                self.at.stripe.authenticate(intent.intent_id)

    def credit(self) -> None:
        known = self.at.receivables.known[INVOICE]
        if known.credited_cents + 700 <= DUE:
            self.at.credit(700)

    def transfer(self) -> None:
        self.count += 1
        self.at.transfer(1000, f"VIR {self.count}")

    def reverse(self) -> None:
        for transfer in self.at.transfers.recent()[:1]:
            self.at.reversal.reverse(transfer.id, reason="Rejet", by="operator:usr_test")

    def give_back(self) -> None:
        for intent in list(self.at.stripe.intents.values()):
            left = intent.received_cents - intent.refunded_cents
            if not intent.disputes and left >= 500:
                self.at.stripe.give_back(intent.intent_id, 500)

    def attach(self) -> None:
        for found in self.at.reconciliation.open():
            credits = self.at.receivables.credits_of(found.invoice_id)
            self.at.reconciliation.close(
                found.name,
                reason="Geste",
                by="operator:usr_test",
                credit_note_id=credits[0].id if credits else NO_CREDIT_NOTE,
            )

    def another_invoice(self) -> None:
        """Issue one of 18,00 to be paid by transfer, twice at most."""
        name = f"inv_{len(self.at.receivables.known)}"
        if len(self.at.receivables.known) < 3:
            self.at.issue(name, 1800, "invoice")
            self.at.handle(CollectInvoice(invoice_id=name))

    def fail_refund(self) -> None:
        for intent in list(self.at.stripe.intents.values()):
            for one in intent.refunds[:1]:
                if one.status is not RefundStatus.FAILED:
                    self.at.stripe.fail_refund(one.id)

    def cancel(self) -> None:
        for intent in list(self.at.stripe.intents.values()):
            if intent.status in TRYABLE:
                self.at.stripe.cancel(intent.intent_id)

    def dispute(self) -> None:
        for intent in list(self.at.stripe.intents.values()):
            if intent.received_cents > intent.refunded_cents and not intent.disputes:
                self.at.stripe.open_dispute(intent.intent_id)

    def decide(self, outcome: str) -> None:
        for intent in list(self.at.stripe.intents.values()):
            if intent.disputes and intent.disputes[-1].outcome == "open":
                self.at.stripe.close_dispute(intent.intent_id, outcome)

    def deliver(self, which: int) -> None:
        if self.at.stripe.events:
            event = self.at.stripe.events.pop(which)
            self.seen.append(event)
            self.send(event)

    def send(self, event: Event) -> None:
        notice = self.at.stripe.notice(event)
        self.at.webhooks.receive(notice.raw, notice.signature)

    def end(self) -> None:
        """Deliver everything, the newest first, then all of it again; carry every message."""
        for _ in range(3):
            for event in [*self.at.stripe.events[::-1], *self.seen]:
                self.seen.append(event) if event not in self.seen else None
                self.send(event)
            self.at.stripe.events.clear()
            self.at.pump()


def check(at: Collecting) -> None:
    """The ledger is Stripe's truth, to the cent; nobody paid twice; nothing is held unduly."""
    entries = at.ledger.settlements(ACCOUNT)
    intents = list(at.stripe.intents.values())
    for intent in intents:
        of_intent = [entry for entry in entries if entry.reference == intent.intent_id]
        cards = sum(entry.amount_cents for entry in of_intent if entry.kind in _CARD)
        assert cards == intent.received_cents - intent.refunded_cents
        moved = sum(entry.amount_cents for entry in of_intent if entry.kind in _DISPUTE)
        taken = sum(one.withdrawn_cents - one.reinstated_cents for one in intent.disputes)
        assert moved == -taken
    for invoice in at.receivables.known.values():
        money = money_of(invoice.amount_cents, at.ledger.settlements(ACCOUNT, invoice.invoice_id))
        assert money.excess_cents == 0, "money held that nobody is giving back"
        collection = at.storage.collection(ACCOUNT, invoice.invoice_id)
        assert money.left_cents == collection.left_cents  # type: ignore[union-attr]
    balance = at.ledger.balance(ACCOUNT)
    assert balance.balance_cents == sum(
        entry.amount_cents for entry in entries if entry.invoice_id == BALANCE
    )
    waiting = [one for one in at.refunds.to_make() if one.state is RefundState.TO_MAKE]
    assert balance.reserved_cents == sum(one.amount_cents for one in waiting)
    assert not [one for one in at.refunds.to_make() if one.state is RefundState.ASKED]
    assert len({entry.id + entry.invoice_id for entry in entries}) == len(entries)
    assert at.journal.verify(ACCOUNT) is None
    check_ties(at)
    run = at.reconciliation.run()
    assert run.found == run.by_hand
    waiting_ids = {one.object_id for one in at.reconciliation.open()}
    over_ids = {one.object_id for one in at.reconciliation.over(1000) if one.closed_at}
    refunds = [one for intent in intents for one in intent.refunds if one.counts]
    assert {one.id for one in refunds if not one.asked_as} <= waiting_ids | over_ids


def check_ties(at: Collecting) -> None:
    """The statement is the open invoices less what the account holds; closings are the ledger."""
    open_cents = sum(one.left_cents for one in at.storage.collections(ACCOUNT))
    held_cents = at.ledger.balance(ACCOUNT).balance_cents
    assert at.statements.of(ACCOUNT)[-1].balance_cents == open_cents - held_cents
    at.clock.advance(days=2)
    at.closings.close_due()
    money = [one.amount_cents for one in at.ledger.settlements(ACCOUNT) if one.is_money]
    last = at.closings.newest(Period.DAY, 1)
    assert (last[0].perpetual_cents if last else 0) == sum(money)
    assert list(at.closings.verify()) == []


@pytest.mark.contract("PAY-2", "PAY-4", "PAY-5", "BIL-5", "EVD-2")
@settings(max_examples=60)
@given(st.sampled_from([GOOD, DECLINED_LATER, ALWAYS_AUTHENTICATES]), STEPS)
def test_any_story_of_an_invoice_ends_in_a_true_ledger(number: str, steps: list[str]) -> None:
    life = Life(number)
    life.play("collect")
    for step in steps:
        life.play(step)
    life.end()
    check(life.at)
