"""Keeps every mail sent on the local stack, as files, for the desk's mailbox page.

SES's emulator forgets mails when it stops, and their attachments at once.  So the real SES sender
is wrapped: what it accepted is kept here, with the "now" it was sent at.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import cast

from chalicelib.foundation.clock import Clock
from chalicelib.notifications.service import MailSender

_SENT_AT = "X-Local-Sent-At"
_LINK = re.compile(r'href="(https?://[^"]+)"')
_TEXT_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class KeptMail:
    """A mail as it was sent; ``number`` counts from 1."""

    number: int
    sent_at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        """Who it was sent to."""
        return str(self.message["To"])

    @property
    def links(self) -> list[str]:
        """The web addresses in it, each once, in order."""
        found = [unescape(link) for link in _LINK.findall(self.html)]
        found += [link.rstrip(".,;)") for link in _TEXT_LINK.findall(self.text)]
        return list(dict.fromkeys(found))

    @property
    def sender(self) -> str:
        """Who it comes from."""
        return str(self.message["From"])

    @property
    def text(self) -> str:
        """Its text form."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """Its HTML form, or an empty text."""
        return self._body("html")

    @property
    def attachments(self) -> list[Attachment]:
        """Its attached files."""
        return [
            Attachment(
                part.get_filename() or "document",
                part.get_content_type(),
                cast(bytes, part.get_payload(decode=True)) or b"",
            )
            for part in self.message.iter_attachments()
        ]

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


class Mailbox:
    """The mails of a folder, one file each, oldest first by their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def keep(self, mail: EmailMessage, sent_at: datetime) -> None:
        """Keep a mail."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            number = max(self._numbers(), default=0) + 1
            kept = f"{_SENT_AT}: {sent_at.isoformat()}\n".encode() + mail.as_bytes()
            beside = self._folder / "new"
            beside.write_bytes(kept)
            beside.rename(self._path(number))

    def mail(self, number: int) -> KeptMail:
        """Give a mail.  Raises FileNotFoundError."""
        message = message_from_bytes(self._path(number).read_bytes(), policy=policy.default)
        sent_at = datetime.fromisoformat(str(message[_SENT_AT]))
        return KeptMail(number, sent_at, message)

    def newest_first(self, at_most: int | None = None) -> Iterator[KeptMail]:
        """Give the mails, the last one sent first."""
        for number in sorted(self._numbers(), reverse=True)[:at_most]:
            yield self.mail(number)

    def __len__(self) -> int:
        return len(self._numbers())

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.eml"

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.eml")]


class KeepingMailSender:
    """Sends through another sender, then keeps what it accepted."""

    def __init__(self, sender: MailSender, mailbox: Mailbox, clock: Clock) -> None:
        self._sender = sender
        self._mailbox = mailbox
        self._clock = clock

    def send(self, mail: EmailMessage) -> None:
        """Send.  Raises TemporaryGatewayError or FinalGatewayError."""
        self._sender.send(mail)
        self._mailbox.keep(mail, self._clock.now())
