"""Orders in the ``orders`` table.

Keys: ``ACC#id / ORDER#id`` (listing ``QUEUE`` while the company has to look at it, ``STARTS``
while it waits for the end of a withdrawal period, else ``ORDERS``, all by the instant it was
accepted), ``ORDER#id / ACCOUNT``, which names the account of an order for workers that know its id
alone, and ``ORDER#id / DELIVERY`` (listing ``DELIVERIES``) until everything is delivered.
"""

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.accounts.account import PostalAddress
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import (
    JSONAttribute,
    OldRecord,
    UnicodeAttribute,
    old_delete,
    old_put,
)
from chalicelib.foundation.tables import Delete, Put, Tables
from chalicelib.orders.deliveries import WatchedDelivery
from chalicelib.orders.order import AcceptedTerms, Order, OrderLine, OrderState

_TABLE = "orders"
_INSTANTS = (
    *("accepted_at", "placed_at", "validated_at", "refused_at", "cancelled_at", "confirmed_at"),
)
_DAYS = ("desktop_due_on", "pod_due_on", "starts_on")


class OrderRecord(OldRecord):
    """An order; ``content`` holds what no key or condition needs."""

    class Meta:
        table_name = _TABLE

    state = UnicodeAttribute()
    content = JSONAttribute()


class OrderPointerRecord(OldRecord):
    """Names the account of an order."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()


class DeliveryRecord(OldRecord):
    """An order of which something may still have to be delivered; ``alerted`` names late items."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    alerted = JSONAttribute(default=list)


class OrderStorage:
    """Reads orders, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def order(self, account_id: str, order_id: str) -> Order | None:
        """Read an order of an account."""
        record = self._tables.get_record(OrderRecord, _pk(account_id), f"ORDER#{order_id}")
        return _order(record) if record else None

    def account_of(self, order_id: str) -> str | None:
        """Name the account of an order."""
        pointer = self._tables.get_record(OrderPointerRecord, f"ORDER#{order_id}", "ACCOUNT")
        return pointer.account_id if pointer else None

    def of_account(self, account_id: str) -> Iterator[Order]:
        """Read an account's orders, in no particular order."""
        records = self._tables.query_records(OrderRecord, _pk(account_id), starts_with="ORDER#")
        return map(_order, records)

    def awaiting_validation(self) -> Iterator[Order]:
        """Read the orders the company has to look at, oldest first."""
        return map(_order, self._tables.listing_records(OrderRecord, "QUEUE"))

    def awaiting_start(self) -> Iterator[Order]:
        """Read the orders that wait for the end of a withdrawal period, oldest first."""
        return map(_order, self._tables.listing_records(OrderRecord, "STARTS"))

    def recent(self, limit: int) -> Iterator[Order]:
        """Read the orders that need nobody, newest first."""
        records = self._tables.listing_records(
            OrderRecord, "ORDERS", newest_first=True, limit=limit
        )
        return map(_order, records)

    def accepted_in(self, month: BillingMonth) -> Iterator[Order]:
        """Read the orders that need nobody accepted in a Paris month, in no particular order."""
        # The month begins in Paris on the last day of the former one in UTC.
        for start in (str(month.first_day - timedelta(days=1)), str(month)):
            for record in self._tables.listing_records(OrderRecord, "ORDERS", starts_with=start):
                order = _order(record)
                if paris_day(order.accepted_at) in month:
                    yield order

    def watch_delivery(self, order: Order) -> Put:
        """Give the write that has an order's deliveries watched until all are made (ORD-5)."""
        record = DeliveryRecord(
            pk=f"ORDER#{order.id}",
            sk="DELIVERY",
            list_key="DELIVERIES",
            list_sort=f"{iso(order.accepted_at)}#{order.id}",
            account_id=order.account_id,
        )
        return old_put(record, always=True)

    def watched_deliveries(self) -> Iterator[WatchedDelivery]:
        """Read the orders of which something may still have to be delivered, oldest first."""
        return map(_watched, self._tables.listing_records(DeliveryRecord, "DELIVERIES"))

    def watched_delivery(self, order_id: str) -> WatchedDelivery | None:
        """Read the watch over an order's deliveries, None once it ended."""
        record = self._tables.get_record(DeliveryRecord, f"ORDER#{order_id}", "DELIVERY")
        return _watched(record) if record else None

    def save_delivery(self, watched: WatchedDelivery, accepted_at: datetime) -> Put:
        """Give the write that keeps what was alerted of an order's deliveries."""
        return old_put(
            DeliveryRecord(
                pk=f"ORDER#{watched.order_id}",
                sk="DELIVERY",
                version=watched.version,
                list_key="DELIVERIES",
                list_sort=f"{iso(accepted_at)}#{watched.order_id}",
                account_id=watched.account_id,
                alerted=sorted(watched.alerted),
            )
        )

    def end_delivery(self, order_id: str) -> Delete:
        """Give the write that ends the watch over an order's deliveries."""
        return old_delete(DeliveryRecord(pk=f"ORDER#{order_id}", sk="DELIVERY"))

    def add(self, order: Order) -> list[Put]:
        """Give the writes of a new order; refused when its id exists."""
        pointer = OrderPointerRecord(
            pk=f"ORDER#{order.id}", sk="ACCOUNT", account_id=order.account_id
        )
        return [self.save(order), old_put(pointer)]

    def save(self, order: Order) -> Put:
        """Give the write of an order changed since it was read."""
        lists = {OrderState.AWAITING_VALIDATION: "QUEUE", OrderState.AWAITING_START: "STARTS"}
        return old_put(
            OrderRecord(
                pk=_pk(order.account_id),
                sk=f"ORDER#{order.id}",
                version=order.version,
                list_key=lists.get(order.state, "ORDERS"),
                list_sort=f"{iso(order.accepted_at)}#{order.id}",
                state=order.state.value,
                content=_content(order),
            )
        )


def _watched(record: DeliveryRecord) -> WatchedDelivery:
    order_id = record.pk.removeprefix("ORDER#")
    return WatchedDelivery(
        order_id, record.account_id, frozenset(record.alerted), int(record.version)
    )


def _pk(account_id: str) -> str:
    return f"ACC#{account_id}"


def _content(order: Order) -> dict[str, Any]:
    content = asdict(order)
    del content["version"]
    for name in _INSTANTS:
        content[name] = iso(content[name]) if content[name] else None
    for name in _DAYS:
        content[name] = content[name].isoformat() if content[name] else None
    return content


def _order(record: OrderRecord) -> Order:
    content = dict(record.content)
    for name in _INSTANTS:
        content[name] = instant(content[name]) if content.get(name) else None
    for name in _DAYS:
        content[name] = date.fromisoformat(content[name]) if content.get(name) else None
    address = content["delivery_address"]
    content["delivery_address"] = PostalAddress(**address) if address else None
    content["lines"] = tuple(_line(line) for line in content["lines"])
    content["terms"] = tuple(AcceptedTerms(**each) for each in content["terms"])
    content["state"] = OrderState(content["state"])
    return Order(**content, version=int(record.version))


def _line(content: dict[str, Any]) -> OrderLine:
    pairs = {"option_codes", "unit_prices"}
    values: dict[str, Any] = {}
    for field in fields(OrderLine):
        value = content[field.name]
        if field.name in pairs:
            value = tuple((code, number) for code, number in value)
        elif isinstance(value, list):
            value = tuple(value)
        values[field.name] = value
    return OrderLine(**values)
