"""The evidence journal of each account: append in the commit of the fact itself, verify (EVD-1)."""

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.records import Record, UnicodeAttribute
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


class JournalRecord(Record):
    """One entry; the table's policy forbids update and delete, so only new ones can be written.

    The first entry of a chain is also in the listing: it names the accounts that have one.
    """

    class Meta:
        table_name = "journal"

    text = UnicodeAttribute()  # the entry as it was digested
    digest = UnicodeAttribute()  # the SHA-256 of the text


class Journal:
    """Hash-chained entries, one chain per account."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def entry(self, account_id: str, kind: str, facts: dict[str, Any], *, by: str) -> Put:
        """Give the write of the account's next entry, to be committed with the fact it tells.

        A commit holds at most one entry of an account.  Two writers at once: one gets
        ConflictError and starts again (``retry_on_conflict``) (EVD-1).
        """
        last = next(iter(self._read(account_id, newest_first=True, limit=1)), None)
        return Put(_record(next_entry(last, account_id, kind, facts, at=self._clock.now(), by=by)))

    def entries(self, account_id: str, *, newest_first: bool = False) -> Iterator[JournalEntry]:
        """Read an account's chain."""
        return self._read(account_id, newest_first=newest_first)

    def entry_at(self, account_id: str, sequence: int) -> JournalEntry | None:
        """Read one entry of an account's chain; None when it is not there."""
        record = self._tables.get(JournalRecord, account_id, sort_key(sequence))
        return entry_of(record) if record else None

    def verify(self, account_id: str) -> ChainFault | None:
        """Find the first bad entry of an account's chain; None when it holds (EVD-1)."""
        records = self._tables.query(JournalRecord, account_id)
        return verify(account_id, (entry_of(record, read_strictly) for record in records))

    def chains(self) -> Iterator[str]:
        """Name every account that has a chain."""
        for record in self._tables.listing(JournalRecord, "CHAIN"):
            yield record.pk

    def _read(
        self, account_id: str, *, newest_first: bool = False, limit: int | None = None
    ) -> Iterator[JournalEntry]:
        for record in self._tables.query(
            JournalRecord, account_id, newest_first=newest_first, limit=limit
        ):
            yield entry_of(record)


def sort_key(sequence: int) -> str:
    """Write an entry's number so that text order is the chain's."""
    return f"{sequence:010d}"


def entry_of(
    record: JournalRecord, read: Callable[[str, str], JournalEntry] = read_entry
) -> JournalEntry:
    """Read the entry that a record keeps."""
    try:
        return read(record.text, record.digest)
    except (TypeError, ValueError):  # changed into what is no entry: the chain names it
        return JournalEntry(
            record.pk, int(record.sk), "unreadable", "", "", {}, GENESIS, record.digest
        )


def _record(entry: JournalEntry) -> JournalRecord:
    return JournalRecord(
        pk=entry.account_id,
        sk=sort_key(entry.sequence),
        text=text_of(entry),
        digest=entry.digest,
        list_key="CHAIN" if entry.sequence == _FIRST else None,
        list_sort=entry.account_id if entry.sequence == _FIRST else None,
    )
