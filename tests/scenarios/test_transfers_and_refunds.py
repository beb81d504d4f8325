"""Transfers in part, in excess, reversed; credit notes; disputes (PAY-4, PAY-5, BIL-5)."""

from datetime import timedelta

import pytest

from chalicelib.billing.papers.messages import CollectInvoice, SettleCreditNote
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.messages import Queue
from chalicelib.payments.money.claim import ClaimKind
from chalicelib.payments.money.ledger import BALANCE, SettlementKind, money_of
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.money.refund_order import RefundState
from chalicelib.payments.transfers.service import ReceivedTransfer
from tests.fakes.payments import ACCOUNT, INVOICE, OTHER_ACCOUNT, RETURN_URL, Collecting
from tests.scenarios.test_late_payers import days_of

OPERATOR = "operator:usr_test"


def by_transfer(*cents: int) -> Collecting:
    """A client on invoice, with an invoice of each amount, a day apart."""
    at = Collecting()
    for number, amount in enumerate(cents, 1):
        at.issue(f"inv_{number}", amount, mode="invoice")
        at.handle(CollectInvoice(invoice_id=f"inv_{number}"))
    return at


def paid_by_card(cents: int = 3480) -> tuple[Collecting, str]:
    """An invoice charged; gives its intent too."""
    at = Collecting()
    at.save_card()
    at.issue(cents=cents)
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.deliver()
    return at, next(iter(at.stripe.intents))


def check_balance(at: Collecting) -> None:
    """The balance kept is what its entries add up to."""
    entries = at.ledger.settlements(ACCOUNT, BALANCE)
    assert at.ledger.balance(ACCOUNT).balance_cents == sum(e.amount_cents for e in entries)
    assert at.journal.verify(ACCOUNT) is None


def left(at: Collecting, invoice_id: str) -> int:
    return at.status(invoice_id).left_cents


# transfers


@pytest.mark.contract("PAY-4")
def test_a_transfer_in_part_then_the_rest() -> None:
    # Given 120,00 to pay by transfer
    at = by_transfer(12000)
    # When 50,00 come, then 70,00
    at.transfer(5000, "VIR A")
    assert (left(at, "inv_1"), at.status("inv_1").state) == (7000, PaymentState.DUE)
    at.transfer(7000, "VIR B")
    # Then it is paid, each transfer confirmed once
    assert at.status("inv_1").state is PaymentState.PAID
    assert len(at.mails("transfer_received")) == 2
    assert at.journaled().count("payment.transfer_received") == 2
    check_balance(at)


@pytest.mark.contract("PAY-4")
def test_a_transfer_pays_the_oldest_first_and_its_excess_the_next_invoice() -> None:
    # Given 30,00 and 40,00 to pay
    at = by_transfer(3000, 4000)
    # When 75,00 come
    at.transfer(7500)
    # Then both are paid and 5,00 stay with the account
    assert [left(at, one) for one in ("inv_1", "inv_2")] == [0, 0]
    assert at.spreading.balance_of(ACCOUNT).usable_cents == 500
    # And the next invoice, of 20,00, takes them by itself
    at.issue("inv_3", 2000, mode="invoice")
    at.handle(CollectInvoice(invoice_id="inv_3"))
    assert left(at, "inv_3") == 1500
    assert at.spreading.balance_of(ACCOUNT).balance_cents == 0
    check_balance(at)


@pytest.mark.contract("PAY-4")
def test_a_card_is_charged_what_the_balance_leaves() -> None:
    # Given 10,00 held for a client who pays by card
    at = Collecting()
    at.save_card()
    at.transfer(1000)
    # When an invoice of 34,80 is collected
    at.issue()
    at.handle(CollectInvoice(invoice_id=INVOICE))
    # Then the card pays 24,80
    assert at.stripe.money_taken == [(INVOICE, 2480)]
    assert at.status().state is PaymentState.PAID


