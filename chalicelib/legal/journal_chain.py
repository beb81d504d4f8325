"""The arithmetic of the evidence journal: each entry carries the digest of the one before.

CGV art. 2 and 16 make the provider's records the proof of what happened; the chain makes them
worth it: an entry cannot be changed, removed or inserted unseen (EVD-1).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.foundation.instants import iso

GENESIS = "0" * 64


@dataclass(frozen=True)
class JournalEntry:
    """One fact of an account: ``sequence`` counts from 1, ``digest`` covers all the rest."""

    account_id: str
    sequence: int
    kind: str
    at: str
    by: str
    facts: dict[str, Any]
    previous: str
    digest: str = ""


@dataclass(frozen=True)
class ChainFault:
    """The first entry that does not fit, and what is wrong with it."""

    account_id: str
    sequence: int
    reason: str


def text_of(entry: JournalEntry) -> str:
    """Write an entry, its own digest left out: what is kept, and what the digest is of."""
    return _text({key: value for key, value in vars(entry).items() if key != "digest"})


def digest_of(entry: JournalEntry) -> str:
    """Compute the SHA-256 of an entry, its own digest left out."""
    return _digest(text_of(entry))


def read_entry(text: str, digest: str) -> JournalEntry:
    """Read an entry back.  Raises ValueError or TypeError when the text is none."""
    return JournalEntry(**json.loads(text), digest=digest)


def read_strictly(text: str, digest: str) -> JournalEntry:
    """Read an entry back to verify it.  Raises ValueError or TypeError when the text is none.

    Another writing of the same entry is none either: what is kept is what was digested, and who
    reads it otherwise (a name told twice…) would read something else than we do.
    """
    entry = read_entry(text, digest)
    if text_of(entry) != text:
        raise ValueError("not as an entry is written")
    return entry


def next_entry(  # noqa: PLR0913 - what an entry is made of
    last: JournalEntry | None,
    account_id: str,
    kind: str,
    facts: dict[str, Any],
    *,
    at: datetime,
    by: str,
) -> JournalEntry:
    """Make the entry that follows ``last`` (None: the account's first) (EVD-1)."""
    text = _text(
        {
            "account_id": account_id,
            "sequence": last.sequence + 1 if last else 1,
            "kind": kind,
            "at": iso(at),
            "by": by,
            "facts": facts,
            "previous": last.digest if last else GENESIS,
        }
    )
    # Read back from the text, so that what is hashed is what storage gives back.
    return read_entry(text, _digest(text))


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def verify(account_id: str, entries: Iterable[JournalEntry]) -> ChainFault | None:
    """Find the first entry changed, removed before, or inserted; None when the chain holds.

    Entries cut off the end leave a chain that holds: the anchors in locked storage name the last
    digest of each day and show it (EVD-1).
    """
    previous, expected = GENESIS, 1
    for entry in entries:
        reason = _fault(account_id, entry, previous, expected)
        if reason:
            return ChainFault(account_id, entry.sequence, reason)
        previous, expected = entry.digest, expected + 1
    return None


def _fault(account_id: str, entry: JournalEntry, previous: str, expected: int) -> str | None:
    if entry.sequence != expected:
        return f"entry {expected} is missing"
    if entry.account_id != account_id:
        return "the entry is of another account"
    if entry.previous != previous:
        return "the entry does not follow the one before"
    if digest_of(entry) != entry.digest:
        return "the entry was changed"
    return None
