"""What a publication of the catalogue asks for."""

from typing import ClassVar

from chalicelib.foundation.messages import Queue, Task


class AnnouncePrices(Task):
    """Write to whoever rents what a publication gives another price to come (CAT-3)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS

    version: int
