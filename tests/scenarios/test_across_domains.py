"""What seldom happens and goes across domains, on the whole system (PAY-1, PAY-6, P6, P8).

Money's own stories stand on fakes of the other domains (test_late_payers.py and others); here its
jobs and workers act on real accounts, invoices and desktops, so that what they need of those is
seen, and compared with what their functions may do (tests/fakes/aws_calls.py).
"""

from datetime import date

import pytest

from chalicelib.accounts.clients.account import Account, PaymentMode
from chalicelib.billing.vat.tax_status import NumberState
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.clock import today
from chalicelib.orders.model.request import LineRequest
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.transfers.service import ReceivedTransfer
from chalicelib.schedule import JOBS
from tests.fakes.accounts import an_account
from tests.fakes.card_processor import ALWAYS_AUTHENTICATES, DECLINED_LATER
from tests.fakes.paying import PayingClient
from tests.fakes.pods import OPERATOR, Lending
from tests.fakes.world import COMPANY, World

GERMAN_NUMBER = "DE999999954"


def on_invoice(lending: Lending) -> Account:
    """Have a company on invoice order a desktop in November, and pay nothing of it."""
    account, owner = lending.client()
    accounts = lending.services.accounts.service
    accounts.choose_payment_mode(account.id, PaymentMode.INVOICE, by=owner.id)
    lending.stock("OP-1")
    lending.order((accounts.account(account.id), owner), LineRequest("essentiel"))
    lending.world.clock.set("2026-12-01 06:00")
    lending.services.metering.service.meter_due()
    lending.services.billing.run.run_due()
    lending.world.pump()
    return accounts.account(account.id)


def follow_until(world: World, day: date) -> None:
    """Wake the daily jobs of money every morning until a day."""
    while today(world.clock) < day:
        world.clock.advance(days=1)
        for job in (
            "retry_charges",
            "remind_late_payers",
            "reconcile_payments",
            "warn_of_expiry",
            "close_receipts",
        ):
            world.run(job)
        world.pump()


def state_of(world: World, account: Account) -> State:
    (desktop,) = world.services.desktops.service.of_account(account.id)
    return desktop.state


@pytest.mark.contract("PAY-6", "PAY-4", "DSK-8")
def test_desktops_stop_with_the_suspension_and_run_again_once_a_transfer_has_paid() -> None:
    # Given an invoice of November that a company on invoice does not pay
    world = World()
    account = on_invoice(Lending(world=world))
    (invoice,) = world.services.billing.service.invoices_of(account.id)
    assert state_of(world, account) is State.RUNNING
    # When reminders, the formal notice and its 8 days go by, the desktop is stopped
    follow_until(world, date(2027, 2, 10))
    assert world.services.late.suspensions.open()[0].account_id == account.id
    assert state_of(world, account) is State.SUSPENDED
    # When a transfer pays all that is claimed
    services = world.services
    due = services.payments.collection.status_of(invoice.id).left_cents
    received = ReceivedTransfer(account.id, due, date(2027, 2, 10), "VIR 1", invoice.id)
    services.payments.transfers.record(received, by=OPERATOR)
    world.pump()
    # Then it runs again at once
    assert services.late.suspensions.open() == []
    assert state_of(world, account) is State.RUNNING


@pytest.mark.contract("PAY-2", "PAY-3")
def test_a_payment_that_stripe_never_told_of_is_found_by_the_nightly_comparison() -> None:
    # Given an account's first invoice, whose card asks for authentication
    world = World()
    client = PayingClient(world)
    client.save_card(ALWAYS_AUTHENTICATES)
    world.services.metering.service.meter_due()
    invoice_id = client.invoiced()
    collection = world.services.payments.storage.collection(client.account.id, invoice_id)
    effective = world.services.accounts.service
    assert collection is not None
    assert effective.effective_on(client.account.id) is None
    # When its owner authenticates on the bank's page, never comes back, and the notice is lost
    world.services.payments.collection.pay_now(client.account.id, invoice_id, "https://c/back")
    client.stripe.authenticate(str(collection.intent_id))
    client.stripe.events.clear()
    world.clock.advance(hours=20)
    world.run("reconcile_payments")
    world.pump()
    # Then the payment is recorded, and the account's first payment with it (P6)
    assert world.services.payments.collection.status_of(invoice_id).state is PaymentState.PAID
    assert effective.effective_on(client.account.id) == date(2026, 11, 2)


@pytest.mark.contract("PAY-3")
def test_a_declined_card_is_tried_again_on_its_days_then_reminded() -> None:
    # Given a card that is declined
    world = World()
    client = PayingClient(world)
    client.save_card(DECLINED_LATER)
    world.services.metering.service.meter_due()
    invoice_id = client.invoiced()
    client.deliver()
    # When three weeks go by
    for _ in range(30):
        follow_until(world, date.fromordinal(today(world.clock).toordinal() + 1))
        client.deliver()
    # Then it is still unpaid, and the client was told
    assert world.services.payments.collection.status_of(invoice_id).left_cents > 0
    subjects = [str(mail["Subject"]) for mail in world.mails.mails]
    assert any("paiement" in subject.lower() for subject in subjects), subjects


@pytest.fixture(scope="module")
def waiting() -> World:
    """A company whose desktop runs, and whose invoice waits to be paid; to be copied."""
    world = World()
    on_invoice(Lending(world=world))
    return world


@pytest.mark.parametrize("job", JOBS)
def test_each_job_works_in_a_function_that_has_just_started(job: str, waiting: World) -> None:
    # Given a company whose desktop runs, and whose invoice waits to be paid
    world = waiting.copy()
    # When its schedule wakes it, then it does its work with what it builds itself
    world.run(job)
    world.pump()


@pytest.mark.contract("BIL-10")
def test_the_number_of_a_company_elsewhere_in_the_union_is_asked_of_vies_by_its_job() -> None:
    # Given a German company whose number VIES knows
    world = World()
    world.adapters.vies.valid.add(GERMAN_NUMBER)
    berlin = {"country": "DE", "postal_code": "10115", "city": "Berlin"}
    account, _ = an_account(
        world, **berlin, siren="", phone="+49 30 23125 014", vat_number=GERMAN_NUMBER
    )
    # When the job is woken before the run
    assert world.run("check_vat_numbers") == 1
    # Then it is confirmed, and VAT is the client's own affair
    assert world.services.taxes.vat.number_state(account) is NumberState.CONFIRMED
    assert world.services.taxes.vat.rate_for(account, today(world.clock)) == 0


@pytest.mark.contract("PAY-5")
def test_a_dispute_that_stripe_never_told_of_reaches_the_staff_by_the_nightly_comparison() -> None:
    # Given a payment by card, which the bank then takes back without our hearing of it
    world = World()
    client = PayingClient(world)
    client.save_card()
    world.services.metering.service.meter_due()
    invoice_id = client.invoiced()
    client.deliver()
    collection = world.services.payments.storage.collection(client.account.id, invoice_id)
    assert collection is not None
    client.stripe.open_dispute(str(collection.intent_id))
    client.stripe.events.clear()
    # When the night comes
    world.clock.advance(hours=20)
    world.run("reconcile_payments")
    world.pump()
    # Then the staff is told
    assert world.mails.to(COMPANY.email)
