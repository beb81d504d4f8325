"""The evidence journal of each account: append in the commit of the fact itself, verify (EVD-1)."""

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import Put, Tables
from chalicelib.legal.journal_chain import (
    GENESIS,
    ChainFault,
    JournalEntry,
    next_entry,
    read_entry,
    read_strictly,
    text_of,
    verify,
)

_FIRST = 1


class _Entries(Kind[JournalEntry]):
    """Entries as they were digested: the digest, then the very text that it is the SHA-256 of."""

    def __init__(self, read_text: Callable[[str, str], JournalEntry]) -> None:
        super().__init__("journal", "entry", JournalEntry)
        self._read_text = read_text

    def write(self, thing: JournalEntry) -> str:
        """Give the body of an entry."""
        return thing.digest + text_of(thing)

    def read(self, record: Record) -> JournalEntry:
        """Read an entry; one changed into what is no entry comes back as such."""
        digest, text = record.body[: len(GENESIS)], record.body[len(GENESIS) :]
        try:
            return self._read_text(text, digest)
        except (TypeError, ValueError):  # the chain names it
            sequence = int(record.sk)
            return JournalEntry(record.pk, sequence, "unreadable", "", "", {}, GENESIS, digest)


ENTRIES = _Entries(read_entry)
_ENTRIES_TO_VERIFY = _Entries(read_strictly)


class Journal:
    """Hash-chained entries, one chain per account.

    The table's policy forbids update and delete, so only new entries can be written.  The first
    entry of a chain is also in the listing: it names the accounts that have one.
    """

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def entry(self, account_id: str, kind: str, facts: dict[str, Any], *, by: str) -> Put:
        """Give the write of the account's next entry, to be committed with the fact it tells.

        A commit holds at most one entry of an account.  Two writers at once: one gets
        ConflictError and starts again (``retry_on_conflict``) (EVD-1).
        """
        last = next(self._read(account_id, newest_first=True, limit=1), None)
        entry = next_entry(last, account_id, kind, facts, at=self._clock.now(), by=by)
        listed = ("CHAIN", account_id) if entry.sequence == _FIRST else None
        return ENTRIES.put(entry, account_id, sort_key(entry.sequence), listed=listed)

    def entries(self, account_id: str, *, newest_first: bool = False) -> Iterator[JournalEntry]:
        """Read an account's chain."""
        return self._read(account_id, newest_first=newest_first)

    def entry_at(self, account_id: str, sequence: int) -> JournalEntry | None:
        """Read one entry of an account's chain; None when it is not there."""
        return self._tables.get(ENTRIES, account_id, sort_key(sequence))

    def verify(self, account_id: str) -> ChainFault | None:
        """Find the first bad entry of an account's chain; None when it holds (EVD-1)."""
        return verify(account_id, self._tables.query(_ENTRIES_TO_VERIFY, account_id))

    def chains(self) -> Iterator[str]:
        """Name every account that has a chain."""
        for entry in self._tables.listing(ENTRIES, "CHAIN"):
            yield entry.account_id

    def _read(
        self, account_id: str, *, newest_first: bool = False, limit: int | None = None
    ) -> Iterator[JournalEntry]:
        return self._tables.query(ENTRIES, account_id, newest_first=newest_first, limit=limit)


def sort_key(sequence: int) -> str:
    """Write an entry's number so that text order is the chain's."""
    return f"{sequence:010d}"
