"""Refunds, disputes, other amounts, the list to compare with: the fake and Stripe (PAY-5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.foundation.errors import FinalGatewayError
from chalicelib.payments.stripe.processor import (
    Attempt,
    Charge,
    ChargeRequest,
    ChargeStatus,
    MovementKind,
    RefundRequest,
    RefundStatus,
)
from tests.fakes.card_processor import GOOD
from tests.payments_contract.conftest import Side


def paid(side: Side, cents: int = 3480) -> Charge:
    """An invoice paid with a good card."""
    customer = side.processor.ensure_customer("acc_lumen", "a@lumen.example", "Lumen")
    setup = side.processor.start_card_setup(
        customer, success_url="https://c/ok", cancel_url="https://c/no", language="fr"
    )
    side.type_card(setup.session_id, GOOD)
    card = side.processor.saved_card(setup.session_id)
    assert card is not None
    charge = side.processor.open_charge(ChargeRequest("inv_1", "acc_lumen", "F-1", customer, cents))
    return side.processor.attempt(Attempt(charge.intent_id, card.id, "k1"))


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_refund_is_made_once_under_its_name_even_when_keys_are_forgotten(side: Side) -> None:
    charge = paid(side)
    request = RefundRequest(charge.intent_id, 1000, "inv_1-1")
    first = side.processor.refund(request)
    side.forget_keys()
    assert side.processor.refund(request) == first
    side.processor.refund(replace(request, amount_cents=500, key="inv_1-2"))
    seen = side.processor.charge(charge.intent_id)
    assert [(one.amount_cents, one.asked_as) for one in seen.refunds] == [
        (1000, "inv_1-1"),
        (500, "inv_1-2"),
    ]
    with pytest.raises(FinalGatewayError):
        side.processor.refund(RefundRequest(charge.intent_id, 2500, "inv_1-3"))


@pytest.mark.contract("PAY-5")
def test_a_refund_that_fails_later_counts_no_more(side: Side) -> None:
    charge = paid(side)
    refund = side.processor.refund(RefundRequest(charge.intent_id, 1000, "inv_1-1"))
    side.fail_refund(refund.id)
    seen = side.processor.charge(charge.intent_id)
    assert [one.status for one in seen.refunds] == [RefundStatus.FAILED]
    assert seen.refunded_cents == 0
    events = [side.processor.read_event(raw, signed) for raw, signed in side.notices()]
    failed = next(event for event in events if event.type == "refund.failed")
    assert failed.intent_id == charge.intent_id


@pytest.mark.contract("PAY-5")
@pytest.mark.parametrize(("outcome", "back"), [("won", 3480), ("lost", 0)])
def test_a_dispute_tells_what_was_taken_and_given_back(side: Side, outcome: str, back: int) -> None:
    charge = paid(side)
    side.open_dispute(charge.intent_id)
    (opened,) = side.processor.charge(charge.intent_id).disputes
    assert (opened.outcome, opened.withdrawn_cents, opened.fee_cents) == ("open", 3480, 2000)
    assert opened.answer_by is not None
    with pytest.raises(FinalGatewayError):
        side.processor.refund(RefundRequest(charge.intent_id, 100, "inv_1-1"))
    side.close_dispute(charge.intent_id, outcome)
    (closed,) = side.processor.charge(charge.intent_id).disputes
    assert (closed.outcome, closed.reinstated_cents) == (outcome, back)
    types = {
        event.type: event.intent_id
        for event in (side.processor.read_event(raw, signed) for raw, signed in side.notices())
    }
    assert types["charge.dispute.created"] == charge.intent_id
    assert types["charge.dispute.closed"] == charge.intent_id


@pytest.mark.contract("PAY-3")
def test_an_intent_not_paid_takes_another_amount_and_a_paid_one_does_not(side: Side) -> None:
    customer = side.processor.ensure_customer("acc_lumen", "a@lumen.example", "Lumen")
    opened = side.processor.open_charge(ChargeRequest("inv_9", "acc_lumen", "F-9", customer, 3480))
    assert side.processor.change_amount(opened.intent_id, 2480).amount_cents == 2480
    done = paid(side)
    assert side.processor.change_amount(done.intent_id, 100).amount_cents == 3480


@pytest.mark.contract("PAY-3")
def test_an_intent_cancelled_is_followed_by_another_of_the_next_rank(side: Side) -> None:
    customer = side.processor.ensure_customer("acc_lumen", "a@lumen.example", "Lumen")
    first = ChargeRequest("inv_9", "acc_lumen", "F-9", customer, 3480)
    opened = side.processor.open_charge(first)
    side.cancel(opened.intent_id)
    assert side.processor.charge(opened.intent_id).status is ChargeStatus.CANCELLED
    second = side.processor.open_charge(replace(first, rank=1))
    assert second.intent_id != opened.intent_id
    found = side.processor.find_charge(customer, "inv_9", 1)
    assert found is not None
    assert (found.intent_id, found.rank) == (second.intent_id, 1)


@pytest.mark.contract("PAY-5")
def test_the_list_names_each_movement_of_a_window(side: Side) -> None:
    charge = paid(side)
    side.refund(charge.intent_id, 480)
    side.open_dispute(charge.intent_id)
    now = side.now()
    hour = timedelta(hours=1)
    found = list(side.processor.movements(now - hour, now + hour))
    assert {(one.kind, one.amount_cents) for one in found} == {
        (MovementKind.CHARGE, 3480),
        (MovementKind.REFUND, 480),
        (MovementKind.DISPUTE, 3000),
    }
    assert {one.intent_id for one in found} == {charge.intent_id}
    assert list(side.processor.movements(now - 3 * hour, now - 2 * hour)) == []


@pytest.mark.contract("PAY-1")
def test_an_account_that_changed_address_keeps_its_customer(side: Side) -> None:
    first = side.processor.ensure_customer("acc_lumen", "old@lumen.example", "Lumen")
    # Within the day, as Stripe still knows the key; and later
    assert side.processor.ensure_customer("acc_lumen", "new@lumen.example", "Lumen SAS") == first
    side.forget_keys()
    assert side.processor.ensure_customer("acc_lumen", "third@lumen.example", "Lumen") == first
