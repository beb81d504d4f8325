"""A mail to write, as the message any domain commits with its facts.

The worker (``service.py``) renders and sends it; the context therefore holds plain JSON: money in
cents, dates in ISO form.
"""

from typing import Any

from chalicelib.foundation.messages import Message, Queue
from chalicelib.texts.mails import MailName


def mail(  # noqa: PLR0913 - what a mail is made of
    template: MailName,
    to: str,
    language: str,
    context: dict[str, Any],
    *,
    key: str,
    attachments: tuple[tuple[str, str], ...] = (),
) -> Message:
    """Make the message that sends a mail.

    ``key`` names the fact: one key is one mail, however often the message comes.
    ``attachments`` are (key in the document store, file name) pairs.
    """
    return Message(
        Queue.MAIL,
        key,
        {
            "template": template,
            "to": to,
            "language": language,
            "context": context,
            "attachments": [list(pair) for pair in attachments],
        },
    )
