"""The desk's pages: mails as they were sent, files included, and nothing of theirs is trusted."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from infra.local.clock.clock_keeper import ClockKeeper
from infra.local.clock.shifted_clock import ShiftedClock
from infra.local.desk.server import Desk
from infra.local.outside.mailbox import KeepingMailSender, Mailbox
from infra.local.state_folder import Addresses
from tests.fakes.clock import StoppedClock
from tests.fakes.local_stack import ANSWER_SECONDS
from tests.fakes.outside import MailBox

PDF = b"%PDF-1.7 \x00\xff"
LINK = "http://127.0.0.1:8000/verify?token=abc&next=1"


def sent_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Vérifiez « votre » adresse"
    mail["From"] = "Omny <bonjour@omny-demo.example>"
    mail["To"] = "alix@particulier.example"
    mail.set_content(f"Suivez {LINK}.\n")
    mail.add_alternative(
        f'<script>alert(1)</script><a href="{LINK.replace("&", "&amp;")}">ici</a>', subtype="html"
    )
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="facture é.pdf")
    return mail


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[str]:
    mailbox = Mailbox(tmp_path / "mails")
    sender = KeepingMailSender(MailBox(), mailbox, StoppedClock("2026-11-05 10:00"))
    sender.send(sent_mail())
    clock = ShiftedClock()
    keeper = ClockKeeper(clock, lambda job: None, lambda: None, tmp_path / "clock.json")
    nowhere = "http://127.0.0.1:9"
    part = Desk(mailbox, keeper, lambda own: Addresses(nowhere, own, nowhere, nowhere, nowhere))
    part.start()
    yield part.addresses.desk
    part.stop()


def get(address: str) -> requests.Response:
    return requests.get(address, timeout=ANSWER_SECONDS)


def test_every_page_opens(desk: str) -> None:
    for path in ("/", "/mails", "/mails/1", "/mails?to=alix", "/clock", "/clock.json"):
        assert get(desk + path).status_code == 200, path
    for path in (
        "/nowhere",
        "/mails/2",
        "/mails/x",
        "/mails/1/attachments/5",
        "/static/../desk.py",
    ):
        assert get(desk + path).status_code == 404, path


def test_a_mail_is_told_with_its_links_and_files(desk: str) -> None:
    # Given the one mail sent, when a test asks for it
    (mail,) = get(f"{desk}/mails.json?to=alix@").json()
    assert (mail["subject"], mail["links"]) == ("Vérifiez « votre » adresse", [LINK])
    assert mail["sent_at"] == "2026-11-05T09:00:00+00:00"
    # Then its file comes as it was
    (attachment,) = mail["attachments"]
    assert attachment["name"] == "facture é.pdf"
    file = get(desk + attachment["path"])
    assert (file.content, file.headers["Content-Type"]) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    # and a mail to somebody else is not in the answer
    assert get(f"{desk}/mails.json?to=lou@").json() == []


def test_what_a_mail_contains_runs_nothing(desk: str) -> None:
    # Its HTML is in a frame without scripts, and says so itself
    assert 'sandbox="allow-popups' in get(f"{desk}/mails/1").text
    body = get(f"{desk}/mails/1/body")
    assert body.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "script-src" not in body.headers["Content-Security-Policy"]


def test_a_movement_that_makes_no_sense_is_refused(desk: str) -> None:
    for asked in ({"move": "year"}, {"to": "2001-01-01T00:00:00+00:00"}, {"to": "soon"}):
        assert (
            requests.post(f"{desk}/clock", json=asked, timeout=ANSWER_SECONDS).status_code == 400
        ), asked


def test_another_site_reaches_nothing(desk: str) -> None:
    for headers in ({"Host": "elsewhere.example"}, {"Origin": "https://elsewhere.example"}):
        answer = requests.post(
            f"{desk}/clock",
            {"move": "day"},
            headers=headers,
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        assert answer.status_code == 403, headers
