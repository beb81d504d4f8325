"""Documents of invoices and credit notes, and their way to the platform."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base
from chalicelib.wiring.billing import Billing
from chalicelib.wiring.legal import Legal
from chalicelib.wiring.taxes import Taxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.billing.papers.document_record import Document
    from chalicelib.billing.papers.document_storage import DocumentStorage
    from chalicelib.billing.papers.documents_service import InvoiceDocumentsService
    from chalicelib.billing.papers.facturx import Paid
    from chalicelib.billing.platform.service import PlatformService
    from chalicelib.foundation.messages import Message
    from chalicelib.foundation.tables import Write


@dataclass(kw_only=True, eq=False)
class Papers:
    """Documents of invoices and credit notes, and their way to the platform."""

    base: Base
    legal: Legal
    billing: Billing
    taxes: Taxes

    @cached_property
    def documents(self) -> "InvoiceDocumentsService":
        """Draws, keeps and mails invoices and credit notes."""
        from chalicelib.billing.papers.documents_service import InvoiceDocumentsService

        return InvoiceDocumentsService(
            storage=self.billing.storage,
            ledger=self.billing.ledger,
            sales=self.billing.sales,
            digests=self.storage,
            documents=self.base.adapters.documents,
            draw=self._draw,
            follow_up=self._follow_up,
            recording=self.base.recording,
        )

    @cached_property
    def platform(self) -> "PlatformService":
        """Hands documents over to an accredited platform."""
        from chalicelib.billing.platform.service import PlatformService

        return PlatformService(
            storage=self.storage,
            documents=self.base.adapters.documents,
            platform=self.base.adapters.platform,
            policies=self.legal.policies,
            recording=self.base.recording,
        )

    def _draw(self, document: "Document", paid: "Paid | None") -> bytes:
        from chalicelib.billing.papers.invoice_pdf import invoice_pdf

        return invoice_pdf(document, logo=self._logo(document.seller.logo), paid=paid)

    def _logo(self, key: str) -> bytes:
        return self.base.adapters.documents.read(key) if key else b""

    def _follow_up(self, document: "Document") -> "Sequence[Write | Message]":
        return [*self.taxes.vat.counted(document), *self.platform.announced(document)]

    @cached_property
    def storage(self) -> "DocumentStorage":
        """Digests of documents."""
        from chalicelib.billing.papers.document_storage import DocumentStorage

        return DocumentStorage(self.base.adapters.tables)
