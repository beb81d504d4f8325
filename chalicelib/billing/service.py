"""Invoices as clients and other domains see them (CGV art. 8.1, 8.2; BIL-1, BIL-7, BIL-11)."""

from collections.abc import Sequence

from chalicelib.billing.drafting import EarlierMonth, billed_days, draft_of
from chalicelib.billing.invoice import Draft, Invoice, InvoiceLine, InvoiceState, invoice_id_of
from chalicelib.billing.ports import Accounts, BillingStore, Catalogues, Metering
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.metering.usage import UsageDay

# How late the company may validate an order and still have its first days billed.
_MONTHS_BACK = 3


class BillingService:
    """Drafts, the current invoice, issued invoices and their documents."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: BillingStore,
        accounts: Accounts,
        metering: Metering,
        catalogue: Catalogues,
        documents: Documents,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._metering = metering
        self._catalogue = catalogue
        self._documents = documents
        self._clock = clock

    def draft(self, account_id: AccountId, month: BillingMonth) -> Draft:
        """Draw up what an account owes for the recorded days of a month (BIL-1).

        Raises DomainError when a price, a product or VAT is unknown.
        """
        return self._drawn_up(account_id, month, ())

    def current(self, account_id: AccountId, month: BillingMonth | None = None) -> Draft:
        """Draw up exactly what the run would issue if the month ended now (BIL-7).

        ``month`` is the present one unless given.  Days not recorded yet are computed by the
        function that will record them.
        """
        month = month or BillingMonth.of(today(self._clock))
        # Before what is recorded is read: should metering pass in between, no day is missed.
        return self._drawn_up(account_id, month, list(self._metering.today_so_far(account_id)))

    def _drawn_up(
        self, account_id: AccountId, month: BillingMonth, computed: Sequence[UsageDay]
    ) -> Draft:
        """Draw up a month from its recorded days, those computed taking their place."""
        return draft_of(
            self._accounts.account(account_id),
            month,
            [*self._metering.usage(account_id, month), *computed],
            self._catalogue.current(),
            earlier=self._earlier(account_id, month, computed),
        )

    def _earlier(
        self, account_id: AccountId, month: BillingMonth, computed: Sequence[UsageDay]
    ) -> list[EarlierMonth]:
        """Give the months just before whose invoicing is over, without a break.

        Behind a month that is still to be invoiced, that month's own invoice looks further back:
        so no day is billed by two.
        """
        months: list[BillingMonth] = []
        lines: list[InvoiceLine] = []
        while len(months) < _MONTHS_BACK:
            month = month.previous
            entry = self._storage.entry(account_id, month)
            if entry is None or not entry.is_over:
                break
            months.append(month)
            invoice = self._storage.invoice(invoice_id_of(account_id, month))
            lines += invoice.lines if invoice else ()
        return [
            EarlierMonth(
                each,
                (*self._metering.usage(account_id, each), *computed),
                billed_days(lines, each),
            )
            for each in months
        ]

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
