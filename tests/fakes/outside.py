"""Queues, documents, vault and mail in memory."""

import json
import threading
from email.message import EmailMessage

from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from chalicelib.foundation.measures import Measure, Totals
from chalicelib.foundation.messages import Message, Queue
from tests.fakes.aws_calls import asks, stands_for


class InMemoryQueues:
    """Keeps the messages sent, in order, until a pump takes them."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []
        self.sent: list[Message] = []
        self._lock = threading.Lock()

    def send(self, *messages: Message) -> None:
        asks("SqsQueues.send", messages[0].queue.value)
        json.dumps([message.body for message in messages])  # what SQS could not carry
        assert len({message.queue for message in messages}) == 1
        with self._lock:
            self.waiting.extend(messages)
            self.sent.extend(messages)

    def take(self) -> Message | None:
        """Take the oldest message."""
        with self._lock:
            return self.waiting.pop(0) if self.waiting else None

    def of(self, queue: Queue) -> list[Message]:
        """Every message ever sent to a queue."""
        return [message for message in self.sent if message.queue is queue]


class InMemoryDocuments:
    """Keeps documents; one stored is never replaced."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def store(self, key: str, content: bytes, content_type: str) -> None:
        asks("S3Documents.store", key.split("/", maxsplit=1)[0])
        self.stored.setdefault(key, content)

    def read(self, key: str) -> bytes:
        asks("S3Documents.read", key.split("/", maxsplit=1)[0])
        return self.stored[key]

    def link(self, key: str, file_name: str) -> str:
        asks("S3Documents.link", key.split("/", maxsplit=1)[0])
        return f"https://documents.example/{key}?name={file_name}"


class KeptMetrics:
    """Keeps the measures published, function by function."""

    def __init__(self) -> None:
        self.published: list[tuple[str, dict[Measure, float]]] = []

    def publish(self, function: str, totals: Totals) -> None:
        if totals:
            self.published.append((function, dict(totals)))

    def total(self, measure: Measure) -> float:
        """What was counted of a measure so far."""
        return sum(totals.get(measure, 0) for _, totals in self.published)


@stands_for("KmsVault")
class InMemoryVault:
    """Turns a text back only for the account it was encrypted for."""

    def encrypt(self, secret: str, account_id: str) -> str:
        return f"sealed:{account_id}:{secret[::-1]}"

    def decrypt(self, ciphertext: str, account_id: str) -> str:
        _, owner, sealed = ciphertext.split(":", 2)
        if owner != account_id:
            raise FinalGatewayError("wrong encryption context")
        return sealed[::-1]


@stands_for("SesMailSender")
class MailBox:
    """Keeps the mails sent; refuses them for a while when ``down``."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.down = False

    def send(self, mail: EmailMessage) -> None:
        if self.down:
            raise TemporaryGatewayError("SES: Throttling")
        self.mails.append(mail)

    def to(self, address: str) -> list[EmailMessage]:
        """The mails an address received, oldest first."""
        return [mail for mail in self.mails if str(mail["To"]) == address]

    def text_of(self, mail: EmailMessage) -> str:
        """The plain text of a mail."""
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())
