"""Sessions, mailed links and token buckets in the ``accounts`` table.

Keys: ``SESSION#digest`` (listing ``SESSIONS#user`` by start), ``LINK#digest``, ``BUCKET#…``.  All
expire by themselves a day after they stop serving.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from chalicelib.accounts.access.attempts import Bucket, BucketPolicy
from chalicelib.accounts.access.mail_links import MailLink
from chalicelib.accounts.access.sessions import Session
from chalicelib.foundation.ids import UserId
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Delete, Put, Tables

_SESSIONS = Kind("accounts", "session", Session)
_LINKS = Kind("accounts", "link", MailLink)
_BUCKETS = Kind("accounts", "bucket", Bucket)
_KEPT_AFTER_END = timedelta(days=1)


class AccessStorage:
    """What guards the door: sessions, links and buckets; a ``save`` gives the write."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def session(self, session_id: str) -> Session | None:
        """Read a session."""
        return self._tables.get(_SESSIONS, f"SESSION#{session_id}", "SESSION")

    def sessions_of(self, user_id: UserId) -> Iterator[Session]:
        """Read a user's sessions, newest first; ended ones may be among them."""
        return self._tables.listing(_SESSIONS, f"SESSIONS#{user_id}", newest_first=True)

    def save_session(self, session: Session) -> Put:
        """Give the write that keeps a session; the listing gathers those of a user."""
        return _SESSIONS.put(
            session,
            f"SESSION#{session.id}",
            "SESSION",
            listed=(f"SESSIONS#{session.user_id}", iso(session.created_at)),
            forget_at=session.ends_at + _KEPT_AFTER_END,
        )

    def end_session(self, session: Session) -> Delete:
        """Give the write that removes a session."""
        return _SESSIONS.delete(f"SESSION#{session.id}", "SESSION")

    def link(self, link_id: str) -> MailLink | None:
        """Read a link."""
        return self._tables.get(_LINKS, f"LINK#{link_id}", "LINK")

    def save_link(self, link: MailLink) -> Put:
        """Give the write that keeps a link."""
        forget_at = link.expires_at + _KEPT_AFTER_END
        return _LINKS.put(link, f"LINK#{link.id}", "LINK", forget_at=forget_at)

    def new_bucket_id(self, policy: BucketPolicy, key: str) -> str:
        """Name the bucket of a key; what was typed is not kept readable."""
        return f"{policy.name}#{hashlib.sha256(key.encode()).hexdigest()}"

    def bucket(self, policy: BucketPolicy, key: str) -> Bucket | None:
        """Read the bucket of a key (an address), None when never used or long full."""
        return self._tables.get(_BUCKETS, f"BUCKET#{self.new_bucket_id(policy, key)}", "BUCKET")

    def save_bucket(self, bucket: Bucket, policy: BucketPolicy) -> Put:
        """Give the write that keeps a bucket until it would be full again."""
        full_at = bucket.counted_at + policy.capacity * policy.refill
        forget_at = full_at + _KEPT_AFTER_END
        return _BUCKETS.put(bucket, f"BUCKET#{bucket.id}", "BUCKET", forget_at=forget_at)
