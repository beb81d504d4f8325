"""What an issued document asks for: to be drawn and kept, then to be collected."""

from typing import ClassVar

from chalicelib.foundation.messages import Queue, Task


class DrawInvoice(Task):
    """Draw an invoice, keep it, mail it (BIL-11)."""

    queue: ClassVar[Queue] = Queue.DOCUMENTS

    invoice_id: str


class DrawCreditNote(Task):
    """Draw a credit note, keep it, mail it (BIL-5)."""

    queue: ClassVar[Queue] = Queue.DOCUMENTS

    credit_note_id: str


class CollectInvoice(Task):
    """Have an invoice paid: by what the account holds with us, then by its card (PAY-1)."""

    queue: ClassVar[Queue] = Queue.COLLECTION

    invoice_id: str


class SettleCreditNote(Task):
    """Post a credit note to the ledger of payments, and give back what is too much (BIL-5)."""

    queue: ClassVar[Queue] = Queue.COLLECTION

    credit_note_id: str
