"""Whether an account owes something, or goes on costing: its last card then stays (PAY-1)."""

from collections.abc import Iterable
from typing import Protocol

from chalicelib.billing.invoice import Draft, Invoice
from chalicelib.desktops.desktop import Desktop
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId


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
    """What is being collected."""

    def has_unpaid(self, account_id: str) -> bool:
        """Tell whether an invoice is being collected and not paid."""


class AccountCosts:
    """Looks at desktops, usage not invoiced, and invoices not paid."""

    def __init__(
        self, *, desktops: Desktops, billing: Billing, payments: Payments, clock: Clock
    ) -> None:
        self._desktops = desktops
        self._billing = billing
        self._payments = payments
        self._clock = clock

    def anything_owed(self, account_id: str) -> bool:
        """Tell whether a bill is open or still to come."""
        if any(desktop.is_active for desktop in self._desktops.of_account(account_id)):
            return True
        return self._payments.has_unpaid(account_id) or self._not_invoiced(AccountId(account_id))

    def _not_invoiced(self, account_id: AccountId) -> bool:
        month = BillingMonth.of(today(self._clock))
        invoiced = {invoice.month for invoice in self._billing.invoices_of(account_id, limit=3)}
        return any(
            self._billing.current(account_id, each).bills_something
            for each in (month.previous, month)
            if each not in invoiced
        )
