"""Figures that each apply from a Paris day on: those shipped, then those an operator publishes.

Published again for the same day, they replace that day's.  Whoever read them keeps what it made of
them (a claim its amount, a mail its dates): what was already told never changes.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Generic

import msgspec

from chalicelib.foundation.errors import FieldErrors
from chalicelib.legal.policies import JOURNAL
from chalicelib.legal.recording import Recording
from chalicelib.payments.terms.dated_row import DatedRow, Row
from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage

_LONGEST_REASON = 500
_SAID_BY_THE_ENTRY = {"published_at", "published_by", "version"}


@dataclass(kw_only=True)
class DatedTerms(Generic[Row]):
    """One kind of figures: shipped in ``file``, published in ``storage``."""

    kind: type[Row]
    file: Path
    storage: DatedTermsStorage[Row]
    recording: Recording

    def history(self) -> list[Row]:
        """Give every state, in the order they apply."""
        rows = {row.from_on: row for row in (*self._shipped, *self.storage.rows())}
        return [rows[day] for day in sorted(rows)]

    @cached_property
    def _shipped(self) -> list[Row]:
        return shipped(self.kind, self.file)

    def on(self, day: date) -> Row | None:
        """Give what applies on a Paris day; None before the first."""
        return in_force(self.history(), day)

    def publish(self, row: Row, *, by: str) -> None:
        """Publish figures; again the same changes nothing more.  Raises FieldErrors: no reason."""
        reason = " ".join(row.reason.split())
        if not 0 < len(reason) <= _LONGEST_REASON:
            raise FieldErrors({"reason": "Indiquez un motif, en 500 caractères au plus."})

        def attempt() -> None:
            same = [each for each in self.history() if each.from_on == row.from_on]
            new = replace(
                row,
                reason=reason,
                published_at=self.recording.now(),
                published_by=by,
                version=same[0].version if same else 0,
            )
            facts = {"terms": self.file.stem, **_told(new)}
            self.recording.commit(
                self.storage.save_row(new),
                self.recording.entry(JOURNAL, "terms.published", facts, by=by),
            )

        self.recording.again(attempt)


def shipped(kind: type[Row], file: Path) -> list[Row]:
    """Read the states that ship with the system, in the order they apply."""
    rows: list[Row] = msgspec.json.decode(file.read_bytes(), type=list[kind])  # type: ignore[valid-type]
    return rows


def in_force(rows: list[Row], day: date) -> Row | None:
    """Give, of states in order, the one that applies on a Paris day; None before the first."""
    begun = [row for row in rows if row.from_on <= day]
    return begun[-1] if begun else None


def _told(row: DatedRow) -> dict[str, Any]:
    """Give the figures for the journal: who and when, it says itself."""
    plain: dict[str, Any] = msgspec.to_builtins(row)
    return {key: plain[key] for key in plain if key not in _SAID_BY_THE_ENTRY}
