"""What is asked of the way to the accredited platform."""

from typing import ClassVar

from chalicelib.foundation.messages import Queue, Task


class HandOver(Task):
    """Give a stored document to the platform."""

    queue: ClassVar[Queue] = Queue.DOCUMENTS

    document_id: str


class TakeStatuses(Task):
    """Take back what the platform said of documents."""

    queue: ClassVar[Queue] = Queue.DOCUMENTS
