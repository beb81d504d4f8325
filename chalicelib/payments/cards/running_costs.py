"""Whether an account owes something, or goes on costing: its last card then stays (PAY-1)."""

from collections.abc import Iterable
from typing import Protocol

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.invoice import Draft, Invoice
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.payments.money.payment import PaymentStatus
from chalicelib.payments.stripe.processor import LEAST_CHARGE_CENTS

# Placed, and not launched yet.
_TO_COME = {OrderState.AWAITING_VALIDATION, OrderState.AWAITING_START}


class Orders(Protocol):
    """The orders."""

    def of_account(self, account_id: str) -> list[Order]:
        """Give an account's orders."""


class Desktops(Protocol):
    """The desktops."""

    def of_account(self, account_id: str) -> list[Desktop]:
        """Give every desktop of an account."""


class Billing(Protocol):
    """Invoices and what is not invoiced yet."""

    def current(self, account_id: AccountId, month: BillingMonth | None = None) -> Draft:
        """Draw up what a month owes so far."""

    def invoices_of(self, account_id: AccountId, *, limit: int | None = None) -> Iterable[Invoice]:
        """Give the invoices of an account, newest first."""


class Payments(Protocol):
    """What was paid."""

    def statuses_of(self, account_id: str) -> dict[str, PaymentStatus]:
        """Give, by invoice, the payments of an account; an invoice not tried yet is not in it."""


class AccountCosts:
    """Looks at orders, desktops, usage not invoiced, and invoices not paid."""

    def __init__(
        self,
        *,
        orders: Orders,
        desktops: Desktops,
        billing: Billing,
        payments: Payments,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._desktops = desktops
        self._billing = billing
        self._payments = payments
        self._clock = clock

    def anything_owed(self, account_id: str) -> bool:
        """Tell whether a bill is open or still to come."""
        if any(desktop.is_active for desktop in self._desktops.of_account(account_id)):
            return True
        orders = self._orders.of_account(account_id)
        if any(order.state in _TO_COME for order in orders):
            return True
        invoices = list(self._billing.invoices_of(AccountId(account_id)))
        return self._not_paid(account_id, invoices) or self._not_invoiced(
            AccountId(account_id), {invoice.month for invoice in invoices}
        )

    def _not_paid(self, account_id: str, invoices: Iterable[Invoice]) -> bool:
        """Look for an invoice that a card is to pay; one just issued was not tried yet."""
        payments = self._payments.statuses_of(account_id)
        paid = {key for key, payment in payments.items() if payment.is_over}
        return any(
            invoice.payment_mode is PaymentMode.CARD
            and invoice.totals.incl_vat_cents >= LEAST_CHARGE_CENTS
            and invoice.id not in paid
            for invoice in invoices
        )

    def _not_invoiced(self, account_id: AccountId, invoiced: set[BillingMonth]) -> bool:
        month = BillingMonth.of(today(self._clock))
        return any(
            self._billing.current(account_id, each).bills_something
            for each in (month.previous, month)
            if each not in invoiced
        )
