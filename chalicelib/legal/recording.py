"""What a service records through: the facts, their evidence and the hour, as one collaborator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from chalicelib.foundation import clock as clocks
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put, Write
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal

T = TypeVar("T")


@dataclass(kw_only=True, frozen=True)
class Recording:
    """Commits facts with their journal entry and their messages, at the hour the clock tells.

    In ``legal``, not in ``foundation``: the journal is legal's (docs/decisions/0022).
    """

    work: UnitOfWork
    journal: Journal
    clock: Clock

    def now(self) -> datetime:
        """Give the UTC instant."""
        return self.clock.now()

    def today(self) -> date:
        """Give the Paris day."""
        return clocks.today(self.clock)

    def entry(self, account_id: str, kind: str, facts: dict[str, Any], *, by: str) -> Put:
        """Give the write of the account's next journal entry (EVD-1); see ``Journal.entry``."""
        return self.journal.entry(account_id, kind, facts, by=by)

    def commit(self, *changes: Write | Message) -> None:
        """Apply all changes or none, then send the messages; see ``UnitOfWork.commit``."""
        self.work.commit(*changes)

    def again(self, attempt: Callable[[], T]) -> T:
        """Run what reads, decides and commits; once more when somebody wrote first."""
        return retry_on_conflict(attempt)
