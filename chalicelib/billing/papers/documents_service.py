"""The document of an invoice or credit note: drawn, kept, mailed (CGV art. 8.2; BIL-11).

PDF and XML are kept under keys that are never written twice, their digests in the records.  Then an
invoice is collected; one between companies is handed to the platform.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice, InvoiceState, invoice_id_of
from chalicelib.billing.invoices.run import RunEntry, RunState
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.papers.document_mails import mail_of
from chalicelib.billing.papers.document_record import (
    Document,
    StoredDocument,
    digest,
    paid_copy_file_name,
    paid_copy_key,
    xml_file_name,
    xml_key,
)
from chalicelib.billing.papers.document_storage import DocumentStorage
from chalicelib.billing.papers.facturx import Paid
from chalicelib.billing.papers.facturx import xml as facturx_xml
from chalicelib.billing.papers.messages import CollectInvoice, DrawCreditNote, DrawInvoice
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import CreditNoteId, InvoiceId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording

_RESUMED_FOR = timedelta(days=10)  # after its start a run is looked at no more
_PDF, _XML = "application/pdf", "application/xml"


@dataclass(kw_only=True)
class InvoiceDocumentsService:
    """What the DOCUMENTS queue's worker calls for invoices and credit notes.

    ``draw`` makes a PDF, of a copy when told how it was paid; ``follow_up`` gives what is to be
    committed with the news that a document is there (ledger of the one-stop shop, hand-over).
    """

    storage: BillingStorage
    ledger: LedgerStorage
    sales: SalesStorage
    digests: DocumentStorage
    documents: Documents
    draw: Callable[[Document, Paid | None], bytes]
    follow_up: Callable[[Document], Sequence[Write | Message]]
    recording: Recording

    # made
    def render(self, invoice_id: str) -> None:
        """Draw and keep the PDF of an invoice, then mail it and have it collected (BIL-11).

        Done twice it changes nothing: the drawing is the same, the document store keeps the
        first, and mail and collection are announced in the commit that says it is there.
        """
        self._make(self.document(invoice_id))

    def render_credit_note(self, credit_note_id: str) -> None:
        """Draw and keep the PDF of a credit note, then mail it (BIL-5, BIL-11)."""
        self._make(self.document(credit_note_id))

    def document(self, document_id: str) -> Document:
        """Read an invoice or a credit note.  Raises NotFoundError."""
        found = self.storage.invoice(document_id) or self.ledger.credit_note(document_id)
        if found is None:
            raise NotFoundError
        return found

    def _make(self, document: Document) -> None:
        if self._state(document).document_stored_at is not None:
            return
        self.documents.store(xml_key(document), facturx_xml(document), _XML)
        self.documents.store(document.document_key, self.draw(document, None), _PDF)
        # Digests of what is kept: after a crash that is what an earlier attempt stored.
        pdf = digest(self.documents.read(document.document_key))
        xml = digest(self.documents.read(xml_key(document)))
        self.recording.again(lambda: self._announce(document, pdf, xml))

    def _announce(self, document: Document, pdf: str, xml: str) -> None:
        state = self._state(document)
        if state.document_stored_at is not None:
            return
        now = self.recording.now()
        stored = StoredDocument(document.id, document.number, pdf, xml, now)
        changes: list[Write | Message] = [
            self._save_state(document, replace(state, document_stored_at=now)),
            self.digests.add_stored_document(stored),
            mail_of(document),
            *self.follow_up(document),
        ]
        if isinstance(document, Invoice):  # a transfer is awaited, reminded, and spread too
            collect = CollectInvoice(invoice_id=document.id)
            changes.append(collect.message(f"collect:{document.id}"))
        self.recording.commit(*changes)

    def _state(self, document: Document) -> InvoiceState:
        if isinstance(document, CreditNote):
            return self.ledger.credit_note_state(document.id)
        return self.storage.invoice_state(document.id)

    def _save_state(self, document: Document, state: InvoiceState) -> Write:
        if isinstance(document, CreditNote):
            return self.ledger.save_credit_note_state(state)
        return self.storage.save_invoice_state(state)

    # resumed
    def resume(self) -> int:
        """Ask again for the documents still lacking; tell how many (BIL-4).

        Those of the last runs' invoices, and of the credit notes of the last days.

        Woken daily, for messages put aside by an outage longer than their queue's patience.  What
        is missing follows from the records, so a missed or doubled call is harmless.
        """
        since = self.recording.now() - _RESUMED_FOR
        missing = [
            invoice_id
            for run in self.storage.runs()
            if run.started_at >= since
            for entry in self.storage.entries_in(run.month, RunState.ISSUED, None)
            if (invoice_id := self._without_document(entry))
        ]
        notes = self._notes_without(paris_day(since))
        asked = [
            *(DrawInvoice(invoice_id=each).message(f"document:{each}") for each in missing),
            *(DrawCreditNote(credit_note_id=each).message(f"document:{each}") for each in notes),
        ]
        for message in asked:
            self.recording.commit(message)
        return len(asked)

    def _notes_without(self, since: date) -> list[str]:
        """Give the credit notes issued since a day that have no document."""
        months = {BillingMonth.of(day) for day in (since, paris_day(self.recording.now()))}
        return [
            row.document_id
            for month in sorted(months)
            for row in self.sales.credit_notes(month)
            if row.issued_on >= since
            and not self.ledger.credit_note_state(CreditNoteId(row.document_id)).document_stored_at
        ]

    def _without_document(self, entry: RunEntry) -> InvoiceId | None:
        invoice_id = invoice_id_of(entry.account_id, entry.month)
        stored_at = self.storage.invoice_state(invoice_id).document_stored_at
        return None if stored_at else invoice_id

    # fetched
    def pdf_link(self, document: Document) -> str:
        """Give an address that serves the PDF for a minute; DomainError until it is made."""
        self._require_stored(document)
        return self.documents.link(document.document_key, document.file_name)

    def xml_link(self, document: Document) -> str:
        """Give an address that serves the XML for a minute; DomainError until it is made."""
        self._require_stored(document)
        return self.documents.link(xml_key(document), xml_file_name(document))

    def paid_copy_link(self, invoice: Invoice, paid_on: date) -> str:
        """Give an address of the copy that says an invoice was paid, made at the first request.

        The invoice itself never changes (BIL-3): the copy is a document of its own.
        """
        self._require_stored(invoice)
        key = paid_copy_key(invoice)
        try:
            self.documents.read(key)
        except KeyError:
            self.documents.store(key, self.draw(invoice, Paid(paid_on)), _PDF)
        return self.documents.link(key, paid_copy_file_name(invoice))

    def stored(self, document: Document) -> StoredDocument | None:
        """Give the digests of a document; None until it is made."""
        return self.digests.stored_document(document.id)

    def changed_since(self, document: Document) -> list[str]:
        """Name what is no longer as it was stored, "pdf" or "xml"; [] when all is well (BIL-11)."""
        stored = self.digests.stored_document(document.id)
        if stored is None:
            raise NotFoundError
        expected = {
            "pdf": (document.document_key, stored.pdf_sha256),
            "xml": (xml_key(document), stored.xml_sha256),
        }
        return [name for name, (key, was) in expected.items() if self._now(key) != was]

    def _now(self, key: str) -> str:
        try:
            return digest(self.documents.read(key))
        except KeyError:
            return ""

    def _require_stored(self, document: Document) -> None:
        if self._state(document).document_stored_at is None:
            raise DomainError("Ce document est en préparation. Réessayez dans une minute.")
