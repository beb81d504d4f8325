"""Figures that each apply from a Paris day on: those shipped, then those an operator publishes.

Published again for the same day, they replace that day's.  Whoever read them keeps what it made of
them (a claim its amount, a mail its dates): what was already told never changes.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.legal.policies import JOURNAL
from chalicelib.payments.money.record_json import from_json, to_json

_LONGEST_REASON = 500


@dataclass(frozen=True, kw_only=True)
class DatedRow:
    """Figures from a Paris day on; ``published_by`` is "" for those shipped.

    ``reason`` says where they come from.
    """

    from_on: date
    reason: str = ""
    published_at: datetime | None = None
    published_by: str = ""
    version: int = 0


Row = TypeVar("Row", bound=DatedRow)


class DatedTermsStore(Protocol[Row]):
    """Figures published; saving gives the write to commit."""

    def rows(self) -> list[Row]:
        """Read every state ever published."""

    def save_row(self, row: Row) -> Put:
        """Give the write of a state."""


class DatedTerms(Generic[Row]):
    """One kind of figures: shipped in ``file``, published in ``storage``."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        kind: type[Row],
        file: Path,
        *,
        storage: DatedTermsStore[Row],
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._kind = kind
        self._file = file
        self._storage = storage
        self._work = work
        self._journal = journal
        self._clock = clock

    def history(self) -> list[Row]:
        """Give every state, in the order they apply."""
        rows = {row.from_on: row for row in (*self._shipped, *self._storage.rows())}
        return [rows[day] for day in sorted(rows)]

    @cached_property
    def _shipped(self) -> list[Row]:
        rows: list[dict[str, Any]] = json.loads(self._file.read_text(encoding="utf-8"))
        return [from_json(self._kind, row) for row in rows]

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
                published_at=self._clock.now(),
                published_by=by,
                version=same[0].version if same else 0,
            )
            facts = {"terms": self._file.stem, **_told(new)}
            self._work.commit(
                self._storage.save_row(new),
                self._journal.entry(JOURNAL, "terms.published", facts, by=by),
            )

        retry_on_conflict(attempt)


def in_force(rows: list[Row], day: date) -> Row | None:
    """Give, of states in order, the one that applies on a Paris day; None before the first."""
    begun = [row for row in rows if row.from_on <= day]
    return begun[-1] if begun else None


def _told(row: DatedRow) -> dict[str, Any]:
    """Give the figures for the journal: who and when, it says itself."""
    body = to_json(row)
    return {key: body[key] for key in body if not key.startswith("published")}
