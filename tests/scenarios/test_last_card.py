"""What keeps an account's last card where it is (PAY-1)."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.orders.model.order import OrderState
from chalicelib.orders.placing.service import OrderService
from chalicelib.payments.cards.running_costs import AccountCosts
from chalicelib.payments.money.payment import PaymentState, PaymentStatus
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.ordering import KEY, Ordering, a_request

LUMEN = "acc_lumen"


@dataclass
class Known:
    """Orders and desktops as they are."""

    found: list[Any] = field(default_factory=list)

    def of_account(self, account_id: str) -> list[Any]:
        return self.found


@dataclass
class Paid:
    """The payments there are, by invoice."""

    states: dict[str, PaymentState] = field(default_factory=dict)

    def statuses_of(self, account_id: str) -> dict[str, PaymentStatus]:
        return {key: PaymentStatus(key, state, 3480) for key, state in self.states.items()}


def costs_of(
    world: BillingWorld,
    paid: Paid,
    *,
    desktops: list[Desktop] | None = None,
    orders: OrderService | None = None,
) -> AccountCosts:
    return AccountCosts(
        orders=orders or Known(),
        desktops=Known(desktops or []),
        billing=world.billing,
        payments=paid,
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
    paid.states[world.the_invoice().id] = PaymentState.DECLINED
    assert costs_of(world, paid).anything_owed(LUMEN)
    paid.states[world.the_invoice().id] = PaymentState.PAID
    assert not costs_of(world, paid).anything_owed(LUMEN)


@pytest.mark.contract("PAY-1")
def test_an_invoice_paid_by_transfer_does_not_hold_a_card() -> None:
    world = invoiced_and_left(payment_mode=PaymentMode.INVOICE)
    assert not costs_of(world, Paid()).anything_owed(LUMEN)


@pytest.mark.contract("PAY-1")
def test_usage_not_invoiced_yet_is_owed() -> None:
    # Given a desktop deleted this month, October's invoice being paid
    world, paid = invoiced_and_left(), Paid()
    paid.states[world.the_invoice().id] = PaymentState.PAID
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
