"""The state a client is shown follows from the ledger first (PAY-2)."""

from dataclasses import replace

import pytest

from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.payment import (
    Collection,
    CollectionState,
    PaymentState,
    payment_status,
)
from tests.fakes.clock import paris

NOW = paris("2026-11-01 06:00")
DECLINED = Collection(
    invoice_id="inv_1",
    account_id="acc_1",
    number="F-2026-000001",
    amount_cents=3480,
    state=CollectionState.DECLINED,
    opened_at=NOW,
    reason="insufficient_funds",
)


def a_settlement(cents: int) -> Settlement:
    kind = SettlementKind.CARD if cents > 0 else SettlementKind.REFUND
    return Settlement(f"pi_1:{cents}", "inv_1", "acc_1", kind, cents, NOW, "pi_1", "visa", "4242")


def test_an_invoice_not_tried_yet_is_due() -> None:
    status = payment_status("inv_1", 3480, None, [])
    assert (status.state, status.can_pay) == (PaymentState.DUE, True)


@pytest.mark.contract("PAY-2")
def test_money_received_outweighs_a_refusal_noted() -> None:
    status = payment_status("inv_1", 3480, DECLINED, [a_settlement(3480)])
    assert (status.state, status.reason, status.can_pay) == (PaymentState.PAID, "", False)
    assert (status.paid_at, status.card_last4) == (NOW, "4242")


def test_part_of_the_amount_does_not_pay_it() -> None:
    status = payment_status("inv_1", 3480, DECLINED, [a_settlement(1000)])
    assert (status.state, status.paid_cents) == (PaymentState.DECLINED, 1000)
    assert status.reason == "insufficient_funds"


def test_money_given_back_leaves_the_invoice_paid() -> None:
    ledger = [a_settlement(3480), a_settlement(-480)]
    status = payment_status("inv_1", 3480, DECLINED, ledger)
    assert (status.state, status.paid_cents, status.refunded_cents) == (
        PaymentState.PAID,
        3480,
        480,
    )


@pytest.mark.parametrize(
    ("noted", "shown"),
    [
        (CollectionState.STARTED, PaymentState.DUE),
        (CollectionState.PROCESSING, PaymentState.PROCESSING),
        (CollectionState.ACTION_REQUIRED, PaymentState.ACTION_REQUIRED),
    ],
)
def test_without_money_the_collection_is_shown(noted: CollectionState, shown: PaymentState) -> None:
    assert payment_status("inv_1", 3480, replace(DECLINED, state=noted), []).state is shown
