"""What an accountant looks for: amounts never owed, credits beyond their invoice, nil invoices."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.billing.contracts.contract import Commitment, ContractBilling
from chalicelib.billing.invoices.run import RunState
from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.payments.money.payment import CollectionState, PaymentState
from chalicelib.payments.transfers.service import ReceivedTransfer
from tests.fakes.billing import BillingWorld, a_desktop
from tests.fakes.clock import paris
from tests.fakes.contracts import a_contract
from tests.fakes.payments import ACCOUNT, INVOICE, Collecting

LUMEN = AccountId("acc_lumen")
NOVEMBER, DECEMBER = BillingMonth(2026, 11), BillingMonth(2026, 12)
BY = "operator:usr_1"


def usage_gone(world: BillingWorld, month: BillingMonth) -> None:
    """Take a month's recorded usage back, as a correction does."""
    for key in [key for key in world.metering.recorded if BillingMonth.of(key[1]) == month]:
        del world.metering.recorded[key]


def a_credited_november(cents: int) -> BillingWorld:
    """A desktop at 29,00 whose November invoice uses a service credit."""
    world = BillingWorld(now="2026-10-20 10:00")
    world.metering.desktops = [a_desktop(created="2026-09-01 10:00")]
    world.credits.grant(LUMEN, "dsk_1", "Compta", cents, reason="Panne.", by=BY, key="1")
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-10")
    world.invoice_month("2026-11")
    return world


@pytest.mark.contract("BIL-5", "BIL-8", "MET-4")
@pytest.mark.parametrize(("allowance", "credited"), [(2900, []), (1200, [1700])])
def test_usage_taken_back_is_credited_down_to_what_the_allowance_left(
    allowance: int, credited: list[int]
) -> None:
    # Given November at 29,00 less a service credit, and all its days taken back since
    world = a_credited_november(allowance)
    november = world.billing.invoices_of(LUMEN)[0]
    usage_gone(world, NOVEMBER)
    # When December is invoiced, twice
    world.clock.set("2027-01-01 05:00")
    world.invoice_month("2026-12")
    world.invoice_month("2026-12")
    # Then what November still billed is credited, once, and December has its invoice
    notes = world.credit_notes.of_invoice(november.id)
    assert [note.totals.excl_vat_cents for note in notes] == credited
    status = world.progress.status(DECEMBER)
    assert status is not None
    assert (status.count(RunState.ISSUED), status.total) == (1, 1)


@pytest.mark.contract("BIL-5", "BIL-8")
def test_usage_taken_back_of_an_invoice_credited_in_full_changes_nothing() -> None:
    # Given November less a service credit, then credited in full
    world = a_credited_november(1200)
    november = world.billing.invoices_of(LUMEN)[0]
    world.credit_notes.issue(november.id, "all", reason="Geste.", by=BY, key="all")
    usage_gone(world, NOVEMBER)
    # When December is invoiced, then no other credit note, and December's invoice
    world.clock.set("2027-01-01 05:00")
    world.invoice_month("2026-12")
    assert len(world.credit_notes.of_invoice(november.id)) == 1
    assert world.billing.invoices_of(LUMEN)[0].month == DECEMBER


@pytest.mark.contract("BIL-8", "BIL-6")
def test_a_credit_is_not_used_against_a_term_to_come_nor_an_option_committed() -> None:
    # Given a desktop at 29,00, a credit of 100,00 for November; a term paid ahead from December,
    # and an option committed to by the month
    world = BillingWorld(now="2026-10-20 10:00")
    world.metering.desktops = [a_desktop(created="2026-09-01 10:00")]
    world.credits.grant(LUMEN, "dsk_1", "Compta", 10000, reason="Panne.", by=BY, key="1")
    ahead = a_contract(billing=ContractBilling.UPFRONT, starts_on=date(2026, 12, 1))
    option = Commitment("option", "backup", Label("Sauvegarde", "Backup"), 1, 420)
    monthly = replace(a_contract(), id="ctr_2", commitments=(option,))
    world.contracts.contracts = (ahead, monthly)
    # When November is invoiced, then the credit takes November's 29,00 and no more
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-10")
    world.invoice_month("2026-11")
    november = world.billing.invoices_of(LUMEN)[0]
    assert {charge.kind for charge in november.charges} == {"commitment"}
    assert [each.amount_excl_vat_cents for each in november.allowances] == [2900]


@pytest.mark.contract("BIL-8", "BIL-6")
def test_a_credit_is_used_against_the_desktops_committed_to_by_the_month() -> None:
    # Given two desktops committed to, 26,10 each, the one used among them; a credit of 100,00
    world = BillingWorld(now="2026-10-20 10:00")
    world.metering.desktops = [a_desktop(created="2026-11-01 10:00")]
    world.credits.grant(LUMEN, "dsk_1", "Compta", 10000, reason="Panne.", by=BY, key="1")
    world.contracts.contracts = (a_contract(),)
    # When November is invoiced, then 52,20 are taken
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    assert [each.amount_excl_vat_cents for each in world.the_invoice().allowances] == [5220]