@pytest.mark.contract("PAY-4")
def test_the_invoice_named_is_paid_first() -> None:
    at = by_transfer(3000, 4000)
    at.transfer(4500, invoice_id="inv_2")
    assert [left(at, one) for one in ("inv_1", "inv_2")] == [2500, 0]


@pytest.mark.contract("PAY-4")
def test_the_same_bank_reference_counts_once() -> None:
    at = by_transfer(12000)
    first = at.transfer(5000, "VIR  abc")
    # Recorded twice by two clicks, in another case and spacing: one transfer
    assert at.transfer(5000, "vir ABC").id == first.id
    assert left(at, "inv_1") == 7000
    # With another amount it is a mistake
    with pytest.raises(FieldErrors) as refused:
        at.transfer(6000, "VIR abc")
    assert set(refused.value.errors) == {"reference"}
    check_balance(at)


@pytest.mark.contract("PAY-4")
def test_what_makes_no_sense_is_refused_and_changes_nothing() -> None:
    at = by_transfer(12000, 3000)
    at.issue("inv_other", 5000, mode="invoice", account_id=OTHER_ACCOUNT)
    at.credit(3000, "inv_2")
    at.pump()
    day, commits = today(at.clock), at.tables.commits
    for field, wrong in {
        "amount": ReceivedTransfer(ACCOUNT, 0, day, "R"),
        "received_on": ReceivedTransfer(ACCOUNT, 100, day + timedelta(days=1), "R"),
        "reference": ReceivedTransfer(ACCOUNT, 100, day, "  "),
    }.items():
        with pytest.raises(FieldErrors) as refused:
            at.transfers.record(wrong, by=OPERATOR)
        assert set(refused.value.errors) == {field}
    # An invoice cancelled by a credit note, unknown, or another client's takes no transfer
    for invoice_id in ("inv_2", "inv_unknown", "inv_other"):
        with pytest.raises(FieldErrors) as refused:
            at.transfer(100, invoice_id=invoice_id)
        assert set(refused.value.errors) == {"invoice_id"}
    assert at.tables.commits == commits


@pytest.mark.contract("PAY-4")
def test_a_transfer_reversed_makes_its_invoices_due_again() -> None:
    # Given 75,00 that paid 30,00 and 40,00, whose excess then paid 5,00 of a third
    at = by_transfer(3000, 4000)
    transfer = at.transfer(7500)
    at.issue("inv_3", 2000, mode="invoice")
    at.handle(CollectInvoice(invoice_id="inv_3"))
    # When the bank takes it back
    at.reversal.reverse(transfer.id, reason="Rejet de la banque", by=OPERATOR)
    at.reversal.reverse(transfer.id, reason="Rejet de la banque", by=OPERATOR)
    # Then all are due again, by entries that answer the first ones
    assert [left(at, f"inv_{n}") for n in (1, 2, 3)] == [3000, 4000, 2000]
    assert at.spreading.balance_of(ACCOUNT).balance_cents == 0
    assert at.journaled().count("payment.transfer_reversed") == 1
    check_balance(at)
    # And recorded once more by mistake, it is not taken for the one that was there
    with pytest.raises(FieldErrors) as refused:
        at.transfer(7500)
    assert set(refused.value.errors) == {"reference"}


@pytest.mark.contract("PAY-4")
def test_reversing_one_transfer_leaves_the_others_payments() -> None:
    at = by_transfer(3000, 4000)
    first = at.transfer(3000, "VIR A")
    at.transfer(4000, "VIR B")
    at.reversal.reverse(first.id, reason="Rejet", by=OPERATOR)
    assert [left(at, f"inv_{n}") for n in (1, 2)] == [3000, 0]
    with pytest.raises(FieldErrors):
        at.reversal.reverse(first.id, reason=" ", by=OPERATOR)


