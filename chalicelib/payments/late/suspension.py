"""The suspension of an account that does not pay, announced by a formal notice (P8; PRI-5)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SuspensionState(StrEnum):
    """Where a suspension stands."""

    ANNOUNCED = "announced"
    APPLIED = "applied"
    LIFTED = "lifted"  # everything was paid
    CANCELLED = "cancelled"  # by an operator, the client having contested it


OPEN_SUSPENSIONS = {SuspensionState.ANNOUNCED, SuspensionState.APPLIED}


@dataclass(frozen=True)
class Suspension:
    """A measure a machine announces and a human may stop; ``announced_on`` names it.

    Contested and not yet decided, it is not applied; one already applied is lifted meanwhile.
    """

    account_id: str
    announced_on: date
    effective_on: date
    state: SuspensionState = SuspensionState.ANNOUNCED
    applied_at: datetime | None = None
    closed_at: datetime | None = None
    contested_at: datetime | None = None
    objection: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    decision: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is announced or applied."""
        return self.state in OPEN_SUSPENSIONS

    @property
    def waits_for_a_human(self) -> bool:
        """Whether the client contested it and no operator has decided."""
        return self.contested_at is not None and self.decided_at is None

    def due(self, day: date) -> bool:
        """Tell whether the service may be suspended on a Paris day (P8)."""
        announced = self.state is SuspensionState.ANNOUNCED
        return announced and not self.waits_for_a_human and day >= self.effective_on
