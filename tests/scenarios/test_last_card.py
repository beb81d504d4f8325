"""What keeps an account's last card where it is (PAY-1)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.orders.model.order import OrderState
from chalicelib.orders.placing.service import OrderService
from chalicelib.payments.cards.running_costs import AccountCosts
from chalicelib.payments.money.payment import Collection, CollectionState
from chalicelib.payments.money.storage import PaymentsStorage
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.ordering import KEY, Ordering, a_request
from tests.fakes.payments import Collecting
from tests.fakes.tables import InMemoryTables

LUMEN = "acc_lumen"


@dataclass
class Known:
    """Orders and desktops as they are."""

    found: list[Any] = field(default_factory=list)

    def of_account(self, account_id: str) -> list[Any]:
        return self.found


class Paid:
    """What payments keep of the invoices."""

    def __init__(self) -> None:
        self.tables = InMemoryTables()
        self.storage = PaymentsStorage(self.tables)

    def keep(self, invoice: Invoice, *, left_cents: int) -> None:
        """Leave so much to pay of an invoice."""
        self._keep(invoice.id, invoice.totals.incl_vat_cents, left_cents)

    def keep_claim(self, *, left_cents: int) -> None:
        """Leave so much to pay of a fee of 40,00 for recovery."""
        self._keep("clm_1", 4000, left_cents)

    def _keep(self, invoice_id: str, amount_cents: int, left_cents: int) -> None:
        known = self.storage.collection(LUMEN, invoice_id)
        collection = Collection(
            invoice_id=invoice_id,
            account_id=LUMEN,
            number="F-2026-000001",
            amount_cents=amount_cents,
            state=CollectionState.DECLINED if left_cents else CollectionState.SETTLED,
            opened_at=datetime(2026, 11, 1, 5, tzinfo=UTC),
            left_cents=left_cents,
            version=known.version if known else 0,
        )
        self.tables.commit(self.storage.save_collection(collection))


def costs_of(
    world: BillingWorld,
    paid: Paid,
    *,
    desktops: list[Desktop] | None = None,
    orders: OrderService | None = None,
) -> AccountCosts:
    others: Any = Known()
    known: Any = Known(desktops or [])
    return AccountCosts(
        orders=orders or others,
        desktops=known,
        billing=world.billing,
        storage=paid.storage,
        terms=Collecting().terms,
        clock=world.clock,
    )


def invoiced_and_left(**account: object) -> BillingWorld:
    """A desktop deleted on 20 October, October invoiced on 1 November."""
    world = BillingWorld(an_account(**account), now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(deleted="2026-10-20 10:00")]
    world.invoice_month("2026-10")
    return world


@pytest.mark.contract("PAY-1")
def test_an_invoice_just_issued_and_not_tried_yet_is_owed() -> None:
    # Given an invoice by card, issued a moment ago
    world, paid = invoiced_and_left(), Paid()
    # Then it is owed until it is paid, refused or not
    assert costs_of(world, paid).anything_owed(LUMEN)
    paid.keep(world.the_invoice(), left_cents=world.the_invoice().totals.incl_vat_cents)
    assert costs_of(world, paid).anything_owed(LUMEN)
    paid.keep(world.the_invoice(), left_cents=0)
    assert not costs_of(world, paid).anything_owed(LUMEN)


@pytest.mark.contract("PAY-1")
def test_an_invoice_to_be_paid_by_transfer_holds_the_card_until_it_is_paid() -> None:
    world, paid = invoiced_and_left(payment_mode=PaymentMode.INVOICE), Paid()
    assert costs_of(world, paid).anything_owed(LUMEN)
    paid.keep(world.the_invoice(), left_cents=0)
    assert not costs_of(world, paid).anything_owed(LUMEN)


@pytest.mark.contract("PAY-1", "PAY-6")
def test_a_late_claim_holds_the_card_and_a_rest_that_is_carried_does_not() -> None:
    # Given an invoice paid but for 0,30, and its claim for having been late
    world, paid = invoiced_and_left(), Paid()
    paid.keep(world.the_invoice(), left_cents=30)
    assert not costs_of(world, paid).anything_owed(LUMEN)
    paid.keep_claim(left_cents=4000)
    assert costs_of(world, paid).anything_owed(LUMEN)
    # Then it holds the card until it is paid or waived
    paid.keep_claim(left_cents=0)
    assert not costs_of(world, paid).anything_owed(LUMEN)


@pytest.mark.contract("PAY-1")
def test_usage_not_invoiced_yet_is_owed() -> None:
    # Given a desktop deleted this month, October's invoice being paid
    world, paid = invoiced_and_left(), Paid()
    paid.keep(world.the_invoice(), left_cents=0)
    world.clock.set("2026-11-05 10:00")
    world.metering.desktops.append(
        a_desktop(name="Atelier", created="2026-11-02 10:00", deleted="2026-11-03 10:00")
    )
    # Then its two days are still to be billed
    assert costs_of(world, paid).anything_owed(LUMEN)


@pytest.mark.contract("PAY-1", "ORD-2")
def test_an_order_that_the_company_looks_at_holds_the_card_it_was_placed_with() -> None:
    # Given an account without anything, whose order awaits the company
    ordering = Ordering()
    ordering.open_for_business()
    account, user = ordering.client(order_limit_cents=0)
    world = BillingWorld(account, now="2026-11-05 10:00")
    costs = costs_of(world, Paid(), orders=ordering.orders)
    assert not costs.anything_owed(account.id)
    order = ordering.orders.place(account, user, a_request(), KEY)
    assert order.state is OrderState.AWAITING_VALIDATION
    # Then its card stays until the order is refused
    assert costs.anything_owed(account.id)
    ordering.orders.refuse(order.id, "Plus de stock.", "usr_operator")
    assert not costs.anything_owed(account.id)