# credit notes and refunds


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_credit_note_before_payment_lessens_what_is_charged() -> None:
    # Given a refused invoice of 34,80, then a credit note of 10,00
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.credit(1000)
    at.pump()
    # When it is paid
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    # Then 24,80 are taken, by the same intent
    assert at.stripe.money_taken == [(INVOICE, 2480)]
    assert at.status().state is PaymentState.PAID
    assert len(at.stripe.intents) == 1


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_credit_note_after_payment_is_given_back_to_the_card() -> None:
    # Given an invoice paid by card
    at, intent = paid_by_card()
    # When a credit note of 10,00 comes, twice
    name = at.credit(1000)
    at.pump()
    at.handle(SettleCreditNote(credit_note_id=name))
    at.pump()
    at.deliver()
    # Then 10,00 went back to that card, once, and the invoice is still paid
    assert at.stripe.intents[intent].refunded_cents == 1000
    assert (at.status().state, at.status().refunded_cents) == (PaymentState.PAID, 1000)
    (order,) = at.ledger.refunds(ACCOUNT, INVOICE)
    assert (order.state, order.amount_cents) == (RefundState.SENT, 1000)
    assert len(at.mails("refund")) == 1


@pytest.mark.contract("BIL-5")
def test_two_credit_notes_give_back_what_each_takes_off() -> None:
    at, intent = paid_by_card()
    at.credit(1000)
    at.credit(2480)
    at.pump()
    assert [one.amount_cents for one in at.stripe.intents[intent].refunds] == [1000, 2480]
    assert at.status().state is PaymentState.CREDITED


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_refund_made_on_stripes_pages_counts_for_the_credit_note() -> None:
    # Given an operator who gave 10,00 back by hand, then issued the credit note
    at, intent = paid_by_card()
    at.stripe.give_back(intent, 1000)
    at.deliver()
    assert at.status().state is PaymentState.PAID
    at.credit(1000)
    at.pump()
    # Then nothing more is given back
    assert at.stripe.intents[intent].refunded_cents == 1000


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_refund_that_fails_later_is_given_back_by_the_bank() -> None:
    # Given 10,00 given back to a card that turns out to be closed
    at, intent = paid_by_card()
    at.credit(1000)
    at.pump()
    (refund,) = at.stripe.intents[intent].refunds
    at.stripe.fail_refund(refund.id)
    at.deliver()
    at.pump()
    # Then the operator has it to make, and the money is reserved for that
    (order,) = at.refunds.to_make()
    assert (order.state, order.amount_cents) == (RefundState.TO_MAKE, 1000)
    assert at.spreading.balance_of(ACCOUNT).usable_cents == 0
    # When it is made
    day = today(at.clock)
    for _ in range(2):
        at.refunds.made_by_bank(ACCOUNT, order.id, reference="SEPA 1", paid_on=day, by=OPERATOR)
    # Then nothing is held any more
    assert at.refunds.to_make() == []
    assert at.spreading.balance_of(ACCOUNT).balance_cents == 0
    check_balance(at)


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_refund_that_stripe_refuses_is_given_back_by_the_bank() -> None:
    at, _ = paid_by_card()
    at.stripe.refuse_refunds = True
    at.credit(1000)
    at.pump()
    assert [order.state for order in at.ledger.refunds(ACCOUNT, INVOICE)] == [
        RefundState.FAILED,
        RefundState.TO_MAKE,
    ]


@pytest.mark.contract("BIL-5", "PAY-4")
def test_a_transfer_too_much_after_a_credit_note_goes_back_by_the_bank_or_stays() -> None:
    # Given an invoice of 30,00 paid by transfer, then credited of 12,00
    at = by_transfer(3000)
    at.transfer(3000)
    at.credit(1200, "inv_1")
    at.pump()
    (order,) = at.refunds.to_make()
    assert order.amount_cents == 1200
    # And a second invoice, which must not take what is to go back
    at.issue("inv_2", 2000, mode="invoice")
    at.handle(CollectInvoice(invoice_id="inv_2"))
    assert left(at, "inv_2") == 2000
    # When the client would rather leave it
    at.refunds.keep(ACCOUNT, order.id, by=OPERATOR)
    at.pump()
    # Then the second invoice takes it
    assert left(at, "inv_2") == 800
    check_balance(at)


