"""What orders ask of those who deliver."""

from typing import ClassVar

from chalicelib.foundation.messages import Queue, Task


class CreateDesktops(Task):
    """Make the desktops of a validated order, and have them launched (ORD-3)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS

    order_id: str


class ConfirmOrder(Task):
    """Write the order's document and confirm it by mail (LEG-4)."""

    queue: ClassVar[Queue] = Queue.DOCUMENTS

    order_id: str


class ReservePods(Task):
    """Reserve the OmnyPods of a confirmed order (POD-1)."""

    queue: ClassVar[Queue] = Queue.EQUIPMENT

    order_id: str


class ReleasePods(Task):
    """Keep what was not sent for an order given up, ask back what was (POD-3)."""

    queue: ClassVar[Queue] = Queue.EQUIPMENT

    order_id: str
