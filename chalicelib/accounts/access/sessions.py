"""A signed-in browser: how long its session lives (ACC-3).

Idle 30 minutes, 12 hours in all; both are checked here, whatever the table has expired.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.accounts.clients.account import User
from chalicelib.foundation.ids import UserId

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 16  # 128 bits


@dataclass(frozen=True)
class Session:
    """A session as stored: ``id`` is the digest of the token that only the browser holds."""

    id: str
    user_id: UserId
    epoch: int
    created_at: datetime
    seen_at: datetime
    address: str = ""
    browser: str = ""
    version: int = 0

    @property
    def ends_at(self) -> datetime:
        """When the session ends unless it is used before."""
        return min(self.seen_at + IDLE_LIMIT, self.created_at + ABSOLUTE_LIMIT)

    def is_alive(self, now: datetime, user: User) -> bool:
        """Whether the session still stands for its user (ACC-3)."""
        return now < self.ends_at and self.epoch == user.session_epoch

    def is_to_touch(self, now: datetime) -> bool:
        """Whether its last use is worth writing again."""
        return now - self.seen_at >= TOUCH_EVERY


def new_token() -> str:
    """Make a random token of 128 bits, fit for a cookie or a path."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Give what is stored instead of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