@pytest.mark.contract("PAY-4")
def test_a_balance_can_be_sent_back_on_demand() -> None:
    at = by_transfer(3000)
    at.transfer(3500)
    at.refunds.order_of_balance(ACCOUNT, by=OPERATOR)
    (order,) = at.refunds.to_make()
    assert order.amount_cents == 500
    with pytest.raises(DomainError):
        at.refunds.order_of_balance(ACCOUNT, by=OPERATOR)


@pytest.mark.contract("PAY-4")
@pytest.mark.parametrize("credited", [0, 1200])
def test_what_a_bank_took_back_is_not_sent_back_besides(credited: int) -> None:
    # Given 35,00 that paid 30,00 (12,00 of them credited since), the rest to be sent back
    at = by_transfer(3000)
    transfer = at.transfer(3500)
    if credited:
        at.credit(credited, "inv_1")
        at.pump()
    at.refunds.order_of_balance(ACCOUNT, by=OPERATOR)
    orders = at.refunds.to_make()
    assert sum(order.amount_cents for order in orders) == 500 + credited
    # When the bank takes the 35,00 back before
    at.reversal.reverse(transfer.id, reason="Rejet de la banque", by=OPERATOR)
    at.pump()
    # Then nothing is to be sent, the invoice is due for what is left of it, nothing is held
    assert at.refunds.to_make() == []
    for order in orders:
        with pytest.raises(DomainError):
            at.refunds.made_by_bank(
                ACCOUNT, order.id, reference="SEPA", paid_on=today(at.clock), by=OPERATOR
            )
    assert left(at, "inv_1") == 3000 - credited
    held = at.spreading.balance_of(ACCOUNT)
    assert (held.balance_cents, held.reserved_cents) == (0, 0)
    check_balance(at)


# disputes


@pytest.mark.contract("PAY-5")
def test_a_dispute_takes_the_money_and_winning_brings_it_back() -> None:
    # Given a paid invoice that its holder's bank disputes
    at, intent = paid_by_card()
    dispute_id = at.stripe.open_dispute(intent)
    at.deliver()
    at.deliver()
    # Then the money is gone, with a fee of ours, and nobody may pay twice meanwhile
    assert at.status().state is PaymentState.DISPUTED
    with pytest.raises(DomainError):
        at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    (taken,) = [e for e in at.ledger.settlements(ACCOUNT) if e.kind is SettlementKind.DISPUTE]
    assert (taken.amount_cents, taken.fee_cents) == (-3480, 2000)
    # When the bank decides for us
    at.stripe.close_dispute(intent, "won")
    at.stripe.events.reverse()
    at.deliver()
    # Then it is paid again
    assert at.status().state is PaymentState.PAID
    file = at.ledger.dispute(ACCOUNT, dispute_id)
    assert file is not None
    assert file.outcome == "won"
    assert len(at.mails("dispute")) == 2
    assert at.journaled().count("payment.dispute_won") == 1


@pytest.mark.contract("PAY-5")
def test_a_dispute_lost_makes_the_invoice_due_without_charging_by_itself() -> None:
    at, intent = paid_by_card()
    at.stripe.open_dispute(intent)
    at.stripe.close_dispute(intent, "lost")
    at.deliver()
    assert (at.status().state, at.status().left_cents) == (PaymentState.DUE, 3480)
    assert at.status().reason == "dispute_lost"
    # No card is tried by itself
    at.clock.advance(days=10)
    assert at.collection.retry_due() == 0
    at.handle(CollectInvoice(invoice_id=INVOICE))
    assert len(at.stripe.money_taken) == 1
    # But the client may pay, by another intent
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    assert at.status().state is PaymentState.PAID
    assert len(at.stripe.intents) == 2


