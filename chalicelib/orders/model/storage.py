"""Orders in the ``orders`` table.

Keys: ``ACC#id / ORDER#id`` (listing ``QUEUE`` while the company has to look at it, ``STARTS``
while it waits for the end of a withdrawal period, else ``ORDERS``, all by the instant it was
accepted), ``ORDER#id / ACCOUNT``, which names the account of an order for workers that know its id
alone, and ``ORDER#id / DELIVERY`` (listing ``DELIVERIES``) until everything is delivered.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Delete, Put, Tables
from chalicelib.orders.model.deliveries import WatchedDelivery
from chalicelib.orders.model.limits import MonthlyCommitment
from chalicelib.orders.model.order import Order, OrderState

_ORDERS = Kind("orders", "order", Order)
_OWNERS = Kind("orders", "account", str)
_DELIVERIES = Kind("orders", "delivery", WatchedDelivery)
_COMMITMENTS = Kind("orders", "commitment", MonthlyCommitment)
_LISTS = {OrderState.AWAITING_VALIDATION: "QUEUE", OrderState.AWAITING_START: "STARTS"}


class OrderStorage:
    """Reads orders, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def order(self, account_id: str, order_id: str) -> Order | None:
        """Read an order of an account."""
        return self._tables.get(_ORDERS, f"ACC#{account_id}", f"ORDER#{order_id}")

    def account_of(self, order_id: str) -> str | None:
        """Name the account of an order."""
        return self._tables.get(_OWNERS, f"ORDER#{order_id}", "ACCOUNT")

    def commitment(self, account_id: str) -> MonthlyCommitment:
        """Read what an account was let commit to each month."""
        kept = self._tables.get(_COMMITMENTS, f"ACC#{account_id}", "COMMITMENT")
        return kept or MonthlyCommitment(account_id)

    def save_commitment(self, commitment: MonthlyCommitment) -> Put:
        """Give the write of a commitment, refused when it grew since it was read."""
        return _COMMITMENTS.put(commitment, f"ACC#{commitment.account_id}", "COMMITMENT")

    def of_account(self, account_id: str) -> Iterator[Order]:
        """Read an account's orders, in no particular order."""
        return self._tables.query(_ORDERS, f"ACC#{account_id}", starts_with="ORDER#")

    def awaiting_validation(self) -> Iterator[Order]:
        """Read the orders the company has to look at, oldest first."""
        return self._tables.listing(_ORDERS, "QUEUE")

    def awaiting_start(self) -> Iterator[Order]:
        """Read the orders that wait for the end of a withdrawal period, oldest first."""
        return self._tables.listing(_ORDERS, "STARTS")

    def recent(self, limit: int) -> Iterator[Order]:
        """Read the orders that need nobody, newest first."""
        return self._tables.listing(_ORDERS, "ORDERS", newest_first=True, limit=limit)

    def accepted_in(self, month: BillingMonth) -> Iterator[Order]:
        """Read the orders that need nobody accepted in a Paris month, in no particular order."""
        # The month begins in Paris on the last day of the former one in UTC.
        for start in (str(month.first_day - timedelta(days=1)), str(month)):
            for order in self._tables.listing(_ORDERS, "ORDERS", starts_with=start):
                if paris_day(order.accepted_at) in month:
                    yield order

    def watch_delivery(self, order: Order) -> Put:
        """Give the write that has an order's deliveries watched until all are made (ORD-5)."""
        watched = WatchedDelivery(order.id, order.account_id, frozenset())
        return _delivery(watched, order.accepted_at, always=True)

    def watched_deliveries(self) -> Iterator[WatchedDelivery]:
        """Read the orders of which something may still have to be delivered, oldest first."""
        return self._tables.listing(_DELIVERIES, "DELIVERIES")

    def watched_delivery(self, order_id: str) -> WatchedDelivery | None:
        """Read the watch over an order's deliveries, None once it ended."""
        return self._tables.get(_DELIVERIES, f"ORDER#{order_id}", "DELIVERY")

    def save_delivery(self, watched: WatchedDelivery, accepted_at: datetime) -> Put:
        """Give the write that keeps what was alerted of an order's deliveries."""
        return _delivery(watched, accepted_at)

    def end_delivery(self, order_id: str) -> Delete:
        """Give the write that ends the watch over an order's deliveries."""
        return _DELIVERIES.delete(f"ORDER#{order_id}", "DELIVERY")

    def add(self, order: Order) -> list[Put]:
        """Give the writes of a new order; refused when its id exists."""
        owner = _OWNERS.put(order.account_id, f"ORDER#{order.id}", "ACCOUNT")
        return [self.save(order), owner]

    def save(self, order: Order) -> Put:
        """Give the write of an order changed since it was read."""
        return _ORDERS.put(
            order,
            f"ACC#{order.account_id}",
            f"ORDER#{order.id}",
            listed=(_LISTS.get(order.state, "ORDERS"), f"{iso(order.accepted_at)}#{order.id}"),
        )


def _delivery(watched: WatchedDelivery, accepted_at: datetime, *, always: bool = False) -> Put:
    return _DELIVERIES.put(
        watched,
        f"ORDER#{watched.order_id}",
        "DELIVERY",
        listed=("DELIVERIES", f"{iso(accepted_at)}#{watched.order_id}"),
        always=always,
    )
