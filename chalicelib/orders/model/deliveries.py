"""What is still to be delivered of the orders confirmed, and what is late (CGV art. 16; ORD-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.foundation.working_days import is_working_day
from chalicelib.orders.model.order import Order

DESKTOP, POD = "desktop", "pod"


@dataclass(frozen=True)
class WatchedDelivery:
    """An order whose deliveries are watched; ``alerted`` names the items already told late."""

    order_id: str
    account_id: str
    alerted: frozenset[str]
    version: int = 0


@dataclass(frozen=True)
class Undelivered:
    """A desktop or OmnyPod that is not there yet; ``key`` names it among those of its order."""

    key: str
    label: str


@dataclass(frozen=True)
class DeliveryItem:
    """One thing to deliver, by the last Paris day the company committed to.

    ``due_on`` is None while it depends on the receipt of OmnyPods (law §5; P10).
    """

    order: Order
    kind: str
    key: str
    label: str
    due_on: date | None

    def working_days_late(self, day: date) -> int:
        """Count the working days past the due date; 0 in time (ORD-5)."""
        if self.due_on is None or day <= self.due_on:
            return 0
        span = (day - self.due_on).days
        days = (self.due_on + timedelta(days=n) for n in range(1, span + 1))
        return max(1, sum(map(is_working_day, days)))

    def is_late(self, day: date) -> bool:
        """Tell whether the due date is over on a Paris day."""
        return self.working_days_late(day) > 0


def items_of(
    order: Order, desktops: Iterable[Undelivered], pods: Iterable[Undelivered]
) -> list[DeliveryItem]:
    """Give what is still to be delivered of an order, with its due dates (ORD-5)."""
    if not order.is_confirmed:
        return []
    return [
        *(
            DeliveryItem(order, DESKTOP, f"desktop:{each.key}", each.label, order.desktop_due_on)
            for each in desktops
        ),
        *(
            DeliveryItem(order, POD, f"pod:{each.key}", each.label, order.pod_due_on)
            for each in pods
        ),
    ]
