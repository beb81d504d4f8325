"""What billing's services need from the domains before it, and from storage."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.charges.charge import OneOffCharge
from chalicelib.billing.charges.service_credits import ServiceCredit
from chalicelib.billing.contracts.contract import Contract
from chalicelib.billing.invoices.credit_note import Credited, CreditNote
from chalicelib.billing.invoices.invoice import Draft, Invoice, InvoiceState
from chalicelib.billing.invoices.numbering import Series
from chalicelib.billing.invoices.run import InvoiceRun, RunEntry, RunState, RunTotals
from chalicelib.billing.sales.journal import SalesRow
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.desktops.model.desktop import Desktop
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


class Desktops(Protocol):
    """The desktops of an account, deleted ones too."""

    def of_account(self, account_id: str) -> list[Desktop]:
        """Read them."""


class Policies(Protocol):
    """The readings of the contract that are switches (contract policies)."""

    def applies(self, code: str, *, professional: bool, on: date) -> bool:
        """Tell whether a policy is on for a category of client on a Paris day."""


class Contracts(Protocol):
    """Negotiated contracts."""

    def agreed_of(self, account_id: AccountId) -> Sequence[Contract]:
        """Give the contracts an account is, was or will be bound by (BIL-6)."""


class VatTreatments(Protocol):
    """VAT by the client's place and status."""

    def treatment(self, account: Account, on: date) -> VatTreatment:
        """Give the VAT due from an account on a Paris day."""


class LedgerStore(Protocol):
    """One-off charges, service credits and credit notes; saving gives the writes to commit."""

    def charge(self, account_id: str, charge_id: str) -> OneOffCharge | None:
        """Read a charge."""

    def charges_of(self, account_id: str) -> Iterator[OneOffCharge]:
        """Read the charges of an account, whatever their state."""

    def recent_charges(self, state: str, limit: int) -> Iterator[OneOffCharge]:
        """Read the newest charges in a state, of all accounts."""

    def save_charge(self, charge: OneOffCharge) -> Put:
        """Give the write that keeps a charge."""

    def credit(self, account_id: str, credit_id: str) -> ServiceCredit | None:
        """Read a service credit."""

    def credits_of(self, account_id: str) -> Iterator[ServiceCredit]:
        """Read the service credits of an account."""

    def save_credit(self, credit: ServiceCredit) -> Put:
        """Give the write that keeps a service credit."""

    def complement_waived(self, account_id: str) -> bool:
        """Tell whether the first month complement is never to be billed to an account."""

    def waive_complement(self, account_id: str, reason: str, by: str) -> Put:
        """Give the write that spares an account the complement."""

    def credit_note(self, credit_note_id: str) -> CreditNote | None:
        """Read a credit note."""

    def credit_notes_of(self, account_id: str) -> Iterator[CreditNote]:
        """Read the credit notes of an account, newest first."""

    def add_credit_note(self, note: CreditNote) -> Put:
        """Give the write of a new credit note."""

    def credit_note_pages(self, note: CreditNote) -> list[Put]:
        """Give the writes of a large credit note's lines, to commit before it."""

    def credited(self, invoice_id: str) -> Credited:
        """Read which credit notes an invoice has."""

    def save_credited(self, credited: Credited) -> Put:
        """Give the write that adds to them; refused when somebody else did meanwhile."""

    def credit_note_state(self, credit_note_id: str) -> InvoiceState:
        """Read what happened to a credit note since its issue."""

    def save_credit_note_state(self, state: InvoiceState) -> Put:
        """Give the write that keeps a credit note's state."""


class SalesEntries(Protocol):
    """The sales journal, as issuing writes it."""

    def add(self, rows: Sequence[SalesRow]) -> Put:
        """Give the one write of the documents a transaction issues."""


class BillingStore(Protocol):
    """Billing's records; saving gives the writes to commit, it writes nothing itself."""

    def series(self, series: str = "F") -> Series:
        """Read a series: F of invoices, A of credit notes."""

    def save_series(self, series: Series, name: str = "F") -> Put:
        """Give the write that moves a series on."""

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

    def line_pages(self, draft: Draft) -> list[Put]:
        """Give the writes of a large draft's lines, to commit before it."""

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
        self, month: BillingMonth, state: RunState, limit: int | None, after_number: str = ""
    ) -> Iterator[RunEntry]:
        """Read some accounts that were in a state a moment ago; issued ones by their numbers."""

    def count_in(self, month: BillingMonth, state: RunState) -> int:
        """Count the accounts that were in a state a moment ago."""

    def run_totals(self, month: BillingMonth) -> RunTotals:
        """Read what the run of a month has issued."""

    def save_run_totals(self, totals: RunTotals) -> Put:
        """Give the write that keeps them; refused when somebody wrote them since."""

    def save_entry(self, entry: RunEntry) -> Put:
        """Give the write that keeps an account's place in a run."""
