"""Counts tries in stored token buckets (ACC-3)."""

from dataclasses import replace

from chalicelib.accounts.attempts import (
    TRY,
    Bucket,
    BucketPolicy,
    Claim,
    TooManyAttempts,
    refilled,
    taken,
)
from chalicelib.accounts.ports import AccessStore
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict


class AttemptLimits:
    """Takes one token of each bucket before something costly or secret is tried."""

    def __init__(self, *, store: AccessStore, work: UnitOfWork, clock: Clock) -> None:
        self._store = store
        self._work = work
        self._clock = clock

    def take(self, *claims: Claim) -> None:
        """Count a try.  Raises TooManyAttempts, saying when the next one is allowed."""
        now = self._clock.now()

        def attempt() -> None:
            buckets = [(self._bucket(*claim), claim[0]) for claim in claims]
            left = taken(buckets, now)
            self._save(left, claims)

        try:
            retry_on_conflict(attempt)
        except ConflictError as crowd:  # so many at once that none gets through
            raise TooManyAttempts(now + max(policy.refill for policy, _ in claims), now) from crowd

    def give_back(self, *claims: Claim) -> None:
        """Give the tokens of a try that succeeded back; whoever knows the password may sign in."""
        now = self._clock.now()
        buckets = []
        for policy, key in claims:
            bucket = refilled(self._bucket(policy, key), policy, now)
            buckets.append(replace(bucket, tokens=min(policy.full, bucket.tokens + TRY)))
        try:
            self._save(buckets, claims)
        except ConflictError:
            return  # someone else counted meanwhile: a token less does no harm

    def _bucket(self, policy: BucketPolicy, key: str) -> Bucket:
        found = self._store.bucket(policy, key)
        bucket_id = self._store.new_bucket_id(policy, key)
        return found or Bucket(bucket_id, policy.full, self._clock.now())

    def _save(self, buckets: list[Bucket], claims: tuple[Claim, ...]) -> None:
        pairs = zip(buckets, claims, strict=True)
        self._work.commit(*(self._store.save_bucket(bucket, claim[0]) for bucket, claim in pairs))
