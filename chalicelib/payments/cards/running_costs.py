"""Whether an account owes something, or goes on costing: its last card then stays (PAY-1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.model.order import OrderState
from chalicelib.orders.placing.service import OrderService
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import LEAST_CHARGE_CENTS

# Placed, and not launched yet.
_TO_COME = {OrderState.AWAITING_VALIDATION, OrderState.AWAITING_START}


@dataclass(kw_only=True)
class AccountCosts:
    """Looks at orders, desktops, usage not invoiced, and invoices not paid."""

    orders: OrderService
    desktops: DesktopService
    billing: BillingService
    storage: PaymentsStorage
    clock: Clock

    def anything_owed(self, account_id: str) -> bool:
        """Tell whether a bill is open or still to come."""
        if any(desktop.is_active for desktop in self.desktops.of_account(account_id)):
            return True
        if any(order.state in _TO_COME for order in self.orders.of_account(account_id)):
            return True
        invoices = list(self.billing.invoices_of(AccountId(account_id)))
        return self._not_paid(account_id, invoices) or self._not_invoiced(
            AccountId(account_id), {invoice.month for invoice in invoices}
        )

    def _not_paid(self, account_id: str, invoices: Iterable[Invoice]) -> bool:
        """Look for an invoice that a card is to pay; one just issued was not tried yet."""
        collections = self.storage.collections(account_id)
        paid = {one.invoice_id for one in collections if not one.left_cents and not one.disputed}
        return any(
            invoice.payment_mode is PaymentMode.CARD
            and invoice.totals.incl_vat_cents >= LEAST_CHARGE_CENTS
            and invoice.id not in paid
            for invoice in invoices
        )

    def _not_invoiced(self, account_id: AccountId, invoiced: set[BillingMonth]) -> bool:
        month = BillingMonth.of(today(self.clock))
        return any(
            self.billing.current(account_id, each).bills_something
            for each in (month.previous, month)
            if each not in invoiced
        )
