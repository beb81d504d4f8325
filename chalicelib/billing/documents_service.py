"""The document of an issued invoice: drawn, kept, mailed, then collected (CGV art. 8.2; BIL-11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.accounts.account import PaymentMode
from chalicelib.billing.invoice import Invoice, invoice_id_of
from chalicelib.billing.ports import BillingStore
from chalicelib.billing.run import RunEntry, RunState
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import InvoiceId
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.notifications.mails import mail

_RESUMED_FOR = timedelta(days=10)  # after its start a run is looked at no more


class InvoiceDocumentsService:
    """What the DOCUMENTS queue's worker calls for an invoice."""

    def __init__(
        self,
        *,
        storage: BillingStore,
        documents: Documents,
        draw: Callable[[Invoice], bytes],
        work: UnitOfWork,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._draw = draw
        self._documents = documents
        self._work = work
        self._clock = clock

    def render(self, invoice_id: str) -> None:
        """Draw and keep the PDF of an invoice, then mail it and have it collected (BIL-11).

        Done twice it changes nothing: the drawing is the same, the document store keeps the
        first, and mail and collection are announced in the commit that says it is there.
        """
        invoice = self._storage.invoice(invoice_id)
        if invoice is None:
            raise NotFoundError
        if self._storage.invoice_state(invoice.id).document_stored_at is not None:
            return
        self._documents.store(invoice.document_key, self._draw(invoice), "application/pdf")
        retry_on_conflict(lambda: self._announce(invoice))

    def resume(self) -> int:
        """Ask again for the documents that the last runs still lack; tell how many (BIL-4).

        Woken daily, for messages put aside by an outage longer than their queue's patience.  What
        is missing follows from the records, so a missed or doubled call is harmless.
        """
        since = self._clock.now() - _RESUMED_FOR
        missing = [
            invoice_id
            for run in self._storage.runs()
            if run.started_at >= since
            for entry in self._storage.entries_in(run.month, RunState.ISSUED, None)
            if (invoice_id := self._without_document(entry))
        ]
        for invoice_id in missing:
            message = Message(Queue.DOCUMENTS, f"document:{invoice_id}", {"invoice_id": invoice_id})
            self._work.commit(message)
        return len(missing)

    def _without_document(self, entry: RunEntry) -> InvoiceId | None:
        invoice_id = invoice_id_of(entry.account_id, entry.month)
        stored_at = self._storage.invoice_state(invoice_id).document_stored_at
        return None if stored_at else invoice_id

    def _announce(self, invoice: Invoice) -> None:
        state = self._storage.invoice_state(invoice.id)
        if state.document_stored_at is not None:
            return
        changes: list[Write | Message] = [
            self._storage.save_invoice_state(replace(state, document_stored_at=self._clock.now())),
            _mail_of(invoice),
        ]
        if invoice.payment_mode is PaymentMode.CARD:
            body = {"invoice_id": invoice.id}
            changes.append(Message(Queue.COLLECTION, f"collect:{invoice.id}", body))
        self._work.commit(*changes)


def _mail_of(invoice: Invoice) -> Message:
    return mail(
        "invoice",
        invoice.buyer.email,
        invoice.buyer.language,
        {
            "name": invoice.buyer.contact or invoice.buyer.name,
            "invoice_id": invoice.id,
            "number": invoice.number,
            "month": str(invoice.month),
            "incl_vat_cents": invoice.totals.incl_vat_cents,
            "issued_on": invoice.issued_on.isoformat(),
            "due_on": invoice.due_on.isoformat(),
            "payment_mode": invoice.payment_mode.value,
        },
        key=f"invoice:{invoice.id}",
        attachments=((invoice.document_key, invoice.file_name),),
    )
