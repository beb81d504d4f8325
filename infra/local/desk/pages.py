"""What the desk shows, as HTML and as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.foundation.civil_time import PARIS
from infra.local.clock.clock_keeper import ClockKeeper
from infra.local.clock.schedule_clock import is_frequent
from infra.local.company import EVERYONE
from infra.local.outside.mailbox import KeptMail, Mailbox
from infra.local.state_folder import Addresses
from infra.project import ROOT

_HTML = "text/html; charset=utf-8"
_STATIC = ROOT / "chalicelib" / "console" / "static"
_STATIC_FILES = {
    "bootstrap.min.css": (_STATIC / "vendor" / "bootstrap.min.css", "text/css"),
    "app.css": (_STATIC / "app.css", "text/css"),
    "desk.css": (Path(__file__).parent / "templates" / "desk.css", "text/css"),
    "vendor/inter-latin.woff2": (_STATIC / "vendor" / "inter-latin.woff2", "font/woff2"),
    "vendor/inter-latin-ext.woff2": (_STATIC / "vendor" / "inter-latin-ext.woff2", "font/woff2"),
}
_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A mail is somebody else's text: no script, no form, nothing loaded; its links open elsewhere.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
_SHOWN_MAILS = 300


@dataclass(frozen=True)
class Page:
    """An answer of the desk."""

    body: str | bytes
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(
        default_factory=lambda: {"Content-Type": _HTML, "Content-Security-Policy": _POLICY}
    )

    @property
    def content(self) -> bytes:
        """The bytes to send."""
        return self.body.encode() if isinstance(self.body, str) else self.body

    @classmethod
    def json(cls, content: Any) -> "Page":
        """Make an answer for a program."""
        text = json.dumps(content, ensure_ascii=False, indent=1)
        return cls(text, headers={"Content-Type": "application/json"})

    @classmethod
    def elsewhere(cls, path: str) -> "Page":
        """Send the browser to another page, after a form."""
        return cls("", HTTPStatus.SEE_OTHER, {"Location": path})


class DeskPages:
    """Finds the page of a path."""

    def __init__(self, mailbox: Mailbox, keeper: ClockKeeper, addresses: Addresses) -> None:
        self._mailbox = mailbox
        self._keeper = keeper
        self._addresses = addresses
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["paris"] = _paris

    def get(self, path: str, query: Mapping[str, str]) -> Page:
        """Give a page.  Raises KeyError, IndexError or FileNotFoundError when there is none."""
        first, *rest = path.strip("/").split("/")
        pages = {
            "": self._index,
            "mails": self._mails,
            "mails.json": self._mails_json,
            "clock": self._clock,
            "clock.json": self._clock_json,
            "static": self._static,
        }
        return pages[first](rest, query)

    def _render(self, template: str, **values: Any) -> Page:
        shown = {"now": self._keeper.clock.now(), "addresses": self._addresses, **values}
        return Page(self._templates.get_template(template).render(shown))

    def _index(self, _rest: list[str], _query: Mapping[str, str]) -> Page:
        return self._render("index.html", users=EVERYONE, mail_count=len(self._mailbox))

    # mails
    def _mails(self, rest: list[str], query: Mapping[str, str]) -> Page:
        if not rest:
            to = query.get("to", "")
            mails = [mail for mail in self._mailbox.newest_first(_SHOWN_MAILS) if to in mail.to]
            return self._render("mails.html", mails=mails, to=to, count=len(self._mailbox))
        mail = self._mailbox.mail(_number(rest[0]))
        if rest[1:] == ["body"]:
            return _body(mail)
        if rest[1:2] == ["attachments"]:
            return _attachment(mail, _number(rest[2]))
        if rest[1:]:
            raise KeyError(rest)
        return self._render("mail.html", mail=mail, links=mail.links)

    def _mails_json(self, _rest: list[str], query: Mapping[str, str]) -> Page:
        to = query.get("to", "")
        return Page.json(
            [
                {
                    "number": mail.number,
                    "sent_at": mail.sent_at.isoformat(),
                    "to": mail.to,
                    "from": mail.sender,
                    "subject": mail.subject,
                    "text": mail.text,
                    "links": mail.links,
                    "attachments": [
                        {
                            "name": attachment.name,
                            "content_type": attachment.content_type,
                            "size": len(attachment.content),
                            "path": f"/mails/{mail.number}/attachments/{place}",
                        }
                        for place, attachment in enumerate(mail.attachments)
                    ],
                }
                for mail in self._mailbox.newest_first()
                if to in mail.to
            ]
        )

    # the clock
    def _clock(self, _rest: list[str], _query: Mapping[str, str]) -> Page:
        keeper = self._keeper
        return self._render(
            "clock.html",
            jobs=[(job, keeper.last_runs.get(job.name), is_frequent(job)) for job in keeper.jobs],
            movement=keeper.movement,
            ahead_hours=round(keeper.clock.offset / timedelta(hours=1)),
        )

    def _clock_json(self, _rest: list[str], _query: Mapping[str, str]) -> Page:
        movement = self._keeper.movement
        return Page.json(
            {
                "now": self._keeper.clock.now().isoformat(),
                "offset_seconds": self._keeper.clock.offset.total_seconds(),
                "moving": movement is not None and not movement.is_over,
                "jobs": {
                    name: {"at": run.at, "outcome": run.outcome}
                    for name, run in self._keeper.last_runs.items()
                },
            }
        )

    def _static(self, rest: list[str], _query: Mapping[str, str]) -> Page:
        path, kind = _STATIC_FILES["/".join(rest)]
        return Page(
            path.read_bytes(),
            headers={"Content-Type": kind, "Cache-Control": "max-age=3600"},
        )


def _body(mail: KeptMail) -> Page:
    html = mail.html or f"<pre>{mail.text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
    return Page(
        '<base target="_blank">' + html,
        headers={"Content-Type": _HTML, "Content-Security-Policy": _MAIL_POLICY},
    )


def _attachment(mail: KeptMail, place: int) -> Page:
    attachment = mail.attachments[place]
    return Page(
        attachment.content,
        headers={
            "Content-Type": attachment.content_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _number(text: str) -> int:
    if not text.isdigit():
        raise KeyError(text)
    return int(text)


def _paris(moment: datetime | str) -> str:
    instant = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return instant.astimezone(PARIS).strftime("%A %d %B %Y, %H:%M:%S")
