"""What has to be sent to a client: the OmnyPods of an order, or a replacement (CGV art. 7, 16)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.accounts.clients.account import PostalAddress


class Reason(StrEnum):
    """Why OmnyPods are sent."""

    ORDER = "order"
    REPLACEMENT = "replacement"
    OPTION = "option"  # an additional pod, asked for after the order


@dataclass(frozen=True)
class Slot:
    """The place of one OmnyPod in a dispatch; ``serial`` is empty while none could be reserved.

    What it says of shipping and receipt stays when the pod itself is later swapped or returned.
    """

    desktop_id: str = ""
    serial: str = ""
    carrier: str = ""
    tracking: str = ""
    shipped_on: date | None = None
    received_on: date | None = None
    dropped: bool = False  # no longer to be sent
    ended: bool = False  # sent, and rented no more: what was sent is asked back
    recalled: bool = False  # asked back, or lost, before it was received

    @property
    def is_over(self) -> bool:
        """Whether nothing is rented in this place any more."""
        return self.dropped or self.ended

    @property
    def is_awaited(self) -> bool:
        """Whether the client still waits for it."""
        return self.received_on is None and not self.dropped and not self.recalled


@dataclass(frozen=True)
class Dispatch:
    """OmnyPods to send to one address, by a Paris day.

    ``evidence`` names the documents kept of deliveries that failed; ``told_late`` says that the
    company was alerted.
    """

    id: str
    account_id: str
    order_id: str
    reason: Reason
    address: PostalAddress
    slots: tuple[Slot, ...]
    requested_at: datetime
    due_on: date | None
    evidence: tuple[str, ...] = ()
    told_late: bool = False
    version: int = 0

    @property
    def missing(self) -> int:
        """How many OmnyPods could not be reserved yet."""
        return sum(1 for slot in self.slots if slot.is_awaited and not slot.serial)

    @property
    def awaited(self) -> int:
        """How many OmnyPods the client still waits for."""
        return sum(1 for slot in self.slots if slot.is_awaited)

    @property
    def labels(self) -> list[tuple[int, str]]:
        """The ranks of the OmnyPods still awaited, and what to call each."""
        return [
            (rank, slot.serial or f"OmnyPod {rank + 1}")
            for rank, slot in enumerate(self.slots)
            if slot.is_awaited
        ]

    def is_late(self, day: date) -> bool:
        """Tell whether something is still awaited after its due date (ORD-5)."""
        return self.awaited > 0 and self.due_on is not None and day > self.due_on

    @property
    def to_ship(self) -> list[int]:
        """The ranks of the slots whose OmnyPod is reserved and not sent."""
        return [
            rank
            for rank, slot in enumerate(self.slots)
            if slot.is_awaited and slot.serial and slot.shipped_on is None
        ]

    @property
    def last_received_on(self) -> date | None:
        """The Paris day the last OmnyPod came, None while one is awaited or none was sent (P10)."""
        if self.awaited:
            return None
        return max((slot.received_on for slot in self.slots if slot.received_on), default=None)

    def with_slot(self, rank: int, **changes: object) -> "Dispatch":
        """Give the dispatch with one slot changed."""
        slots = list(self.slots)
        slots[rank] = replace(slots[rank], **changes)  # type: ignore[arg-type]
        return replace(self, slots=tuple(slots))
