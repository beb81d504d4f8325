"""What billing's services need from the domains before it, and from storage."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol

from chalicelib.accounts.account import Account
from chalicelib.billing.invoice import Draft, Invoice, InvoiceState
from chalicelib.billing.numbering import Series
from chalicelib.billing.run import InvoiceRun, RunEntry, RunState
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.foundation.tables import Put
from chalicelib.metering.usage import UsageDay


class Accounts(Protocol):
    """The clients."""

    def account(self, account_id: AccountId) -> Account:
        """Read an account.  Raises NotFoundError."""

    def all_accounts(self, after: str = "", limit: int = 100) -> list[Account]:
        """Read accounts in the order of their ids, behind ``after``."""


class Catalogues(Protocol):
    """The offer."""

    def current(self) -> Catalogue:
        """Give the published catalogue."""


class Metering(Protocol):
    """Usage days, and how far they go."""

    def usage(self, account_id: AccountId, month: BillingMonth) -> Iterable[UsageDay]:
        """Read the recorded usage days of a month, in order."""

    def today_so_far(self, account_id: AccountId) -> Iterable[UsageDay]:
        """Compute the days not recorded yet, or not in full, today included."""

    def metered_until(self) -> date | None:
        """Give the last Paris day metered for every account."""

    def meter_due(self) -> object:
        """Record every day that is over and not recorded."""


class BillingStore(Protocol):
    """Billing's records; saving gives the writes to commit, it writes nothing itself."""

    def series(self) -> Series:
        """Read the invoice series."""

    def save_series(self, series: Series) -> Put:
        """Give the write that moves the series on."""

    def invoice(self, invoice_id: str) -> Invoice | None:
        """Read an invoice."""

    def invoices_of(self, account_id: str, *, limit: int | None = None) -> Iterator[Invoice]:
        """Read the invoices of an account, newest first."""

    def add_invoice(self, invoice: Invoice) -> Put:
        """Give the write of a new invoice."""

    def invoice_state(self, invoice_id: InvoiceId) -> InvoiceState:
        """Read what happened to an invoice since its issue."""

    def save_invoice_state(self, state: InvoiceState) -> Put:
        """Give the write that keeps an invoice's state."""

    def draft(self, account_id: str, month: BillingMonth) -> Draft | None:
        """Read the draft of an account for a month."""

    def save_draft(self, draft: Draft) -> Put:
        """Give the write of a draft."""

    def run(self, month: BillingMonth) -> InvoiceRun | None:
        """Read the run of a month."""

    def runs(self) -> Iterator[InvoiceRun]:
        """Read every run, the latest month first."""

    def save_run(self, run: InvoiceRun) -> Put:
        """Give the write that keeps a run."""

    def entry(self, account_id: str, month: BillingMonth) -> RunEntry | None:
        """Read an account's place in a run."""

    def entries(self, month: BillingMonth) -> Iterator[RunEntry]:
        """Read every account's place in a run."""

    def entries_in(
        self, month: BillingMonth, state: RunState, limit: int | None
    ) -> Iterator[RunEntry]:
        """Read some accounts that were in a state a moment ago."""

    def save_entry(self, entry: RunEntry) -> Put:
        """Give the write that keeps an account's place in a run."""
