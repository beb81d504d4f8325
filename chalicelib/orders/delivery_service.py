"""Watches what the company committed to deliver: the list, and one alert an item (ORD-5)."""

import hashlib
from dataclasses import replace
from typing import Protocol

from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.messages import Message
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.notifications.mails import mail
from chalicelib.orders.deliveries import DeliveryItem, Undelivered, WatchedDelivery, items_of
from chalicelib.orders.order import Order
from chalicelib.orders.ports import DeliveryStore
from chalicelib.texts.mails import MailName


class Orders(Protocol):
    """Where orders are read."""

    def get(self, account_id: str, order_id: str) -> Order:
        """Give an order of an account.  Raises NotFoundError."""


class Deliveries(Protocol):
    """What later domains have still to deliver."""

    def desktops(self, order: Order) -> list[Undelivered]:
        """Give the desktops of an order that are not ready, nor gone."""

    def pods(self, order: Order) -> list[Undelivered]:
        """Give the OmnyPods of an order that were not received."""


class DeliveryService:
    """The lateness list, and its daily alert."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DeliveryStore,
        orders: Orders,
        deliveries: Deliveries,
        work: UnitOfWork,
        clock: Clock,
        alert_address: str,
    ) -> None:
        self._storage = storage
        self._orders = orders
        self._deliveries = deliveries
        self._work = work
        self._clock = clock
        self._alert_address = alert_address

    def of_order(self, order: Order) -> list[DeliveryItem]:
        """Give what is still to be delivered of an order."""
        return items_of(order, self._deliveries.desktops(order), self._deliveries.pods(order))

    def outstanding(self) -> list[DeliveryItem]:
        """Give everything still to be delivered, the earliest due first, then what has no date."""
        items = [
            item
            for watched in self._storage.watched_deliveries()
            for item in self._items(watched)[1]
        ]
        return sorted(items, key=lambda item: (item.due_on is None, str(item.due_on), item.key))

    def check(self) -> int:
        """Alert the company of what became late, each item once; forget what is delivered.

        Gives the number of items newly late.  What was told is kept in the commit of the mail.
        """
        return sum(
            retry_on_conflict(lambda watched=watched: self._check(watched))  # type: ignore[misc]
            for watched in list(self._storage.watched_deliveries())
        )

    def _items(self, watched: WatchedDelivery) -> tuple[Order | None, list[DeliveryItem]]:
        try:
            order = self._orders.get(watched.account_id, watched.order_id)
        except NotFoundError:
            return None, []
        return order, self.of_order(order)

    def _check(self, found: WatchedDelivery) -> int:
        watched = self._storage.watched_delivery(found.order_id)
        if watched is None:
            return 0
        order, items = self._items(watched)
        if order is None or not items:
            self._work.commit(self._storage.end_delivery(watched.order_id))
            return 0
        day = today(self._clock)
        late = [item for item in items if item.is_late(day) and item.key not in watched.alerted]
        if late:
            told = replace(watched, alerted=watched.alerted | {item.key for item in late})
            self._work.commit(
                self._storage.save_delivery(told, order.accepted_at), self._alert(order, late)
            )
        return len(late)

    def _alert(self, order: Order, late: list[DeliveryItem]) -> Message:
        day = today(self._clock)
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
        return mail(MailName.LATE_DELIVERY, self._alert_address, "fr", context, key=key)
