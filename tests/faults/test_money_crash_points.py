"""Transfers, credit notes, refunds, dunning, closings: dying anywhere (PAY-4, PAY-5, EVD-2).

As for charges: every call to Stripe, to the tables, to the queues and to the desktops is a place to
die, before it leaves or after it was carried out.  Then the work comes again, as it does in life.
And at each of these places another process does the same work, from beginning to end.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from chalicelib.billing.papers.messages import CollectInvoice, SettleCreditNote
from chalicelib.payments.closings.closing import Period
from chalicelib.payments.money.ledger import BALANCE
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.money.refund_order import RefundState
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.payments import ACCOUNT, INVOICE, Collecting

Work = Callable[[Collecting], object]


def a_mortal(prepare: Callable[[Collecting], None]) -> tuple[Collecting, KillSwitch]:
    """Build the system over an outside that may kill, in the state a work begins from."""
    at, switch = Collecting(), KillSwitch()
    prepare(at)
    at.processor = Mortal(at.stripe, switch)
    at.tables = Mortal(at.tables, switch)
    at.queues = Mortal(at.queues, switch, only=frozenset({"send"}))
    at.desktops = Mortal(at.desktops, switch)
    at.signer = Mortal(at.signer, switch)
    at.build()
    return at, switch


def disturbed_everywhere(prepare: Callable[[Collecting], None], work: Work) -> list[Collecting]:
    """Disturb a work at each of its boundaries, let all come to rest, and give what each left.

    Once it dies there and is done again by a new process, once another process overtakes it.
    """
    at, switch = a_mortal(prepare)
    switch.arm(None)
    work(at)
    places, left = len(switch.passed), [at]
    assert places >= 8
    for kill_at in range(places):
        at, switch = a_mortal(prepare)
        switch.arm(kill_at)
        with suppress(Killed):
            work(at)
        switch.arm(None)
        at.build()
        at.stripe.forget_keys()
        at.work.relay_pending()
        work(at)
        left.append(come_to_rest(at))
    for place in range(places):
        at, switch = a_mortal(prepare)
        switch.interrupt(place, partial(work, at))
        work(at)
        left.append(come_to_rest(at))
    return left


def come_to_rest(at: Collecting) -> Collecting:
    """Let what waits be sent, handled and told."""
    at.work.relay_pending()
    at.pump()
    at.deliver()
    at.pump()
    return at


def check_books(at: Collecting) -> None:
    """What is kept equals the entries, and the evidence holds."""
    entries = at.ledger.settlements(ACCOUNT, BALANCE)
    assert at.ledger.balance(ACCOUNT).balance_cents == sum(e.amount_cents for e in entries)
    assert at.journal.verify(ACCOUNT) is None
    received = [e for e in at.ledger.settlements(ACCOUNT) if e.is_money]
    days = {e.at.date() for e in received}
    kept = [e for day in days for e in at.ledger.receipts(day)]
    assert sorted(e.id for e in kept) == sorted(e.id for e in received)


@pytest.mark.contract("PAY-4")
def test_a_transfer_counts_once_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        for number, cents in ((1, 3000), (2, 4000)):
            at.issue(f"inv_{number}", cents, mode="invoice")
            at.handle(CollectInvoice(invoice_id=f"inv_{number}"))

    for at in disturbed_everywhere(prepare, lambda at: at.transfer(7500)):
        assert [at.status(f"inv_{n}").left_cents for n in (1, 2)] == [0, 0]
        assert at.ledger.balance(ACCOUNT).balance_cents == 500
        assert len(at.mails("transfer_received")) == 1
        check_books(at)


@pytest.mark.contract("PAY-4")
def test_a_reversal_counts_once_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        at.issue("inv_1", 3000, mode="invoice")
        at.handle(CollectInvoice(invoice_id="inv_1"))
        at.transfer(3500)
        at.pump()

    def work(at: Collecting) -> None:
        (transfer,) = at.transfers.recent()
        at.reversal.reverse(transfer.id, reason="Rejet", by="operator:usr_test")

    for at in disturbed_everywhere(prepare, work):
        assert at.status("inv_1").left_cents == 3000
        assert at.ledger.balance(ACCOUNT).balance_cents == 0
        assert at.journaled().count("payment.transfer_reversed") == 1
        check_books(at)


@pytest.mark.contract("BIL-5", "PAY-5")
def test_a_credit_note_is_given_back_once_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        at.save_card()
        at.issue()
        at.handle(CollectInvoice(invoice_id=INVOICE))
        at.deliver()
        at.credit(1000, credit_id="crn_1")
        at.queues.waiting.clear()

    def work(at: Collecting) -> None:
        at.handle(SettleCreditNote(credit_note_id="crn_1"))

    for at in disturbed_everywhere(prepare, work):
        (intent,) = at.stripe.intents.values()
        assert [one.amount_cents for one in intent.refunds] == [1000]
        assert at.status().refunded_cents == 1000
        assert at.status().state is PaymentState.PAID
        assert [one.state for one in at.ledger.refunds(ACCOUNT, INVOICE)] == [RefundState.SENT]
        assert len(at.mails("refund")) == 1
        check_books(at)


@pytest.mark.contract("BIL-5", "PAY-4")
def test_a_refund_by_the_bank_is_ordered_and_made_once_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        at.issue("inv_1", 3000, mode="invoice")
        at.handle(CollectInvoice(invoice_id="inv_1"))
        at.transfer(3000)
        at.credit(1000, "inv_1", "crn_1")
        at.queues.waiting.clear()

    def work(at: Collecting) -> None:
        at.handle(SettleCreditNote(credit_note_id="crn_1"))
        (order,) = at.ledger.refunds(ACCOUNT, "inv_1")
        at.refunds.made_by_bank(
            ACCOUNT, order.id, reference="SEPA", paid_on=order.asked_at.date(), by="operator:usr_x"
        )

    for at in disturbed_everywhere(prepare, work):
        assert [one.state for one in at.ledger.refunds(ACCOUNT, "inv_1")] == [RefundState.MADE]
        assert at.ledger.balance(ACCOUNT).balance_cents == 0
        assert at.ledger.balance(ACCOUNT).reserved_cents == 0
        check_books(at)


@pytest.mark.contract("PAY-6")
def test_late_payers_are_told_once_and_suspended_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        at.issue(cents=100000, mode="invoice")
        at.handle(CollectInvoice(invoice_id=INVOICE))

    def work(at: Collecting) -> None:
        for day in ("2026-12-02 10:00", "2026-12-23 10:00", "2026-12-31 10:00"):
            at.clock.set(day)
            at.dunning.run()

    for at in disturbed_everywhere(prepare, work):
        at.dunning.run()
        at.pump()
        assert at.desktops.suspended == {ACCOUNT}
        assert len(at.mails("payment_reminder")) <= 1
        assert len(at.mails("formal_notice")) == 1
        assert len(at.mails("service_suspended")) == 1
        assert at.journaled().count("suspension.applied") == 1


@pytest.mark.contract("PAY-6")
def test_paying_late_fixes_claims_once_and_resumes_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        at.know_rates()
        at.issue(cents=100000, mode="invoice")
        at.handle(CollectInvoice(invoice_id=INVOICE))
        for day in ("2026-12-23 10:00", "2026-12-31 10:00"):
            at.clock.set(day)
            at.dunning.run()
        at.transfer(100000)
        at.queues.waiting.clear()

    for at in disturbed_everywhere(prepare, lambda at: at.dunning.settled(INVOICE)):
        assert len(at.claims.of_account(ACCOUNT)) == 2
        assert at.journaled().count("suspension.lifted") == 1
        assert len(at.mails("service_resumed")) == 1
        assert at.suspensions.current(ACCOUNT) is None
        assert at.desktops.suspended == set()


@pytest.mark.contract("PAY-6")
@pytest.mark.parametrize("known", [False, True], ids=["waiting", "published since"])
def test_claims_that_wait_for_a_rate_are_kept_then_fixed_once_wherever_we_die(
    known: bool,
) -> None:
    def prepare(at: Collecting) -> None:
        at.issue(cents=100000, mode="invoice")
        at.handle(CollectInvoice(invoice_id=INVOICE))
        at.clock.set("2026-12-20 10:00")
        at.transfer(100000)
        if known:
            at.pump()
            at.know_rates()

    def work(at: Collecting) -> None:
        at.dunning.settled(INVOICE)
        at.dunning.run()

    for at in disturbed_everywhere(prepare, work):
        assert [one.invoice_id for one in at.claims.waiting()] == ([] if known else [INVOICE])
        assert len(at.claims.of_account(ACCOUNT)) == (2 if known else 0)
        assert len(at.mails("late_claims")) == (1 if known else 0)
        assert at.journaled().count("late.claimed") == (1 if known else 0)


def about_to_be_suspended(at: Collecting) -> None:
    """A service under formal notice since 23 December, on the day it may be suspended."""
    at.issue(cents=100000, mode="invoice")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.clock.set("2026-12-23 10:00")
    at.dunning.run()
    at.queues.waiting.clear()
    at.clock.set("2026-12-31 10:00")


@pytest.mark.contract("PAY-6", "PRI-5")
@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda at: at.suspensions.contest(ACCOUNT, "", by="usr_camille"),
        lambda at: (at.transfer(100000), at.dunning.settled(INVOICE)),
    ],
    ids=["contested", "paid"],
)
def test_a_suspension_stopped_at_any_moment_leaves_the_service_running(
    meanwhile: Callable[[Collecting], object],
) -> None:
    """The objection, or the payment, comes in the middle of the job, or of the worker behind it.

    Whoever comes in between finishes before the job goes on, up to its own desktops.
    """

    def suspend(at: Collecting) -> None:
        at.dunning.run()
        at.pump()

    at, switch = a_mortal(about_to_be_suspended)
    switch.arm(None)
    suspend(at)
    places = len(switch.passed)
    assert places >= 12
    assert at.desktops.suspended == {ACCOUNT}
    for place in range(places):
        at, switch = a_mortal(about_to_be_suspended)

        def come_between(at: Collecting = at) -> None:
            meanwhile(at)
            at.pump()

        switch.interrupt(place, come_between)
        suspend(at)
        at.pump()
        assert at.desktops.suspended == set(), switch.passed[place]
        at.dunning.run()
        at.pump()
        assert at.desktops.suspended == set(), switch.passed[place]


@pytest.mark.contract("PAY-6", "PRI-5")
def test_an_objection_resumes_the_service_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        about_to_be_suspended(at)
        at.dunning.run()
        at.pump()
        assert at.desktops.suspended == {ACCOUNT}

    def work(at: Collecting) -> None:
        at.suspensions.contest(ACCOUNT, "Vous avez mon virement.", by="usr_camille")
        at.pump()

    for at in disturbed_everywhere(prepare, work):
        assert at.desktops.suspended == set()
        assert at.journaled().count("suspension.contested") == 1


@pytest.mark.contract("EVD-2")
def test_closings_are_the_same_wherever_we_die() -> None:
    def prepare(at: Collecting) -> None:
        at.transfer(5000)
        at.clock.set("2026-11-30 04:00")
        at.closings.close_due()
        at.transfer(2000, "VIR 2")
        at.clock.set("2026-12-02 04:00")

    left = disturbed_everywhere(prepare, lambda at: at.closings.close_due())
    whole = [one.digest for one in left[0].closings.newest(Period.DAY)]
    assert len(whole) == 31
    for at in left[1:]:
        assert [one.digest for one in at.closings.newest(Period.DAY)] == whole
        assert len(at.closings.newest(Period.MONTH)) == 1
        assert list(at.closings.verify()) == []
