"""Whether an account owes something, or goes on costing: its last card then stays (PAY-1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.model.order import OrderState
from chalicelib.orders.placing.service import OrderService
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.terms.payment_terms import PaymentTermsTable

# Placed, and not launched yet.
_TO_COME = {OrderState.AWAITING_VALIDATION, OrderState.AWAITING_START}


@dataclass(kw_only=True)
class AccountCosts:
    """Looks at orders, desktops, usage not invoiced, invoices and late claims not paid."""

    orders: OrderService
    desktops: DesktopService
    billing: BillingService
    storage: PaymentsStorage
    terms: PaymentTermsTable
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
        """Look for an invoice or a late claim, however it is to be paid.

        Disputed ones count, rests that are carried do not; one just issued was not tried yet.
        """
        terms = self.terms.on(today(self.clock))
        collections = self.storage.collections(account_id)
        if any(one.disputed or not terms.is_carried(one.left_cents) for one in collections):
            return True
        known = {one.invoice_id for one in collections}
        return any(
            invoice.id not in known and not terms.is_carried(invoice.totals.incl_vat_cents)
            for invoice in invoices
        )

    def _not_invoiced(self, account_id: AccountId, invoiced: set[BillingMonth]) -> bool:
        month = BillingMonth.of(today(self.clock))
        return any(
            self.billing.current(account_id, each).bills_something
            for each in (month.previous, month)
            if each not in invoiced
        )
