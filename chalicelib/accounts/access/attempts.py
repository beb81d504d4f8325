"""Token buckets: how often a password may be tried, before any costly hashing (ACC-3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
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


# Few tries of an account from one place, so that its password cannot be guessed; many from all
# places together, so that nobody far away keeps its user out.
SIGN_IN_OF_ACCOUNT = BucketPolicy("sign-in", 100, timedelta(seconds=6))
SIGN_IN_OF_ACCOUNT_HERE = BucketPolicy("sign-in-here", 5, timedelta(minutes=1))
SIGN_IN_FROM_ADDRESS = BucketPolicy("sign-in-from", 20, timedelta(seconds=15))
MAIL_TO = BucketPolicy("mail-to", 5, timedelta(minutes=5))
FORMS_FROM_ADDRESS = BucketPolicy("forms-from", 20, timedelta(seconds=15))

Claim = tuple[BucketPolicy, str]


def sign_in_claims(email: str, address: str) -> tuple[Claim, ...]:
    """Name the buckets that a try of an account's password from an address takes of."""
    place = network_of(address)
    return (
        (SIGN_IN_OF_ACCOUNT, email),
        (SIGN_IN_OF_ACCOUNT_HERE, f"{email} {place}"),
        (SIGN_IN_FROM_ADDRESS, place),
    )


def form_claims(email: str, address: str) -> tuple[Claim, ...]:
    """Name the buckets that a form which sends a mail takes of."""
    return (FORMS_FROM_ADDRESS, network_of(address)), (MAIL_TO, email)


def network_of(address: str) -> str:
    """Give the part of a network address that tells visitors apart: of IPv6, anybody has a /64."""
    try:
        network = ip_network(address)
    except ValueError:
        return address
    return str(network.supernet(new_prefix=64)) if network.version == 6 else address  # noqa: PLR2004


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
