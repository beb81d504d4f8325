"""Idempotency keys as Stripe honours them.

The first answer that execution gave, error or not, is kept for 24 hours and replayed. The same
key with other parameters is an error, and so is the same key while the first request runs.
"""

import hashlib
import json
import threading
from dataclasses import dataclass

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json, StripeError

LIFETIME_SECONDS = 24 * 3600
_LONGEST_KEY = 255


@dataclass(frozen=True)
class KeptAnswer:
    """What the first request with a key was answered."""

    status: int
    body: str


def fingerprint(method: str, path: str, params: Json) -> str:
    """Return the same text for the same request."""
    written = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


class IdempotencyKeys:
    """The keys in use now, in memory, and those answered, in the state."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._in_use: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, key: str, request: str) -> KeptAnswer | None:
        """Take a key; return the answer to replay when it has one, the key being free again."""
        if len(key) > _LONGEST_KEY:
            raise StripeError(
                f"Idempotency keys cannot be longer than {_LONGEST_KEY} characters.",
                kind="idempotency_error",
                kept=False,
            )
        with self._lock:
            if key in self._in_use:
                raise StripeError(
                    "There is currently another in-progress request using this Stripe "
                    "Idempotency-Key (that probably means you submitted twice, and the other "
                    f"request is still going through): {key}.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                    kept=False,
                )
            self._in_use.add(key)
        try:
            answer = self._kept(key, request)
        except StripeError:
            self.end(key)
            raise
        if answer is not None:
            self.end(key)
        return answer

    def _kept(self, key: str, request: str) -> KeptAnswer | None:
        with self._account.state.lock:
            kept = self._account.state.part("idempotency").get(key)
            if kept is None or self._account.now() - kept["at"] >= LIFETIME_SECONDS:
                return None
        if kept["request"] != request:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request.",
                kind="idempotency_error",
                kept=False,
            )
        return KeptAnswer(kept["status"], kept["body"])

    def keep(self, key: str, request: str, answer: KeptAnswer) -> None:
        """Remember an answer, and forget those that are too old. The state's lock is held."""
        now = self._account.now()
        kept = self._account.state.part("idempotency")
        for old in [one for one, what in kept.items() if now - what["at"] >= LIFETIME_SECONDS]:
            del kept[old]
        kept[key] = {
            "at": now,
            "request": request,
            "status": answer.status,
            "body": answer.body,
        }

    def end(self, key: str) -> None:
        """Give a key back: the request that used it is over."""
        with self._lock:
            self._in_use.discard(key)
