"""What OmnyPods ask for."""

from datetime import date
from typing import ClassVar

from chalicelib.billing.invoices.invoice import ChargeKind
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Queue, Task


class FillShortages(Task):
    """Reserve what is in stock for whoever waits (POD-1)."""

    queue: ClassVar[Queue] = Queue.EQUIPMENT


class BillPod(Task):
    """Bill once what was decided of an OmnyPod (BIL-9); ``charge`` names the fact."""

    queue: ClassVar[Queue] = Queue.EQUIPMENT

    account_id: AccountId
    charge: str
    kind: ChargeKind
    label: Label
    cents: int
    on: date
    reason: str
    evidence: str
    by: str
