"""The mail that brings an invoice or a credit note (BIL-11)."""

from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.papers.document_record import Document
from chalicelib.foundation.messages import Message
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName


def mail_of(document: Document) -> Message:
    """Make the message that mails a document to its client, with its PDF."""
    return _invoice(document) if isinstance(document, Invoice) else _credit_note(document)


def _invoice(invoice: Invoice) -> Message:
    return mail(
        MailName.INVOICE,
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


def _credit_note(note: CreditNote) -> Message:
    return mail(
        MailName.CREDIT_NOTE,
        note.buyer.email,
        note.buyer.language,
        {
            "name": note.buyer.contact or note.buyer.name,
            "invoice_id": note.invoice.id,
            "number": note.number,
            "invoice_number": note.invoice.number,
            "incl_vat_cents": note.totals.incl_vat_cents,
            "issued_on": note.issued_on.isoformat(),
            "reason": note.reason,
        },
        key=f"credit-note:{note.id}",
        attachments=((note.document_key, note.file_name),),
    )
