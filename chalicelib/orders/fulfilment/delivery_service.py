"""Watches what the company committed to deliver: the list, and one alert an item (ORD-5)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.messages import Message
from chalicelib.legal.recording import Recording
from chalicelib.notifications.mails import mail
from chalicelib.orders.model.deliveries import DeliveryItem, Undelivered, WatchedDelivery, items_of
from chalicelib.orders.model.order import Order
from chalicelib.orders.model.storage import OrderStorage
from chalicelib.orders.placing.service import OrderService
from chalicelib.texts.mails import MailName


@dataclass(kw_only=True)
class DeliveryService:
    """The lateness list, and its daily alert.

    What later domains have still to deliver of an order is asked through functions:
    ``desktops_awaited``, those that are not ready, nor gone; ``pods_awaited``, the OmnyPods that
    were not received.
    """

    storage: OrderStorage
    orders: OrderService
    desktops_awaited: Callable[[Order], list[Undelivered]]
    pods_awaited: Callable[[Order], list[Undelivered]]
    recording: Recording
    alert_address: str

    def of_order(self, order: Order) -> list[DeliveryItem]:
        """Give what is still to be delivered of an order."""
        return items_of(order, self.desktops_awaited(order), self.pods_awaited(order))

    def outstanding(self) -> list[DeliveryItem]:
        """Give everything still to be delivered, the earliest due first, then what has no date."""
        items = [
            item
            for watched in self.storage.watched_deliveries()
            for item in self._items(watched)[1]
        ]
        return sorted(items, key=lambda item: (item.due_on is None, str(item.due_on), item.key))

    def check(self) -> int:
        """Alert the company of what became late, each item once; forget what is delivered.

        Gives the number of items newly late.  What was told is kept in the commit of the mail.
        """
        return sum(
            self.recording.again(lambda watched=watched: self._check(watched))  # type: ignore[misc]
            for watched in list(self.storage.watched_deliveries())
        )

    def _items(self, watched: WatchedDelivery) -> tuple[Order | None, list[DeliveryItem]]:
        try:
            order = self.orders.get(watched.account_id, watched.order_id)
        except NotFoundError:
            return None, []
        return order, self.of_order(order)

    def _check(self, found: WatchedDelivery) -> int:
        watched = self.storage.watched_delivery(found.order_id)
        if watched is None:
            return 0
        order, items = self._items(watched)
        if order is None or not items:
            self.recording.commit(self.storage.end_delivery(watched.order_id))
            return 0
        day = self.recording.today()
        late = [item for item in items if item.is_late(day) and item.key not in watched.alerted]
        if late:
            told = replace(watched, alerted=watched.alerted | {item.key for item in late})
            self.recording.commit(
                self.storage.save_delivery(told, order.accepted_at), self._alert(order, late)
            )
        return len(late)

    def _alert(self, order: Order, late: list[DeliveryItem]) -> Message:
        day = self.recording.today()
        digest = hashlib.sha256("\n".join(item.key for item in late).encode()).hexdigest()[:16]
        context = {
            "order_id": order.id,
            "number": order.number,
            "items": [
                {
                    "kind": item.kind,
                    "label": item.label,
                    "due_on": str(item.due_on),
                    "days": item.working_days_late(day),
                }
                for item in late
            ],
        }
        key = f"late_delivery:{order.id}:{digest}"
        return mail(MailName.LATE_DELIVERY, self.alert_address, "fr", context, key=key)
