"""Ids as Stripe makes them: a prefix that tells the kind, then letters and digits."""

import hashlib
import secrets
import string

PREFIXES = {
    "customer": "cus_",
    "payment_method": "pm_",
    "setup_intent": "seti_",
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "du_",
    "balance_transaction": "txn_",
    "event": "evt_",
    "webhook_endpoint": "we_",
}
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 24


def random_text(length: int = _LENGTH) -> str:
    """Return letters and digits that cannot be guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(kind: str) -> str:
    """Return a new id for an object of this kind."""
    return PREFIXES[kind] + random_text()


def kind_of(identifier: str) -> str | None:
    """Return the kind of object an id designates, by its prefix."""
    return next((kind for kind, start in PREFIXES.items() if identifier.startswith(start)), None)


def fingerprint(number: str) -> str:
    """Return the same 16 characters for the same card number."""
    digest = hashlib.sha256(f"card {number}".encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:16])
