"""Writes and sends the mails that other domains ask for (LEG-4, ORD-4, BIL-11, PAY-3)."""

import mimetypes
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Protocol

from chalicelib.foundation import correlation
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Tables

_SUBJECT = "Subject: "


class Texts(Protocol):
    """Renders templates (the console's renderer)."""

    def text(self, template: str, language: str, values: dict[str, Any]) -> str:
        """Render a template in a language."""


class MailSender(Protocol):
    """Sends a finished mail."""

    def send(self, mail: EmailMessage) -> None:
        """Send.  Raises TemporaryGatewayError or FinalGatewayError."""


@dataclass(frozen=True)
class SentMail:
    """Says that the mail of a fact went out, so that a repeated message sends no second one."""

    key: str
    template: str
    sent_at: datetime


_SENT = Kind("notifications", "sent mail", SentMail)


@dataclass(frozen=True)
class Sender:
    """The address mails come from."""

    name: str
    address: str


@dataclass(kw_only=True)
class NotificationService:
    """Renders a mail in the reader's language, attaches stored documents, sends it once."""

    tables: Tables
    texts: Texts
    documents: Documents
    mail_sender: MailSender
    sender: Sender
    clock: Clock

    def deliver(self, message: dict[str, Any]) -> None:
        """Send the mail of a message made by ``mails.mail``, unless it went out already.

        Between sending and noting it we may die: then the reader gets it twice, which is better
        than never.
        """
        pk = f"MAIL#{message['key']}"
        if self.tables.get(_SENT, pk, "SENT"):
            return
        self.mail_sender.send(self._write(message))
        note = SentMail(message["key"], message["template"], self.clock.now())
        self.tables.commit(_SENT.put(note, pk, "SENT", always=True))

    def _write(self, message: dict[str, Any]) -> EmailMessage:
        template, language = message["template"], message["language"]
        text = self.texts.text(f"mails/{template}.txt", language, message["context"])
        first, _, body = text.lstrip().partition("\n")
        if not first.startswith(_SUBJECT):
            raise ValueError(f"mails/{template}.txt does not begin with its subject")
        mail = EmailMessage()
        mail["Subject"] = first.removeprefix(_SUBJECT).strip()
        mail["From"] = Address(self.sender.name, addr_spec=self.sender.address)
        mail["To"] = Address(addr_spec=message["to"])
        if correlation.current():
            mail["X-Correlation-Id"] = correlation.current()  # from a mail back to the logs
        mail.set_content(body.lstrip())
        html = self.texts.text(f"mails/{template}.html", language, message["context"])
        mail.add_alternative(html, subtype="html")
        for key, file_name in message["attachments"]:
            kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
            main, _, sub = kind.partition("/")
            charset = {"charset": "utf-8"} if main == "text" else None
            mail.add_attachment(
                self.documents.read(key),
                maintype=main,
                subtype=sub,
                filename=file_name,
                params=charset,
            )
        return mail
