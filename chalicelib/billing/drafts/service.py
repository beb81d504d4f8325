"""Invoices as clients and other domains see them (CGV art. 8.1, 8.2; BIL-1, BIL-7, BIL-11)."""

from collections.abc import Sequence

from chalicelib.billing.drafts.basis_service import InvoiceBases
from chalicelib.billing.drafts.drafting import draft_of
from chalicelib.billing.drafts.usage_lines import EarlierMonth
from chalicelib.billing.invoices.invoice import Draft, Invoice, InvoiceState
from chalicelib.billing.ports import Accounts, BillingStore
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.metering.usage import UsageDay


class BillingService:
    """Drafts, the current invoice, issued invoices and their documents."""

    def __init__(
        self,
        *,
        storage: BillingStore,
        bases: InvoiceBases,
        accounts: Accounts,
        documents: Documents,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._bases = bases
        self._accounts = accounts
        self._documents = documents
        self._clock = clock

    def draft(
        self,
        account_id: AccountId,
        month: BillingMonth,
        earlier: Sequence[EarlierMonth] | None = None,
    ) -> Draft:
        """Draw up what an account owes for the recorded days of a month (BIL-1).

        ``earlier`` are the closed months before, read unless given.  Raises DomainError when a
        price, a product or VAT is unknown.
        """
        if earlier is None:
            earlier = self.earlier(account_id, month)
        account = self._accounts.account(account_id)
        return draft_of(account, month, self._bases.basis(account, month, earlier=earlier))

    def earlier(self, account_id: AccountId, month: BillingMonth) -> list[EarlierMonth]:
        """Give the closed months before one: what may still be billed, or credited, of them."""
        return self._bases.earlier(account_id, month)

    def current(self, account_id: AccountId, month: BillingMonth | None = None) -> Draft:
        """Draw up exactly what the run would issue if the month ended now (BIL-7).

        ``month`` is the present one unless given.  Days not recorded yet are computed by the
        function that will record them.
        """
        month = month or BillingMonth.of(today(self._clock))
        # Before what is recorded is read: should metering pass in between, no day is missed.
        computed = self._bases.so_far(account_id)
        account = self._accounts.account(account_id)
        earlier = self._bases.earlier(account_id, month, computed)
        basis = self._bases.basis(account, month, computed=computed, earlier=earlier)
        return draft_of(account, month, basis)

    def priced(
        self, account_id: AccountId, month: BillingMonth, usage: Sequence[UsageDay]
    ) -> Draft:
        """Price some days of a month by themselves, as their lines would be (MET-3)."""
        account = self._accounts.account(account_id)
        return draft_of(account, month, self._bases.usage_alone(account, usage))

    def invoices_of(self, account_id: AccountId, *, limit: int | None = None) -> list[Invoice]:
        """Give the invoices of an account, newest first."""
        return list(self._storage.invoices_of(account_id, limit=limit))

    def invoice(self, invoice_id: InvoiceId) -> Invoice:
        """Give an invoice, whoever's (for workers and operators).  Raises NotFoundError."""
        invoice = self._storage.invoice(invoice_id)
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
        return self._storage.invoice_state(invoice.id)

    def document_link(self, invoice: Invoice) -> str:
        """Give an address that serves the PDF for a minute (BIL-11).

        Raises DomainError while the PDF is being made.
        """
        if self.state_of(invoice).document_stored_at is None:
            raise DomainError(
                "Le PDF de cette facture est en préparation. Réessayez dans une minute."
            )
        return self._documents.link(invoice.document_key, invoice.file_name)
