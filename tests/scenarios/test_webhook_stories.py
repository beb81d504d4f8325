"""Stripe's notices: signed, handled once, and only a reason to look (PAY-2)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.payments.money.ledger import SettlementKind
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.stripe.processor import BadWebhook, ChargeRequest, Event
from tests.fakes.card_processor import SECRET, sign
from tests.fakes.payments import ACCOUNT, INVOICE, OTHER_ACCOUNT, Collecting


def a_paid_invoice() -> Collecting:
    """An invoice charged, its notices not delivered yet."""
    at = Collecting()
    at.save_card()
    at.issue()
    at.collection.collect(INVOICE)
    return at


def settled_event(at: Collecting) -> Event:
    return next(event for event in at.stripe.events if event.type == "payment_intent.succeeded")


@pytest.mark.contract("PAY-2")
def test_a_forged_or_stale_notice_changes_nothing() -> None:
    # Given a true notice
    at = a_paid_invoice()
    notice = at.stripe.notice(settled_event(at))
    commits = at.tables.commits
    now = int(at.clock.now().timestamp())
    # When it comes forged, altered, unsigned, unreadable or too old, then it is refused
    for raw, signature in [
        (notice.raw, sign(notice.raw, now, "whsec_other")),
        (notice.raw.replace(b"pi_", b"px_"), notice.signature),
        (notice.raw, ""),
        (notice.raw, "nonsense"),
        (notice.raw, sign(notice.raw, now - 301, SECRET)),
    ]:
        with pytest.raises(BadWebhook):
            at.webhooks.receive(raw, signature)
    # And nothing was written
    assert at.tables.commits == commits


@pytest.mark.contract("PAY-2")
def test_a_notice_that_comes_three_times_is_handled_once() -> None:
    # Given a notice handled
    at = a_paid_invoice()
    notice = at.stripe.notice(settled_event(at))
    at.webhooks.receive(notice.raw, notice.signature)
    commits = at.tables.commits
    # When it comes again
    at.webhooks.receive(notice.raw, notice.signature)
    at.webhooks.receive(notice.raw, notice.signature)
    # Then nothing more is written
    assert at.tables.commits == commits
    assert len(at.mails("receipt")) == 1


@pytest.mark.contract("PAY-2")
def test_a_late_refusal_does_not_undo_a_payment() -> None:
    # Given an invoice refused, then paid, whose refusal is told last
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.collection.collect(INVOICE)
    at.collection.try_again(INVOICE, by="operator:usr_test")
    # When the notices come in the wrong order
    at.stripe.events.reverse()
    at.deliver()
    # Then it is paid
    assert at.status().state is PaymentState.PAID
    assert at.journaled().count("payment.settled") == 1
    assert at.journaled().count("payment.declined") == 1


@pytest.mark.contract("PAY-2")
def test_unknown_kinds_and_others_objects_are_acknowledged() -> None:
    # Given an intent that is nobody's invoice, and one that names another account's
    at = a_paid_invoice()
    foreign = at.stripe.open_charge(ChargeRequest("inv_elsewhere", "acc_x", "X", "cus_x", 500))
    crossed = at.stripe.open_charge(ChargeRequest("inv_2", OTHER_ACCOUNT, "F", "cus_y", 700))
    at.issue("inv_2", 700)
    ledger = at.ledger.settlements(ACCOUNT)
    # When notices of them come, and of kinds we do not handle
    for kind, thing in [
        ("payment_intent.succeeded", foreign.intent_id),
        ("payment_intent.succeeded", crossed.intent_id),
        ("invoice.created", "in_1"),
        ("customer.updated", "cus_1"),
        ("checkout.session.completed", "cs_unknown"),
    ]:
        intent = thing if thing.startswith("pi_") else None
        notice = at.stripe.notice(Event(f"evt_{kind}_{thing}", kind, thing, intent))
        at.webhooks.receive(notice.raw, notice.signature)
    # Then they are acknowledged, and the ledger is as before
    assert at.ledger.settlements(ACCOUNT) == ledger
    assert at.storage.collection(ACCOUNT, "inv_2") is None


@pytest.mark.contract("PAY-2")
def test_refunds_are_added_to_the_ledger_once_each() -> None:
    # Given an invoice of 34.80 paid, then 4.80 and 10.00 given back
    at = a_paid_invoice()
    intent_id = next(iter(at.stripe.intents))
    at.stripe.give_back(intent_id, 480)
    at.stripe.give_back(intent_id, 1000)
    # When every notice comes twice, the second refund's first
    events = [*at.stripe.events[::-1], *at.stripe.events]
    for event in events:
        notice = at.stripe.notice(event)
        at.webhooks.receive(notice.raw, notice.signature)
    # Then 14.80 are given back in all, and the invoice stays paid
    ledger = at.ledger.settlements(ACCOUNT, INVOICE)
    given_back = [entry.amount_cents for entry in ledger if entry.kind is SettlementKind.REFUND]
    assert sum(given_back) == -1480
    assert (at.status().state, at.status().refunded_cents) == (PaymentState.PAID, 1480)


@pytest.mark.contract("PAY-2")
def test_a_payment_and_its_refund_told_together_are_both_recorded() -> None:
    # Given a process that died before recording a payment, refunded since by hand
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.collection.collect(INVOICE)
    collection = at.storage.collection(ACCOUNT, INVOICE)
    assert collection is not None
    assert collection.intent_id is not None
    intent = at.stripe.intents[collection.intent_id]
    at.stripe._succeed(intent)
    at.stripe.give_back(intent.intent_id, 3480)
    # When only the refund's notice comes
    refund = at.stripe.events[-1]
    notice = at.stripe.notice(refund)
    at.webhooks.receive(notice.raw, notice.signature)
    # Then the ledger holds both, and the chain of evidence too
    assert [entry.amount_cents for entry in at.ledger.settlements(ACCOUNT, INVOICE)] == [
        3480,
        -3480,
    ]
    assert at.journaled()[-2:] == ["payment.settled", "payment.refunded"]
    assert at.storage.event_handled(refund.id)


class Overtaken:
    """Lets something happen just before, or just after, the next call of one method."""

    def __init__(self, outside: Any, method: str, happens: Callable[[], None]) -> None:
        self._outside = outside
        self._method = method
        self._happens: Callable[[], None] | None = happens

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._outside, name)
        if name != self._method:
            return found

        def overtaken(*given: Any, **named: Any) -> Any:
            happens, self._happens = self._happens, None
            fetched = found(*given, **named) if name == "charge" else None
            if happens:
                happens()
            return fetched if name == "charge" else found(*given, **named)

        return overtaken


@pytest.mark.contract("PAY-2")
@pytest.mark.parametrize("when", ["charge", "commit"])
def test_a_refund_overtaken_by_a_later_one_is_not_counted_twice(when: str) -> None:
    # Given an invoice paid, 7.00 given back, and a worker that deals with it
    at = a_paid_invoice()
    at.deliver()
    intent_id = next(iter(at.stripe.intents))
    at.stripe.give_back(intent_id, 700)
    first = at.stripe.notice(at.stripe.events.pop())

    def a_later_refund() -> None:
        at.stripe.give_back(intent_id, 300)
        at.deliver()

    # When 3.00 more are recorded after it fetched the intent, or just before it commits
    if when == "charge":
        at.processor = Overtaken(at.stripe, "charge", a_later_refund)
    else:
        at.tables = Overtaken(at.tables, "commit", a_later_refund)
    at.build()
    at.webhooks.receive(first.raw, first.signature)
    # Then 10.00 are given back in all
    assert at.status().refunded_cents == 1000


def test_a_notice_is_trusted_for_its_id_alone() -> None:
    # Given a signed notice which pretends that an unpaid intent succeeded
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.collection.collect(INVOICE)
    intent_id = next(iter(at.stripe.intents))
    told = {"id": intent_id, "status": "succeeded", "amount_received": 3480}
    body = {"id": "evt_x", "type": "payment_intent.succeeded", "data": {"object": told}}
    raw = json.dumps(body).encode()
    # When it comes
    at.webhooks.receive(raw, sign(raw, int(at.clock.now().timestamp())))
    # Then what Stripe says now decides
    assert at.ledger.settlements(ACCOUNT, INVOICE) == []
    assert at.status().state is PaymentState.DECLINED
