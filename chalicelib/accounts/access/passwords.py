"""Passwords: how strong they must be, how they are hashed (ACC-3).

At least 12 characters, hard to guess (zxcvbn 3 of 4), no rule of composition.  Argon2id with its
parameters written here; a hash made with others is made again at the next sign-in.
"""

import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 128
_MOST_PARTS = 4  # code points that compose into one
_LEAST_SCORE = 3
_SCORED = 72  # what zxcvbn looks at
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)  # 19 MiB
# The hash of nobody's password: checked for unknown addresses, so that they take as long.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$bA8SfFCGhmDUkSTJM0TMkw"
    "$Kk6SKEG4l4GSIocuz/McqjxhKn7Fb41TKl9Dfgz5DNY"
)


def composed(password: str) -> str:
    """Give the one form of what keyboards and browsers may write in several (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, about_user: Iterable[str]) -> str | None:
    """Say why a password is refused, or None; ``about_user`` is what others know of its owner."""
    password = composed(password)
    if not password:
        return "Choisissez un mot de passe."
    if len(password) < SHORTEST:
        return "Ce mot de passe est trop court\u00a0: 12 caractères au moins."
    if len(password) > LONGEST:
        return "Ce mot de passe est trop long\u00a0: 128 caractères au plus."
    # Long to import, and only pages that set a password need it.
    from zxcvbn import zxcvbn

    known = [word for text in about_user for word in (text, *re.split(r"\W+", text)) if word]
    found = zxcvbn(password[:_SCORED], user_inputs=known)
    if found["score"] < _LEAST_SCORE:
        return "Ce mot de passe est facile à deviner\u00a0: ajoutez un ou deux mots peu courants."
    return None


class Passwords:
    """Hashes and checks passwords; tests put a quick one in its place."""

    def hash(self, password: str) -> str:
        """Hash a password."""
        return _HASHER.hash(composed(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one stored; without one, takes as long and says no."""
        # Cut before it is composed: that takes as long as the text is.
        password = composed(password[: LONGEST * _MOST_PARTS + 1])
        try:
            _HASHER.verify(stored or NOBODY, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None and len(password) <= LONGEST

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return _HASHER.check_needs_rehash(stored)
