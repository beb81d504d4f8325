"""Counts tries in stored token buckets (ACC-3)."""

from dataclasses import dataclass, replace

from chalicelib.accounts.access.attempts import (
    TRY,
    Bucket,
    BucketPolicy,
    Claim,
    TooManyAttempts,
    refilled,
    taken,
)
from chalicelib.accounts.access.storage import AccessStorage
from chalicelib.foundation.errors import ConflictError
from chalicelib.legal.recording import Recording


@dataclass(kw_only=True)
class AttemptLimits:
    """Takes one token of each bucket before something costly or secret is tried."""

    store: AccessStorage
    recording: Recording

    def take(self, *claims: Claim) -> None:
        """Count a try.  Raises TooManyAttempts, saying when the next one is allowed."""
        now = self.recording.now()

        def attempt() -> None:
            buckets = [(self._bucket(*claim), claim[0]) for claim in claims]
            left = taken(buckets, now)
            self._save(left, claims)

        try:
            self.recording.again(attempt)
        except ConflictError as crowd:  # so many at once that none gets through
            raise TooManyAttempts(now + max(policy.refill for policy, _ in claims), now) from crowd

    def give_back(self, *claims: Claim) -> None:
        """Give the tokens of a try that succeeded back; whoever knows the password may sign in."""
        now = self.recording.now()
        buckets = []
        for policy, key in claims:
            bucket = refilled(self._bucket(policy, key), policy, now)
            buckets.append(replace(bucket, tokens=min(policy.full, bucket.tokens + TRY)))
        try:
            self._save(buckets, claims)
        except ConflictError:
            return  # someone else counted meanwhile: a token less does no harm

    def _bucket(self, policy: BucketPolicy, key: str) -> Bucket:
        found = self.store.bucket(policy, key)
        bucket_id = self.store.new_bucket_id(policy, key)
        return found or Bucket(bucket_id, policy.full, self.recording.now())

    def _save(self, buckets: list[Bucket], claims: tuple[Claim, ...]) -> None:
        pairs = zip(buckets, claims, strict=True)
        self.recording.commit(
            *(self.store.save_bucket(bucket, claim[0]) for bucket, claim in pairs)
        )
