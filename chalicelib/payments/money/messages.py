"""What the ledger of payments asks for: each says what to look at, never what to do."""

from typing import ClassVar

from chalicelib.foundation.messages import Queue, Task


class GiveBackExcess(Task):
    """Give back what an invoice was paid too much (BIL-5)."""

    queue: ClassVar[Queue] = Queue.COLLECTION

    invoice_id: str


class ClaimLateness(Task):
    """Claim interest and fee of an invoice that was settled late (PAY-6)."""

    queue: ClassVar[Queue] = Queue.COLLECTION

    invoice_id: str


class UseBalance(Task):
    """Have what an account holds with us pay its oldest invoices (PAY-4)."""

    queue: ClassVar[Queue] = Queue.COLLECTION

    account_id: str


class FollowSuspension(Task):
    """Have an account's desktops follow its suspension, or the end of it (P8)."""

    queue: ClassVar[Queue] = Queue.COLLECTION

    account_id: str
