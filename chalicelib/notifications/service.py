"""Writes and sends the mails that other domains ask for (LEG-4, ORD-4, BIL-11, PAY-3)."""

import mimetypes
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Protocol

from chalicelib.foundation import correlation
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Tables
from chalicelib.notifications.mails import SendMail
from chalicelib.texts.mail_texts import MailTexts
from chalicelib.texts.mails import MailName

_SUBJECT = "Subject: "


class MailSender(Protocol):
    """Sends a finished mail."""

    def send(self, mail: EmailMessage) -> None:
        """Send.  Raises TemporaryGatewayError or FinalGatewayError."""


@dataclass(frozen=True)
class SentMail:
    """Says that the mail of a fact went out, so that a repeated message sends no second one."""

    key: str
    template: MailName
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
    texts: MailTexts
    documents: Documents
    mail_sender: MailSender
    sender: Sender
    clock: Clock

    def deliver(self, asked: SendMail) -> None:
        """Send the mail of a message made by ``mails.mail``, unless it went out already.

        Between sending and noting it we may die: then the reader gets it twice, which is better
        than never.
        """
        pk = f"MAIL#{asked.key}"
        if self.tables.get(_SENT, pk, "SENT"):
            return
        self.mail_sender.send(self._write(asked))
        note = SentMail(asked.key, asked.template, self.clock.now())
        self.tables.commit(_SENT.put(note, pk, "SENT", always=True))

    def _write(self, asked: SendMail) -> EmailMessage:
        template, language = asked.template, asked.language
        text = self.texts.text(f"{template}.txt", language, asked.context)
        first, _, body = text.lstrip().partition("\n")
        if not first.startswith(_SUBJECT):
            raise ValueError(f"mails/{template}.txt does not begin with its subject")
        mail = EmailMessage()
        mail["Subject"] = first.removeprefix(_SUBJECT).strip()
        mail["From"] = Address(self.sender.name, addr_spec=self.sender.address)
        mail["To"] = Address(addr_spec=asked.to)
        if correlation.current():
            mail["X-Correlation-Id"] = correlation.current()  # from a mail back to the logs
        mail.set_content(body.lstrip())
        html = self.texts.text(f"{template}.html", language, asked.context)
        mail.add_alternative(html, subtype="html")
        for key, file_name in asked.attachments:
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
