"""Keeps the comparison with Stripe, in one partition of the payments table."""

from datetime import datetime

from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.reconciliation.difference import Difference, ReconciliationRun

_PK = "RECONCILIATION"
_RUNS = Kind("payments", "reconciliation_run", ReconciliationRun)
_DIFFERENCES = Kind("payments", "difference", Difference)


class ReconciliationStorage:
    """Reads them and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def last_until(self) -> datetime | None:
        """Give the instant up to which the comparison was made."""
        run = self.run()
        return run.until if run else None

    def run(self) -> ReconciliationRun | None:
        """Give the last comparison."""
        return self._tables.get(_RUNS, _PK, "LAST")

    def save_run(self, run: ReconciliationRun) -> Put:
        """Make the write of a comparison, the last one made."""
        return _RUNS.put(run, _PK, "LAST")

    def difference(self, name: str) -> Difference | None:
        """Give a difference by its name."""
        return self._tables.get(_DIFFERENCES, _PK, f"DIFFERENCE#{name}")

    def differences(self, *, still_open: bool, limit: int | None = None) -> list[Difference]:
        """Give the differences to examine, or the last ones over, newest first."""
        key = "DIFFERENCES_OPEN" if still_open else "DIFFERENCES"
        return list(self._tables.listing(_DIFFERENCES, key, newest_first=True, limit=limit))

    def save_difference(self, difference: Difference) -> Put:
        """Make the write of a difference."""
        key = "DIFFERENCES_OPEN" if difference.is_open else "DIFFERENCES"
        return _DIFFERENCES.put(
            difference,
            _PK,
            f"DIFFERENCE#{difference.name}",
            listed=(key, f"{iso(difference.found_at)}#{difference.name}"),
        )