@pytest.mark.contract("BIL-6")
@pytest.mark.parametrize("billing", list(ContractBilling))
def test_a_commitment_is_billed_to_an_account_that_uses_nothing(billing: ContractBilling) -> None:
    # Given a contract from November, and no desktop at all
    world = BillingWorld(now="2026-10-25 10:00")
    world.contracts.contracts = (a_contract(billing=billing),)
    # When October to December are invoiced
    for month, now in (("2026-10", "2026-11-01"), ("2026-11", "2026-12-01")):
        world.clock.set(f"{now} 05:00")
        world.invoice_month(month)
        world.invoice_month(month)
    # Then ahead: 12 × 52,20 with October's, once; by the month: 52,20 with November's
    billed = [
        (str(one.month), one.totals.excl_vat_cents) for one in world.billing.invoices_of(LUMEN)
    ]
    ahead = billing is ContractBilling.UPFRONT
    assert billed == ([("2026-10", 62640)] if ahead else [("2026-11", 5220)])


@pytest.mark.contract("PAY-6")
def test_what_a_credit_note_takes_off_was_never_late() -> None:
    # Given 1 000,00 due on 1 December, of which a company pays 600,00 in time
    at = Collecting()
    at.issue(cents=100000, mode="invoice")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.clock.set("2026-11-28 10:00")
    at.transfer(60000)
    at.pump()
    # When the rest, billed wrongly, is credited in January
    at.clock.set("2027-01-10 10:00")
    at.credit(40000)
    at.pump()
    # Then neither interest nor fee
    assert at.status().state is PaymentState.PAID
    assert at.claims.of_account(ACCOUNT) == []


@pytest.mark.contract("PAY-6")
def test_interest_runs_on_what_was_owed_and_not_on_what_is_credited_since() -> None:
    # Given 1 000,00 due on 1 December, 400,00 of it credited on 10 January
    at = Collecting()
    at.know_rates()
    at.issue(cents=100000, mode="invoice")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.clock.set("2027-01-10 10:00")
    at.credit(40000)
    at.pump()
    # When the rest is paid on 11 January, 41 days late
    at.clock.set("2027-01-11 10:00")
    at.transfer(60000)
    at.pump()
    # Then interest on 600,00 alone: 600 × 12,15 % × 41 / 365 = 8,189…, and the fee
    claimed = [claim.amount_cents for claim, _ in at.claims.of_account(ACCOUNT)]
    assert sorted(claimed) == [819, 4000]


@pytest.mark.contract("BIL-8", "PAY-1")
@pytest.mark.parametrize("mode", ["card", "invoice"])
def test_an_invoice_of_nothing_is_settled_at_once(mode: str) -> None:
    # Given an invoice that a service credit brought down to 0,00
    at = Collecting()
    at.save_card()
    at.issue(cents=0, mode=mode)
    # When it comes to be collected, twice
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.handle(CollectInvoice(invoice_id=INVOICE))
    # Then it is settled, nobody is charged, and it is on no list of what is unpaid
    assert at.status().state is PaymentState.PAID
    collection = at.storage.collection(ACCOUNT, INVOICE)
    assert collection is not None
    assert collection.state is CollectionState.SETTLED
    assert list(at.storage.unpaid()) == []
    assert at.stripe.intents == {}


@pytest.mark.contract("BIL-2", "BIL-1")
def test_a_first_month_left_at_midnight_on_its_last_day_is_completed_to_the_fee() -> None:
    # Given a desktop of 10 October, deleted at 00:00:00 on 1 November: October's last day counts,
    # November has not begun
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(created="2026-10-10 10:00", deleted="2026-11-01 00:00:00")]
    # When October is invoiced, then 22 days of 31 and the complement are the fee
    world.invoice_month("2026-10")
    invoice = world.the_invoice()
    assert [line.days for line in invoice.lines] == [22]
    assert invoice.totals.excl_vat_cents == 2900
    assert paris("2026-11-01 00:00:00") == world.metering.desktops[0].deleted_at


@pytest.mark.contract("PAY-2")
def test_the_order_takes_effect_with_the_first_payment_by_card() -> None:
    # Given an account that never paid, its invoice charged on 1 November
    at = Collecting()
    at.save_card()
    at.issue()
    assert at.accounts.effective_on(AccountId(ACCOUNT)) is None
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.deliver()
    # When another is paid in December, then the first day stays, told once by the journal (P6)
    at.clock.set("2026-12-01 06:00")
    at.issue("inv_novembre")
    at.handle(CollectInvoice(invoice_id="inv_novembre"))
    at.deliver()
    assert at.accounts.effective_on(AccountId(ACCOUNT)) == date(2026, 11, 1)
    facts = [e.facts for e in at.journal.entries(ACCOUNT) if e.kind == "payment.settled"]
    assert [each.get("effective_on") for each in facts] == ["2026-11-01", None]


@pytest.mark.contract("PAY-4")
def test_the_order_takes_effect_on_the_banks_day_of_a_first_transfer() -> None:
    # Given a transfer of 30 October, recorded on 2 November at 00:30 in Paris, twice
    at = Collecting()
    at.clock.set("2026-11-02 00:30")
    received = ReceivedTransfer(ACCOUNT, 5000, date(2026, 10, 30), "VIR 1", "")
    at.transfers.record(received, by=BY)
    at.transfers.record(received, by=BY)
    # When another comes, then the day is the first one's (P6)
    at.transfer(1000, "VIR 2")
    assert at.accounts.effective_on(AccountId(ACCOUNT)) == date(2026, 10, 30)
    kinds = [e.facts.get("effective_on") for e in at.journal.entries(ACCOUNT)]
    assert kinds == ["2026-10-30", None]
