"""Sessions, mailed links and token buckets in the ``accounts`` table.

Keys: ``SESSION#digest`` (listing ``SESSIONS#user`` by start), ``LINK#digest``, ``BUCKET#…``.  All
expire by themselves a day after they stop serving.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.accounts.attempts import Bucket, BucketPolicy
from chalicelib.accounts.mail_links import LinkPurpose, MailLink
from chalicelib.accounts.sessions import Session
from chalicelib.foundation.ids import UserId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import (
    NumberAttribute,
    OldRecord,
    UnicodeAttribute,
    old_delete,
    old_put,
)
from chalicelib.foundation.tables import Delete, Put, Tables

_TABLE = "accounts"
_KEPT_AFTER_END = timedelta(days=1)


class SessionRecord(OldRecord):
    """A session; the listing gathers those of a user."""

    class Meta:
        table_name = _TABLE

    user_id = UnicodeAttribute()
    epoch = NumberAttribute()
    created_at = UnicodeAttribute()
    seen_at = UnicodeAttribute()
    address = UnicodeAttribute(null=True)
    browser = UnicodeAttribute(null=True)


class LinkRecord(OldRecord):
    """A mailed link."""

    class Meta:
        table_name = _TABLE

    purpose = UnicodeAttribute()
    user_id = UnicodeAttribute()
    epoch = NumberAttribute(default=0)
    expires_at = UnicodeAttribute()
    used_at = UnicodeAttribute(null=True)


class BucketRecord(OldRecord):
    """A token bucket; ``tokens`` in thousandths of a try."""

    class Meta:
        table_name = _TABLE

    tokens = NumberAttribute()
    counted_at = UnicodeAttribute()


class AccessStorage:
    """What guards the door: sessions, links and buckets; a ``save`` gives the write."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def session(self, session_id: str) -> Session | None:
        """Read a session."""
        record = self._tables.get_record(SessionRecord, f"SESSION#{session_id}", "SESSION")
        return _session(record) if record else None

    def sessions_of(self, user_id: UserId) -> Iterator[Session]:
        """Read a user's sessions, newest first; ended ones may be among them."""
        found = self._tables.listing_records(
            SessionRecord, f"SESSIONS#{user_id}", newest_first=True
        )
        yield from map(_session, found)

    def save_session(self, session: Session) -> Put:
        """Give the write that keeps a session."""
        return old_put(_session_record(session))

    def end_session(self, session: Session) -> Delete:
        """Give the write that removes a session."""
        return old_delete(_session_record(session))

    def link(self, link_id: str) -> MailLink | None:
        """Read a link."""
        record = self._tables.get_record(LinkRecord, f"LINK#{link_id}", "LINK")
        if record is None:
            return None
        return MailLink(
            id=link_id,
            purpose=LinkPurpose(record.purpose),
            user_id=UserId(record.user_id),
            epoch=int(record.epoch),
            expires_at=instant(record.expires_at),
            used_at=instant(record.used_at) if record.used_at else None,
            version=int(record.version),
        )

    def save_link(self, link: MailLink) -> Put:
        """Give the write that keeps a link."""
        return old_put(
            LinkRecord(
                pk=f"LINK#{link.id}",
                sk="LINK",
                version=link.version,
                expires=_epoch(link.expires_at + _KEPT_AFTER_END),
                purpose=link.purpose.value,
                user_id=link.user_id,
                epoch=link.epoch,
                expires_at=iso(link.expires_at),
                used_at=iso(link.used_at) if link.used_at else None,
            )
        )

    def new_bucket_id(self, policy: BucketPolicy, key: str) -> str:
        """Name the bucket of a key; what was typed is not kept readable."""
        return f"{policy.name}#{hashlib.sha256(key.encode()).hexdigest()}"

    def bucket(self, policy: BucketPolicy, key: str) -> Bucket | None:
        """Read the bucket of a key."""
        bucket_id = self.new_bucket_id(policy, key)
        record = self._tables.get_record(BucketRecord, f"BUCKET#{bucket_id}", "BUCKET")
        if record is None:
            return None
        return Bucket(
            id=bucket_id,
            tokens=int(record.tokens),
            counted_at=instant(record.counted_at),
            version=int(record.version),
        )

    def save_bucket(self, bucket: Bucket, policy: BucketPolicy) -> Put:
        """Give the write that keeps a bucket until it would be full again."""
        full_at = bucket.counted_at + policy.capacity * policy.refill
        return old_put(
            BucketRecord(
                pk=f"BUCKET#{bucket.id}",
                sk="BUCKET",
                version=bucket.version,
                expires=_epoch(full_at + _KEPT_AFTER_END),
                tokens=bucket.tokens,
                counted_at=iso(bucket.counted_at),
            )
        )


def _session(record: SessionRecord) -> Session:
    return Session(
        id=record.pk.removeprefix("SESSION#"),
        user_id=UserId(record.user_id),
        epoch=int(record.epoch),
        created_at=instant(record.created_at),
        seen_at=instant(record.seen_at),
        address=record.address or "",
        browser=record.browser or "",
        version=int(record.version),
    )


def _session_record(session: Session) -> SessionRecord:
    return SessionRecord(
        pk=f"SESSION#{session.id}",
        sk="SESSION",
        version=session.version,
        list_key=f"SESSIONS#{session.user_id}",
        list_sort=iso(session.created_at),
        expires=_epoch(session.ends_at + _KEPT_AFTER_END),
        user_id=session.user_id,
        epoch=session.epoch,
        created_at=iso(session.created_at),
        seen_at=iso(session.seen_at),
        address=session.address or None,
        browser=session.browser or None,
    )


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
