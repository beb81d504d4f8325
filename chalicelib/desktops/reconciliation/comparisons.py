"""A comparison with the clouds that an operator asked for: carried out by the worker (DSK-9).

The function behind the pages may neither look at machines nor stop them; the desktops' worker may.
"""

from dataclasses import dataclass

from chalicelib.desktops.model.messages import CompareMachines
from chalicelib.desktops.reconciliation.findings import Comparison
from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage
from chalicelib.desktops.reconciliation.service import Reconciliation
from chalicelib.legal.recording import Recording


@dataclass(kw_only=True)
class Comparisons:
    """Has the clouds compared now, without waiting for the schedule."""

    storage: FindingsStorage
    reconciliation: Reconciliation
    recording: Recording

    def last(self) -> Comparison | None:
        """Give the last comparison that was asked for and carried out."""
        return self.storage.comparison()

    def ask(self) -> None:
        """Ask for a comparison."""
        self.recording.commit(CompareMachines().message("compare"))

    def carry_out(self) -> None:
        """Compare, and keep what was seen.  Raises TemporaryGatewayError as ``run`` does."""
        report = self.reconciliation.run()
        seen = Comparison(
            at=self.recording.now(),
            machines=report.machines,
            desktops=report.desktops,
            new=report.orphans + report.vanished + report.stuck,
        )
        self.recording.commit(self.storage.save_comparison(seen))
