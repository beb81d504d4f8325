"""Invoices as clients and other domains see them (CGV art. 8.1, 8.2; BIL-1, BIL-7, BIL-11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.accounts.service import AccountService
from chalicelib.billing.contracts.contract import Contract
from chalicelib.billing.drafts.basis_service import InvoiceBases
from chalicelib.billing.drafts.drafting import draft_of
from chalicelib.billing.drafts.usage_lines import EarlierMonth
from chalicelib.billing.invoices.invoice import Draft, Invoice, InvoiceState
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.metering.usage import UsageDay


@dataclass(kw_only=True)
class BillingService:
    """Drafts, the current invoice, issued invoices and their documents."""

    storage: BillingStorage
    bases: InvoiceBases
    accounts: AccountService
    documents: Documents
    clock: Clock

    def draft(
        self,
        account_id: AccountId,
        month: BillingMonth,
        earlier: Sequence[EarlierMonth] | None = None,
        contracts: Sequence[Contract] | None = None,
    ) -> Draft:
        """Draw up what an account owes for the recorded days of a month (BIL-1).

        ``earlier`` are the closed months before, ``contracts`` those agreed: read unless given.
        Raises DomainError when a price, a product or VAT is unknown.
        """
        if earlier is None:
            earlier = self.earlier(account_id, month)
        account = self.accounts.account(account_id)
        return draft_of(
            account, month, self.bases.basis(account, month, earlier=earlier, contracts=contracts)
        )

    def earlier(
        self,
        account_id: AccountId,
        month: BillingMonth,
        contracts: Sequence[Contract] | None = None,
    ) -> list[EarlierMonth]:
        """Give the closed months before one: what may still be billed, or credited, of them."""
        return self.bases.earlier(account_id, month, contracts=contracts)

    def current(self, account_id: AccountId, month: BillingMonth | None = None) -> Draft:
        """Draw up exactly what the run would issue if the month ended now (BIL-7).

        ``month`` is the present one unless given.  Days not recorded yet are computed by the
        function that will record them.
        """
        month = month or BillingMonth.of(today(self.clock))
        # Before what is recorded is read: should metering pass in between, no day is missed.
        computed = self.bases.so_far(account_id)
        account = self.accounts.account(account_id)
        earlier = self.bases.earlier(account_id, month, computed)
        basis = self.bases.basis(account, month, computed=computed, earlier=earlier)
        return draft_of(account, month, basis)

    def excl_vat_cents(self, account_id: AccountId, month: BillingMonth) -> int:
        """Give what an account owes for a month, in cents excl. VAT, as its draft has it now."""
        return self.current(account_id, month).totals.excl_vat_cents

    def priced(
        self, account_id: AccountId, month: BillingMonth, usage: Sequence[UsageDay]
    ) -> Draft:
        """Price some days of a month by themselves, as their lines would be (MET-3)."""
        account = self.accounts.account(account_id)
        return draft_of(account, month, self.bases.usage_alone(account, usage))

    def invoices_of(self, account_id: AccountId, *, limit: int | None = None) -> list[Invoice]:
        """Give the invoices of an account, newest first."""
        return list(self.storage.invoices_of(account_id, limit=limit))

    def invoice(self, invoice_id: InvoiceId) -> Invoice:
        """Give an invoice, whoever's (for workers and operators).  Raises NotFoundError."""
        invoice = self.storage.invoice(invoice_id)
        if invoice is None:
            raise NotFoundError
        return invoice

    def invoice_of(self, account_id: AccountId, invoice_id: str) -> Invoice:
        """Give an invoice of that account.  Raises NotFoundError for any other."""
        invoice = self.invoice(InvoiceId(invoice_id))
        if invoice.account_id != account_id:
            raise NotFoundError
        return invoice

    def state_of(self, invoice: Invoice) -> InvoiceState:
        """Tell whether the document of an invoice is there."""
        return self.storage.invoice_state(invoice.id)

    def document_link(self, invoice: Invoice) -> str:
        """Give an address that serves the PDF for a minute (BIL-11).

        Raises DomainError while the PDF is being made.
        """
        if self.state_of(invoice).document_stored_at is None:
            raise DomainError(
                "Le PDF de cette facture est en préparation. Réessayez dans une minute."
            )
        return self.documents.link(invoice.document_key, invoice.file_name)
