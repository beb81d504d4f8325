"""Access codes: a secret made once, shown once, then erased (CGV art. 6; ORD-4, DSK-7)."""

import hashlib
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.foundation.errors import DomainError

LINK_LIFETIME = timedelta(days=7)
# Letters and digits that are not taken for one another when copied by hand.
_ALPHABET = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")
_SECRET_LENGTH = 20


class AccessLinkError(DomainError):
    """A link that reveals nothing any more: used, expired or replaced."""


class UnknownLinkError(AccessLinkError):
    """A link that never was, or is not the visitor's: the two are never told apart."""


@dataclass(frozen=True)
class AccessCode:
    """The secret of a desktop, encrypted for its account until it is revealed.

    ``generation`` counts the codes of the desktop; ``link_digest`` is the digest of the only
    token that reveals this one, None before it was mailed.
    """

    desktop_id: str
    account_id: str
    generation: int
    made_at: datetime
    ciphertext: str | None
    link_digest: str | None = None
    link_expires_at: datetime | None = None
    revealed_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class AccessLink:
    """A mailed link, known by the digest of its token."""

    digest: str
    account_id: str
    desktop_id: str


@dataclass(frozen=True)
class RevealedCode:
    """What the visitor is shown, once."""

    desktop_id: str
    desktop_name: str
    address: str | None
    secret: str


def new_secret() -> str:
    """Make a secret (more than 110 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))


def new_link_token() -> str:
    """Make the token of a mailed link (192 bits)."""
    return secrets.token_urlsafe(24)


def link_digest(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_usable(code: AccessCode | None, digest: str, now: datetime) -> tuple[AccessCode, str]:
    """Give the code and the ciphertext that a link may reveal now.

    Raises AccessLinkError saying why it may not (ORD-4).
    """
    if code is None or code.link_digest != digest:
        raise AccessLinkError(
            "Ce lien a été remplacé par un lien plus récent : utilisez le dernier message reçu."
        )
    if code.revealed_at or code.ciphertext is None:
        raise AccessLinkError(
            "Ce lien a déjà servi : le code d’accès n’est affiché qu’une seule fois, "
            "puis il est effacé."
        )
    if code.link_expires_at is None or now >= code.link_expires_at:
        raise AccessLinkError("Ce lien a expiré : il n’était valable que sept jours.")
    return code, code.ciphertext
