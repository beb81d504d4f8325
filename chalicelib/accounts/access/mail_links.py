"""Links sent by mail: expiring, single use, stored as a digest (ACC-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.accounts.clients.account import User
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import UserId


class LinkPurpose(StrEnum):
    """What a link lets its holder do."""

    VERIFY = "verify"
    RESET = "reset"


LIFETIME = {LinkPurpose.VERIFY: timedelta(hours=24), LinkPurpose.RESET: timedelta(minutes=30)}


class LinkError(DomainError):
    """The link is wrong, old or already used; the page offers a new one."""


@dataclass(frozen=True)
class MailLink:
    """A link as stored: ``id`` is the digest of the token written in the mail.

    ``epoch`` is the user's when the link was made: a new password makes older links void.
    """

    id: str
    purpose: LinkPurpose
    user_id: UserId
    epoch: int
    expires_at: datetime
    used_at: datetime | None = None
    version: int = 0


def check_usable(link: MailLink, user: User, now: datetime) -> None:
    """Check that a link still serves.  Raises LinkError saying why not (ACC-3)."""
    if link.used_at is not None:
        raise LinkError("Ce lien a déjà servi. Chaque lien ne sert qu’une fois.")
    if now >= link.expires_at:
        raise LinkError("Ce lien a expiré.")
    if link.epoch != user.session_epoch:
        raise LinkError("Ce lien ne sert plus\u00a0: le mot de passe a changé depuis.")
