"""Writes and sends the mails that other domains ask for (LEG-4, ORD-4, BIL-11, PAY-3)."""

import mimetypes
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Protocol

from chalicelib.foundation import correlation
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.instants import iso
from chalicelib.foundation.old_records import OldRecord, UnicodeAttribute, old_put
from chalicelib.foundation.tables import Tables
from chalicelib.texts.mail_texts import MailTexts

_SUBJECT = "Subject: "


class MailSender(Protocol):
    """Sends a finished mail."""

    def send(self, mail: EmailMessage) -> None:
        """Send.  Raises TemporaryGatewayError or FinalGatewayError."""


class SentMailRecord(OldRecord):
    """Says that the mail of a fact went out, so that a repeated message sends no second one."""

    class Meta:
        table_name = "notifications"

    template = UnicodeAttribute()
    sent_at = UnicodeAttribute()


@dataclass(frozen=True)
class Sender:
    """The address mails come from."""

    name: str
    address: str


class NotificationService:
    """Renders a mail in the reader's language, attaches stored documents, sends it once."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        *,
        tables: Tables,
        texts: MailTexts,
        documents: Documents,
        mail_sender: MailSender,
        sender: Sender,
        clock: Clock,
    ) -> None:
        self._tables = tables
        self._texts = texts
        self._documents = documents
        self._mail_sender = mail_sender
        self._sender = sender
        self._clock = clock

    def deliver(self, message: dict[str, Any]) -> None:
        """Send the mail of a message made by ``mails.mail``, unless it went out already.

        Between sending and noting it we may die: then the reader gets it twice, which is better
        than never.
        """
        pk = f"MAIL#{message['key']}"
        if self._tables.get_record(SentMailRecord, pk, "SENT"):
            return
        self._mail_sender.send(self._write(message))
        note = SentMailRecord(
            pk=pk, sk="SENT", template=message["template"], sent_at=iso(self._clock.now())
        )
        self._tables.commit(old_put(note, always=True))

    def _write(self, message: dict[str, Any]) -> EmailMessage:
        template, language = message["template"], message["language"]
        text = self._texts.text(f"{template}.txt", language, message["context"])
        first, _, body = text.lstrip().partition("\n")
        if not first.startswith(_SUBJECT):
            raise ValueError(f"mails/{template}.txt does not begin with its subject")
        mail = EmailMessage()
        mail["Subject"] = first.removeprefix(_SUBJECT).strip()
        mail["From"] = Address(self._sender.name, addr_spec=self._sender.address)
        mail["To"] = Address(addr_spec=message["to"])
        if correlation.current():
            mail["X-Correlation-Id"] = correlation.current()  # from a mail back to the logs
        mail.set_content(body.lstrip())
        html = self._texts.text(f"{template}.html", language, message["context"])
        mail.add_alternative(html, subtype="html")
        for key, file_name in message["attachments"]:
            kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
            main, _, sub = kind.partition("/")
            charset = {"charset": "utf-8"} if main == "text" else None
            mail.add_attachment(
                self._documents.read(key),
                maintype=main,
                subtype=sub,
                filename=file_name,
                params=charset,
            )
        return mail
