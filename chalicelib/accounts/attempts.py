"""Token buckets: how often a password may be tried, before any costly hashing (ACC-3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from chalicelib.foundation.errors import DomainError

TRY = 1000  # what one try takes, so that a part of one can flow back


@dataclass(frozen=True)
class BucketPolicy:
    """``capacity`` tries at once, then one more each ``refill``."""

    name: str
    capacity: int
    refill: timedelta

    @property
    def full(self) -> int:
        """What a full bucket holds."""
        return self.capacity * TRY


SIGN_IN_OF_ACCOUNT = BucketPolicy("sign-in", 5, timedelta(minutes=1))
SIGN_IN_FROM_ADDRESS = BucketPolicy("sign-in-from", 20, timedelta(seconds=15))
MAIL_TO = BucketPolicy("mail-to", 5, timedelta(minutes=5))
FORMS_FROM_ADDRESS = BucketPolicy("forms-from", 20, timedelta(seconds=15))


@dataclass(frozen=True)
class Bucket:
    """How full a bucket was at ``counted_at``; ``tokens`` counts thousandths of one try."""

    id: str
    tokens: int
    counted_at: datetime
    version: int = 0


class TooManyAttempts(DomainError):  # noqa: N818 - reads as the fact it is
    """Tried too often; ``retry_at`` says when the next try is allowed."""

    def __init__(self, retry_at: datetime, now: datetime) -> None:
        seconds = max(1, ceil((retry_at - now).total_seconds()))
        super().__init__("Trop d’essais. Réessayez dans %(seconds)s secondes.", seconds=seconds)
        self.retry_at = retry_at


def refilled(bucket: Bucket, policy: BucketPolicy, now: datetime) -> Bucket:
    """Count what has flowed in since; a clock that goes back takes nothing away."""
    gained = TRY * max(timedelta(0), now - bucket.counted_at) // policy.refill
    return replace(bucket, tokens=min(policy.full, bucket.tokens + gained), counted_at=now)


def taken(buckets: Iterable[tuple[Bucket, BucketPolicy]], now: datetime) -> list[Bucket]:
    """Take one token of each bucket, or of none.  Raises TooManyAttempts."""
    full = [(refilled(bucket, policy, now), policy) for bucket, policy in buckets]
    waits = [
        (TRY - bucket.tokens) * policy.refill / TRY
        for bucket, policy in full
        if bucket.tokens < TRY
    ]
    if waits:
        raise TooManyAttempts(now + max(waits), now)
    return [replace(bucket, tokens=bucket.tokens - TRY) for bucket, _ in full]
