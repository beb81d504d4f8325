"""Daily anchors of the evidence journals, in storage nobody can rewrite (CGV art. 2, 16; EVD-1).

A chain shows an entry changed, removed or inserted.  Cut off at its end, or written anew as a
whole, it still holds: the digests that a day's anchor recorded of each chain's last entry show it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.documents import Documents
from chalicelib.legal.journal import Journal
from chalicelib.legal.journal_chain import ChainFault

_JSON = "application/json"


@dataclass(kw_only=True)
class JournalAnchors:
    """Records where every chain stands, once a day, and compares chains with what was recorded."""

    journal: Journal
    documents: Documents
    clock: Clock

    def anchor(self) -> str:
        """Store the digest of every chain's last entry; give the anchor's key (EVD-1).

        Run twice the same day, it changes nothing: a document stored is never replaced.
        """
        day = paris_day(self.clock.now())
        chains = {
            account_id: [last.sequence, last.digest]
            for account_id in self.journal.chains()
            if (last := next(self.journal.entries(account_id, newest_first=True), None))
        }
        content = json.dumps({"day": day.isoformat(), "chains": chains}, sort_keys=True)
        self.documents.store(anchor_key(day), content.encode(), _JSON)
        return anchor_key(day)

    def verify(self, days: int) -> Iterator[ChainFault]:
        """Find the chains that are not what the anchors of the last days recorded (EVD-1)."""
        today = paris_day(self.clock.now())
        told: set[tuple[str, int]] = set()
        for back in range(days):
            for account_id, sequence, digest in self._recorded(today - timedelta(days=back)):
                reason = self._fault(account_id, sequence, digest)
                if reason and (account_id, sequence) not in told:
                    told.add((account_id, sequence))
                    yield ChainFault(account_id, sequence, reason)

    def _recorded(self, day: date) -> Iterator[tuple[str, int, str]]:
        try:
            content = self.documents.read(anchor_key(day))
        except KeyError:  # before the first one, or a day on which nothing ran
            return
        for account_id, (sequence, digest) in json.loads(content)["chains"].items():
            yield account_id, sequence, digest

    def _fault(self, account_id: str, sequence: int, digest: str) -> str | None:
        entry = self.journal.entry_at(account_id, sequence)
        if entry is None:
            return "the entry was there when it was anchored, and is missing"
        if entry.digest != digest:
            return "the entry is not the one that was anchored"
        return None


def anchor_key(day: date) -> str:
    """Name a day's anchor in the document store."""
    return f"anchors/{day.isoformat()}.json"
