"""Queue messages: how a fact of one domain wakes another up."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

import msgspec

# The attributes of a message, beside its body: the id of what sent it, the fact it is about.
CORRELATION, KEY = "correlation", "key"


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

    Made by ``Task.message``.  ``text`` is the task as JSON, its class named by ``type``.
    ``delay_seconds`` holds it back (15 minutes at most, an SQS limit; not on FIFO queues).
    ``correlation`` is the id of the invocation that committed it (see ``correlation``).
    """

    queue: Queue
    key: str
    text: str
    delay_seconds: int = 0
    group: str = ""
    correlation: str = ""

    @property
    def body(self) -> dict[str, Any]:
        """What the text says."""
        said: dict[str, Any] = json.loads(self.text)
        return said


class Task(msgspec.Struct, kw_only=True, tag=True):
    """What a message asks for: one class each, defined where it is sent from.

    ``queue`` is where it waits; ``chalicelib/queues.py`` says what is then done.
    """

    queue: ClassVar[Queue]

    def message(self, key: str, *, delay_seconds: int = 0, group: str = "") -> Message:
        """Make the message that asks for it; ``key`` names the fact it follows from."""
        text = msgspec.json.encode(self).decode()
        return Message(self.queue, key, text, delay_seconds, group)


class Queues(Protocol):
    """Where messages go."""

    def send(self, *messages: Message) -> None:
        """Hand messages of one queue over.

        Raises TemporaryGatewayError when it did not take them all; those it took may come again.
        """
