"""Queues, documents, vault, signing key and mail in memory."""

from base64 import b64encode
from email.message import EmailMessage

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from chalicelib.foundation.measures import Measure, Totals
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.signing import Signature, pem
from tests.fakes.aws_calls import asks, stands_for
from tests.fakes.copied import CopiedLock


class InMemoryQueues:
    """Keeps the messages sent, in order, until a pump takes them."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []
        self.sent: list[Message] = []
        self._lock = CopiedLock()

    def send(self, *messages: Message) -> None:
        asks("SqsQueues.send", messages[0].queue.value)
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


@stands_for("KmsSigner")
class InMemorySigner:
    """Signs with a pair of keys of its own, as KMS does."""

    def __init__(self, name: str = "signing-key") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = name

    def sign(self, sha256: bytes) -> Signature:
        made = self._key.sign(sha256, ec.ECDSA(Prehashed(SHA256())))
        return Signature(b64encode(made).decode(), self._name)

    def holds(self, sha256: bytes, signature: Signature) -> bool:
        try:
            algorithm = ec.ECDSA(Prehashed(SHA256()))
            self._key.public_key().verify(signature.raw, sha256, algorithm)
        except (InvalidSignature, ValueError):
            return False
        return signature.key == self._name

    def public_key(self) -> str:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return pem(self._key.public_key().public_bytes(serialization.Encoding.DER, form))


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
