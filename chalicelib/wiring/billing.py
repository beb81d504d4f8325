"""Wires drafts, invoices, their run and their documents."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.desktops import DesktopServices

if TYPE_CHECKING:
    from chalicelib.billing.documents_service import InvoiceDocumentsService
    from chalicelib.billing.run_service import InvoiceRunService
    from chalicelib.billing.service import BillingService
    from chalicelib.billing.storage import BillingStorage


class BillingServices(DesktopServices):
    """Wires drafts, invoices, their run and their documents."""

    @cached_property
    def billing_storage(self) -> "BillingStorage":
        """Billing's records."""
        from chalicelib.billing.storage import BillingStorage

        return BillingStorage(self.adapters.tables)

    @cached_property
    def billing(self) -> "BillingService":
        """Drafts, the current invoice, issued invoices."""
        from chalicelib.billing.service import BillingService

        return BillingService(
            storage=self.billing_storage,
            accounts=self.accounts,
            metering=self.metering,
            catalogue=self.catalogue,
            documents=self.adapters.documents,
            clock=self.clock,
        )

    @cached_property
    def invoice_run(self) -> "InvoiceRunService":
        """The month-end run."""
        from chalicelib.billing.issue import InvoiceIssuer
        from chalicelib.billing.run_service import InvoiceRunService

        return InvoiceRunService(
            storage=self.billing_storage,
            billing=self.billing,
            issuer=InvoiceIssuer(
                storage=self.billing_storage,
                work=self.work,
                journal=self.journal,
                clock=self.clock,
                company=lambda: self.settings.company,
            ),
            accounts=self.accounts,
            metering=self.metering,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def invoice_documents(self) -> "InvoiceDocumentsService":
        """Draws, keeps and mails the PDFs of invoices."""
        from chalicelib.billing.documents_service import InvoiceDocumentsService
        from chalicelib.billing.invoice_pdf import invoice_pdf

        return InvoiceDocumentsService(
            storage=self.billing_storage,
            documents=self.adapters.documents,
            draw=invoice_pdf,
            work=self.work,
            clock=self.clock,
        )
