"""A comparison with the clouds that an operator asked for: carried out by the worker (DSK-9).

The function behind the pages may neither look at machines nor stop them; the desktops' worker may.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.desktops.model.messages import CompareMachines
from chalicelib.desktops.reconciliation.service import Reconciliation
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Comparison:
    """What the last comparison that was asked for saw, and how much it found that was not known."""

    at: datetime
    machines: int
    desktops: int
    new: int


class ComparisonStore(Protocol):
    """Where the last one is kept."""

    def comparison(self) -> Comparison | None:
        """Read the last comparison asked for."""

    def save_comparison(self, comparison: Comparison) -> Put:
        """Give the write of the last comparison, instead of the former."""


class Comparisons:
    """Has the clouds compared now, without waiting for the schedule."""

    def __init__(
        self,
        *,
        storage: ComparisonStore,
        reconciliation: Reconciliation,
        work: UnitOfWork,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._reconciliation = reconciliation
        self._work = work
        self._clock = clock

    def last(self) -> Comparison | None:
        """Give the last comparison that was asked for and carried out."""
        return self._storage.comparison()

    def ask(self) -> None:
        """Ask for a comparison."""
        self._work.commit(CompareMachines().message("compare"))

    def carry_out(self) -> None:
        """Compare, and keep what was seen.  Raises TemporaryGatewayError as ``run`` does."""
        report = self._reconciliation.run()
        seen = Comparison(
            at=self._clock.now(),
            machines=report.machines,
            desktops=report.desktops,
            new=report.orphans + report.vanished + report.stuck,
        )
        self._work.commit(self._storage.save_comparison(seen))
