"""What the company imposes on a desktop, and what that makes of it (CGV art. 14; DSK-8, PRI-5).

A measure is a fact with its reason; the state follows from those in force, by ``held_state``.  One
may be lifted without the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.desktops.model.lifecycle import State

ACCOUNT_MEASURE = "account"  # the id of the suspension of a whole account, on each of its desktops


class MeasureKind(StrEnum):
    """What may be imposed."""

    SUSPENSION = "suspension"
    ISOLATION = "isolation"
    UPDATE = "update"  # by a date; isolated once it has passed
    REINSTALLATION = "reinstallation"  # isolated until done
    DELETION = "deletion"  # isolated until done


@dataclass(frozen=True)
class Measure:
    """A measure in force on a desktop.

    ``due_on`` is the last Paris day given to update; ``applied_at`` the instant a required update
    became an isolation.  One that was contested is not made heavier without a human's decision:
    ``upheld_at`` (PRI-5).
    """

    id: str
    kind: MeasureKind
    reason: str
    by: str
    taken_at: datetime
    due_on: date | None = None
    applied_at: datetime | None = None
    contested_at: datetime | None = None
    contested_by: str = ""
    contest: str = ""
    upheld_at: datetime | None = None

    @property
    def is_holding(self) -> bool:
        """Whether it keeps the desktop from being used freely now."""
        return self.kind is not MeasureKind.UPDATE or self.applied_at is not None

    @property
    def awaits_human(self) -> bool:
        """Whether it was contested and nobody has answered yet (PRI-5)."""
        return self.contested_at is not None and self.upheld_at is None

    def is_due(self, today: date) -> bool:
        """Tell whether a required update becomes an isolation, its day having passed."""
        passed = self.due_on is not None and today > self.due_on
        return not self.is_holding and passed and not self.awaits_human


def held_state(measures: Iterable[Measure]) -> State | None:
    """Give the state that the measures in force hold a desktop in; None when it is free."""
    holding = [measure for measure in measures if measure.is_holding]
    if not holding:
        return None
    if any(measure.kind is MeasureKind.SUSPENSION for measure in holding):
        return State.SUSPENDED
    return State.ISOLATED


def done(measures: Iterable[Measure], kind: MeasureKind) -> tuple[Measure, ...]:
    """Give the measures that stay once what those of a kind demanded is done (DSK-8)."""
    return tuple(measure for measure in measures if measure.kind is not kind)
