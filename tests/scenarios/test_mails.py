"""Mails: written in the reader's language, sent once, with the documents they announce."""

import msgspec
import pytest

from chalicelib.foundation.errors import TemporaryGatewayError
from chalicelib.foundation.messages import Queue
from chalicelib.notifications.mails import SendMail, mail
from tests.fakes.world import World


def a_mail(language: str = "fr", **options: object) -> dict[str, object]:
    context = {"token": "abc", "name": "Claire", "account_name": "Atelier Lumen"}
    message = mail(
        "verify_email",
        "claire@example.com",
        language,
        context,
        key="verify:usr_1",
        **options,  # type: ignore[arg-type]
    )
    assert message.queue is Queue.MAIL
    return msgspec.json.decode(message.text, type=SendMail)


def test_a_mail_says_who_it_is_from_and_why(world: World) -> None:
    world.services.base.notifications.deliver(a_mail())
    (sent,) = world.mails.to("claire@example.com")
    assert "Exemple Bureau" in str(sent["From"])
    assert sent["Subject"]
    assert "https://console.example.com/verify-email/abc" in world.mails.text_of(sent)
    html = sent.get_body(("html",))
    assert html is not None
    assert 'href="https://console.example.com/verify-email/abc"' in html.get_content()


def test_a_message_that_comes_twice_sends_one_mail(world: World) -> None:
    world.services.base.notifications.deliver(a_mail())
    world.services.base.notifications.deliver(a_mail())
    assert len(world.mails.mails) == 1


def test_a_mail_that_could_not_be_sent_is_tried_again(world: World) -> None:
    # Given a mail server that is down for a moment
    world.mails.down = True
    with pytest.raises(TemporaryGatewayError):
        world.services.base.notifications.deliver(a_mail())
    # When the message comes again, then the mail goes out
    world.mails.down = False
    world.services.base.notifications.deliver(a_mail())
    assert len(world.mails.mails) == 1


def test_documents_travel_with_the_mail(world: World) -> None:
    world.adapters.documents.store("invoices/1.pdf", b"%PDF-1.7 one", "application/pdf")
    world.services.base.notifications.deliver(
        a_mail(attachments=(("invoices/1.pdf", "F-2026-000001.pdf"),))
    )
    (sent,) = world.mails.mails
    (attached,) = sent.iter_attachments()
    assert attached.get_filename() == "F-2026-000001.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == b"%PDF-1.7 one"
