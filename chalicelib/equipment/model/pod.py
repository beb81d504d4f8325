"""An OmnyPod and its movements (CGV art. 7, 17; POD-1, POD-2)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from chalicelib.equipment.model.pod_states import HELD, PodEvent, PodState, allows, next_state

MOVEMENTS_KEPT = 30  # on the pod; the journal keeps everything


class Condition(StrEnum):
    """How an OmnyPod came back."""

    GOOD = "good"
    WORN = "worn"  # by ordinary use: nobody owes anything
    DAMAGED = "damaged"
    FAULTY = "faulty"
    INCOMPLETE = "incomplete"


FIT_FOR_STOCK = frozenset({Condition.GOOD, Condition.WORN})


@dataclass(frozen=True)
class Movement:
    """One step of an OmnyPod: when, what, who, why."""

    at: datetime
    event: str
    to: str
    by: str
    why: str = ""


@dataclass(frozen=True)
class Pod:
    """An OmnyPod, named by its serial number.

    ``account_id`` is who it is reserved for, or who holds it; ``dispatch_id`` and ``slot`` (rank
    in it) the shipment it belongs to, ``desktop_id`` the desktop it goes with.  ``return_due_on``
    is the last Paris day to send it back, ``reminded_for`` the one a reminder was sent for;
    ``case_id`` the case open on it.
    """

    serial: str
    model: str
    stocked_on: date
    state: PodState = PodState.IN_STOCK
    account_id: str = ""
    dispatch_id: str = ""
    slot: int = 0
    desktop_id: str = ""
    carrier: str = ""
    tracking: str = ""
    shipped_on: date | None = None
    delivered_on: date | None = None
    return_due_on: date | None = None
    return_because: str = ""
    reminded_for: date | None = None
    case_id: str = ""
    condition: str = ""
    movements: tuple[Movement, ...] = ()
    movement_count: int = 0
    version: int = 0

    @property
    def is_held(self) -> bool:
        """Whether it is in a client's custody (CGV art. 7; POD-2)."""
        return bool(self.account_id) and self.state in HELD

    def can(self, event: PodEvent) -> bool:
        """Tell whether an event may happen to it now."""
        # In the workshop it is ours to repair; at a client's, to be received first.
        needs_client = {PodEvent.REPAIR: False, PodEvent.RECEIVE: True}.get(event)
        fits = needs_client is None or needs_client is bool(self.account_id)
        return fits and allows(self.state, event)

    def after(
        self, event: PodEvent, *, at: datetime, by: str, why: str = "", **changes: Any
    ) -> "Pod":
        """Give the pod once an event happened.  Raises DomainError when it may not (POD-1)."""
        target = next_state(self.serial, self.state, event)
        step = Movement(at, event.value, target.value, by, why)
        return replace(
            self,
            state=target,
            movements=(*self.movements, step)[-MOVEMENTS_KEPT:],
            movement_count=self.movement_count + 1,
            **changes,
        )

    def let_go(self) -> dict[str, Any]:
        """Give the changes of a pod that is nobody's any more."""
        return {
            "account_id": "",
            "dispatch_id": "",
            "slot": 0,
            "desktop_id": "",
            "carrier": "",
            "tracking": "",
            "shipped_on": None,
            "delivered_on": None,
            "return_due_on": None,
            "return_because": "",
            "reminded_for": None,
            "case_id": "",
        }
