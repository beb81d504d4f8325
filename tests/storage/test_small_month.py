"""A small month over real DynamoDB calls: ordered, metered, invoiced, credited, paid, closed."""

from datetime import date
from functools import cached_property

import pytest

from chalicelib.accounts.clients.account import Account, PaymentMode
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.invoices.line_pages import LINES_A_PAGE, LINES_INLINE
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.dynamodb import DynamoTables
from chalicelib.foundation.messages import Queue
from chalicelib.orders.model.request import LineRequest
from chalicelib.payments.closings.closing import Period
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.transfers.service import ReceivedTransfer
from chalicelib.queues import handle
from chalicelib.wiring import Services
from infra.cloudformation.resources import TABLES
from tests.fakes.billing import a_desktop
from tests.fakes.clock import StoppedClock
from tests.fakes.pods import Lending
from tests.fakes.world import FakeAdapters, World
from tests.storage.conftest import make_tables

OPERATOR = "operator:usr_test"
DECEMBER = BillingMonth(2026, 12)
OPTIONS = (("storage-10gb", 3), ("backup", 1))
MORE = 320  # desktops, three lines each


class StoredAdapters(FakeAdapters):
    """The outside in memory, but for the tables."""

    def __init__(self, clock: StoppedClock, tables: DynamoTables) -> None:
        super().__init__(clock)
        self._stored = tables

    @cached_property
    def tables(self) -> DynamoTables:  # type: ignore[override]
        return self._stored


class StoredWorld(World):
    """The system over DynamoDB; no paper is drawn, which storage has no part in."""

    def __init__(self, tables: DynamoTables) -> None:
        self.clock = StoppedClock("2026-11-29 10:00")
        self.adapters = StoredAdapters(self.clock, tables)
        self.services = Services(self.adapters)

    def pump(self, *, at_most: int = 10_000) -> int:
        handled = 0
        while (message := self.adapters.queues.take()) is not None:
            if message.queue is not Queue.DOCUMENTS:
                handle(message.queue, message.text, self.services)
                handled += 1
            assert handled < at_most, "messages cause messages without end"
        return handled


def ordered(world: World) -> Account:
    """Have a company on invoice order one desktop with its pod, and rent many more."""
    lending = Lending(world=world)
    account, owner = lending.client()
    accounts = world.services.accounts.service
    accounts.choose_payment_mode(account.id, PaymentMode.INVOICE, by=owner.id)
    lending.stock("OP-1")
    order = lending.order((accounts.account(account.id), owner), LineRequest("essentiel"))
    assert len(world.services.desktops.service.of_account(account.id)) == order.desktop_count == 1
    storage = DesktopStorage(world.adapters.tables)
    rented = [
        a_desktop(
            account.id,
            f"Bureau de la direction régionale {number:03d}",
            created="2026-11-29 10:00",
            options=OPTIONS,
        )
        for number in range(MORE)
    ]
    for start in range(0, MORE, 80):
        batch = rented[start : start + 80]
        world.services.base.work.commit(*map(storage.save_desktop, batch))
    return accounts.account(account.id)


def invoiced(world: World, account: Account) -> Invoice:
    """Meter November and run it."""
    world.clock.set("2026-12-01 06:00")
    world.services.metering.service.meter_due()
    world.services.billing.run.run_due()
    world.pump()
    (invoice,) = world.services.billing.service.invoices_of(account.id)
    return invoice


@pytest.mark.contract("ORD-1", "MET-1", "BIL-3", "BIL-5", "PAY-4", "EVD-1", "EVD-2")
def test_from_the_order_to_the_closing(access: AwsAccess) -> None:
    # Given a company on invoice, and its November: more lines than one record takes
    world = StoredWorld(make_tables(access, *TABLES))
    services = world.services
    account = ordered(world)
    invoice = invoiced(world, account)
    assert len(invoice.lines) >= 3 * MORE + 1
    assert len(invoice.lines) > LINES_INLINE + LINES_A_PAGE
    assert invoice.totals.excl_vat_cents == sum(
        each.amount_excl_vat_cents for each in (*invoice.lines, *invoice.charges)
    )
    # When half is paid by transfer, and a credit note takes all of it back
    half = invoice.totals.incl_vat_cents // 2
    received = ReceivedTransfer(account.id, half, date(2026, 12, 1), "VIR 1", invoice.id)
    services.payments.transfers.record(received, by=OPERATOR)
    note = services.billing.credit_notes.issue(
        invoice.id, "all", reason="Désistement", by=OPERATOR, key="one"
    )
    world.pump()
    # Then the credit note is as large, read back whole, and nothing is due any more
    assert services.billing.credit_notes.credit_note(note.id) == note
    assert note.totals == invoice.totals
    status = services.payments.collection.status_of(invoice.id)
    assert status.state in {PaymentState.CREDITED, PaymentState.PAID}
    assert status.left_cents == 0
    # and December closed, each journal holds both documents and the money once
    world.clock.set("2027-01-02 06:00")
    services.closings.receipts.close_due()
    assert services.billing.sales_journal.close_due() == [DECEMBER]
    rows = services.billing.sales_journal.export(DECEMBER)[0].decode().splitlines()
    assert any(invoice.number in row for row in rows)
    assert any(note.number in row for row in rows)
    month = services.closings.receipts.newest(Period.MONTH)[0]
    assert (month.name, month.received_cents) == ("2026-12", half)
    assert [*services.closings.receipts.verify(), *services.billing.sales_journal.verify()] == []
    assert services.base.journal.verify(account.id) is None