@pytest.mark.contract("PAY-5", "PAY-6")
def test_a_dispute_lost_is_told_at_once_and_the_delays_begin_then() -> None:
    # Given October's invoice paid, then disputed until the 10th of January
    at, intent = paid_by_card()
    at.know_rates()
    dispute_id = at.stripe.open_dispute(intent)
    at.deliver()
    at.clock.set("2027-01-10 09:00")
    at.dunning.run()
    assert [one.id for one in at.disputes.waiting()] == [dispute_id]
    # When it is lost
    at.stripe.close_dispute(intent, "lost")
    at.deliver()
    # Then the client is told the same day that it is due again from then
    (mail,) = [one for one in at.queues.of(Queue.MAIL) if one.body["template"] == "dispute_lost"]
    assert mail.body["to"] == "direction@atelier-lumen.example"
    assert mail.body["context"]["due_on"] == "2027-01-10"
    assert mail.body["context"]["amount_cents"] == 3480
    # And dunning begins the day after: reminders on days 1, 7 and 15, notice on day 22
    assert at.dunning.run() == 0
    days = days_of(at, "payment_reminder", "2027-01-31")
    assert days == ["2027-01-11", "2027-01-17", "2027-01-25"]
    assert days_of(at, "formal_notice", "2027-02-02") == ["2027-02-01"]
    # And interest runs from then: 34,80 x 12,15 % x 23 / 365 = 0,27
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    at.pump()
    interest = at.claims.of_account(ACCOUNT)[0][0]
    assert (interest.kind, interest.amount_cents, interest.days) == (ClaimKind.INTEREST, 27, 23)


@pytest.mark.contract("PAY-5", "EVD-1")
def test_a_dispute_lost_waits_for_an_operator_until_it_is_seen() -> None:
    at, intent = paid_by_card()
    dispute_id = at.stripe.open_dispute(intent)
    at.deliver()
    with pytest.raises(NotFoundError):
        at.disputes.seen(ACCOUNT, dispute_id, by="operator:usr_test")
    at.stripe.close_dispute(intent, "lost")
    at.deliver()
    assert [one.id for one in at.disputes.waiting()] == [dispute_id]
    for _ in range(2):
        at.disputes.seen(ACCOUNT, dispute_id, by="operator:usr_test")
    assert at.disputes.waiting() == []
    assert [one.seen_by for one in at.disputes.over()] == ["operator:usr_test"]
    assert at.journaled().count("payment.dispute_seen") == 1


@pytest.mark.contract("PAY-3")
def test_an_intent_cancelled_at_stripe_is_followed_by_another() -> None:
    # Given a refused invoice whose intent somebody cancels at Stripe
    at = Collecting()
    at.save_card()
    at.issue()
    at.stripe.decline_next.append("insufficient_funds")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.stripe.cancel(next(iter(at.stripe.intents)))
    at.deliver()
    assert at.status().reason == "cancelled"
    # When the client pays, and the next retry comes
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    at.clock.advance(days=3)
    at.collection.retry_due()
    at.pump()
    at.deliver()
    # Then a second intent took the money, once
    assert at.stripe.money_taken == [(INVOICE, 3480)]
    assert at.status().state is PaymentState.PAID


@pytest.mark.contract("PAY-1")
def test_cents_too_few_for_a_card_go_with_the_next_charge() -> None:
    # Given an invoice of 0,30, below what Stripe takes
    at = Collecting()
    at.save_card()
    at.issue("inv_small", 30)
    at.handle(CollectInvoice(invoice_id="inv_small"))
    assert at.stripe.money_taken == []
    assert at.status("inv_small").left_cents == 30
    # When the next one, of 34,80, is collected
    at.issue()
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.pump()
    # Then one charge pays both
    assert at.stripe.money_taken == [(INVOICE, 3510)]
    assert at.status().state is PaymentState.PAID
    assert at.status("inv_small").state is PaymentState.PAID
    check_balance(at)
    assert money_of(3480, at.ledger.settlements(ACCOUNT, INVOICE)).excess_cents == 0
