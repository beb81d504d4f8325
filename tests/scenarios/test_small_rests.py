"""Some cents left of an invoice: one rule for all that asks for money (PAY-1, PAY-3, PAY-6, P8)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.payments.money.claim import ClaimKind
from chalicelib.payments.money.payment import PaymentState
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting
from tests.scenarios.test_late_payers import days_of, unpaid

OPERATOR = "operator:usr_test"


def all_but_30_cents_by_transfer(at: Collecting) -> None:
    at.transfer(99970)


def all_but_30_cents_by_credit_note(at: Collecting) -> None:
    at.transfer(60000)
    at.credit(39970)


@pytest.mark.contract("PAY-6")
@pytest.mark.parametrize("pay", [all_but_30_cents_by_transfer, all_but_30_cents_by_credit_note])
def test_thirty_cents_left_keep_nobody_suspended(pay: Callable[[Collecting], None]) -> None:
    # Given 1000,00 due on 1 December, and the service suspended for it
    at = unpaid()
    days_of(at, "service_suspended", "2027-01-05")
    assert at.desktops.suspended == {ACCOUNT}
    # When 999,70 are paid, or taken off, on 5 January
    pay(at)
    at.pump()
    # Then the service is back at once, and told; the claims are fixed as if all were paid
    assert at.desktops.suspended == set()
    assert len(at.mails("service_resumed")) == 1
    assert {claim.kind for claim, _ in at.claims.of_account(ACCOUNT)} == {*ClaimKind}
    # And the rest stays owed, without a word more about it
    assert at.status().left_cents == 30
    assert days_of(at, "payment_reminder", "2027-02-01") == []
    assert at.desktops.suspended == set()
    # Nor does paying it one day fix the claims anew
    at.transfer(30, "VIR RESTE")
    at.pump()
    assert at.status().state is PaymentState.PAID
    assert len(at.claims.of_account(ACCOUNT)) == 2


@pytest.mark.contract("PAY-6")
def test_what_is_late_but_for_some_cents_is_not_suspended() -> None:
    # Given a formal notice, and 999,70 that came before the service was to stop
    at = unpaid()
    days_of(at, "formal_notice", "2026-12-30")
    at.transfer(99970)
    # When the message that says so is lost, and the day comes
    at.queues.waiting.clear()
    at.clock.set("2026-12-31 10:00")
    at.dunning.run()
    at.pump()
    # Then nothing stops
    assert at.desktops.suspended == set()
    assert at.suspensions.current(ACCOUNT) is None


@pytest.mark.contract("PAY-1", "PAY-3")
def test_the_rest_is_carried_to_the_next_charge_whatever_its_invoice_was_paid_by() -> None:
    # Given 0,30 left of an invoice paid by transfer, and an account that now pays by card
    at = Collecting()
    at.save_card()
    at.issue(cents=100000, mode="invoice")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.transfer(99970)
    at.pump()
    with pytest.raises(DomainError, match="trop faible"):
        at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    # When the next invoice is charged
    at.issue("inv_novembre", 3480)
    at.handle(CollectInvoice(invoice_id="inv_novembre"))
    at.pump()
    # Then 35,10 are, and both are paid
    (card,) = [one for one in at.ledger.settlements(ACCOUNT) if one.kind == "card"]
    assert card.amount_cents == 3510
    assert at.status().left_cents == at.status("inv_novembre").left_cents == 0


@pytest.mark.contract("PAY-6")
def test_what_is_carried_is_dated_and_never_under_what_stripe_takes() -> None:
    at, day = Collecting(), date(2026, 11, 1)
    wider = replace(
        at.terms.on(day), from_on=date(2026, 12, 1), carried_below_cents=200, reason="Frais"
    )
    for wrong in (replace(wider, carried_below_cents=49), replace(wider, from_on=day)):
        with pytest.raises(FieldErrors):
            at.terms.publish(wrong, day=day, by=OPERATOR)
    at.terms.publish(wider, day=day, by=OPERATOR)
    assert not at.terms.on(date(2026, 11, 30)).is_carried(199)
    assert at.terms.on(date(2026, 12, 1)).is_carried(199)
    assert not at.terms.on(date(2026, 12, 1)).is_carried(200)
