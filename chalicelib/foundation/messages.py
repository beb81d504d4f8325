"""Queue messages: how a fact of one domain wakes another up."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

CORRELATION = "correlation"  # the attribute of a message, beside its body, that carries the id


class Queue(StrEnum):
    """Every queue of the system; ``chalicelib/queues.py`` says who consumes it."""

    MAIL = "mail"
    DESKTOPS = "desktops"
    DRAFTS = "drafts"
    ISSUE = "issue.fifo"
    DOCUMENTS = "documents"
    COLLECTION = "collection"
    EQUIPMENT = "equipment"

    @property
    def is_fifo(self) -> bool:
        """Whether messages of one group are handled one after the other."""
        return self.value.endswith(".fifo")


@dataclass(frozen=True)
class Message:
    """Something to do, named by a natural key so that doing it twice can be noticed.

    ``delay_seconds`` holds it back (15 minutes at most, an SQS limit; not on FIFO queues).
    ``correlation`` is the id of the invocation that committed it (see ``correlation``).
    """

    queue: Queue
    key: str
    body: dict[str, Any] = field(default_factory=dict)
    delay_seconds: int = 0
    group: str = ""
    correlation: str = ""


class Queues(Protocol):
    """Where messages go."""

    def send(self, *messages: Message) -> None:
        """Hand messages of one queue over.

        Raises TemporaryGatewayError when it did not take them all; those it took may come again.
        """
