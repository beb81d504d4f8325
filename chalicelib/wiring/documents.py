"""Wires VAT, the documents of invoices and credit notes, and their way to the platform."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.billing import BillingServices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.billing.one_stop_shop.oss_service import OssService
    from chalicelib.billing.one_stop_shop.vat_service import VatService
    from chalicelib.billing.one_stop_shop.vat_storage import VatStorage
    from chalicelib.billing.papers.document_record import Document
    from chalicelib.billing.papers.document_storage import DocumentStorage
    from chalicelib.billing.papers.documents_service import InvoiceDocumentsService
    from chalicelib.billing.papers.facturx import Paid
    from chalicelib.billing.platform.service import PlatformService
    from chalicelib.foundation.messages import Message
    from chalicelib.foundation.tables import Write


class DocumentServices(BillingServices):
    """Wires VAT, documents and the platform."""

    @cached_property
    def _vat_storage(self) -> "VatStorage":
        from chalicelib.billing.one_stop_shop.vat_storage import VatStorage

        return VatStorage(self.adapters.tables)

    @cached_property
    def vat(self) -> "VatService":
        """Which VAT is due."""
        from chalicelib.billing.one_stop_shop.vat_service import VatService

        return VatService(
            storage=self._vat_storage,
            oss=self.oss,
            accounts=self.accounts,
            vies=lambda: self.adapters.vies,
            policies=self.policies,
            recording=self.recording,
        )

    @cached_property
    def oss(self) -> "OssService":
        """The one-stop shop."""
        from chalicelib.billing.drafts.service import BillingService
        from chalicelib.billing.one_stop_shop.oss_service import OssService
        from chalicelib.billing.vat.rules import vat_of

        drafts = BillingService(
            storage=self.billing_storage,
            bases=self.invoice_bases.with_vat(vat_of),
            accounts=self.accounts,
            documents=self.adapters.documents,
            clock=self.clock,
        )
        return OssService(
            storage=self._vat_storage,
            statuses=self._vat_storage,
            accounts=self.accounts,
            amounts=drafts.excl_vat_cents,
            recording=self.recording,
        )

    @cached_property
    def _document_storage(self) -> "DocumentStorage":
        from chalicelib.billing.papers.document_storage import DocumentStorage

        return DocumentStorage(self.adapters.tables)

    @cached_property
    def invoice_documents(self) -> "InvoiceDocumentsService":
        """Draws, keeps and mails invoices and credit notes."""
        from chalicelib.billing.papers.documents_service import InvoiceDocumentsService

        return InvoiceDocumentsService(
            storage=self.billing_storage,
            ledger=self.billing_ledger,
            sales=self._sales_storage,
            digests=self._document_storage,
            documents=self.adapters.documents,
            draw=self._draw,
            follow_up=self._follow_up,
            recording=self.recording,
        )

    @cached_property
    def platform(self) -> "PlatformService":
        """Hands documents over to an accredited platform."""
        from chalicelib.billing.platform.service import PlatformService

        return PlatformService(
            storage=self._document_storage,
            documents=self.adapters.documents,
            platform=self.adapters.platform,
            policies=self.policies,
            recording=self.recording,
        )

    def _draw(self, document: "Document", paid: "Paid | None") -> bytes:
        from chalicelib.billing.papers.invoice_pdf import invoice_pdf

        return invoice_pdf(document, logo=self._logo(document.seller.logo), paid=paid)

    def _logo(self, key: str) -> bytes:
        return self.adapters.documents.read(key) if key else b""

    def _follow_up(self, document: "Document") -> "Sequence[Write | Message]":
        return [*self.vat.counted(document), *self.platform.announced(document)]
