"""Keeps collections and the notices already handled, in the payments table.

One partition per account, so that a client's invoices are read in one go:
``INVOICE#id`` (collection), and what ``cards/storage.py`` and ``ledger_storage.py`` add.
Beside it ``INTENT#id`` finds the invoice of an intent, ``EVENT#id`` is a notice handled.
The listing holds collections: ``UNPAID`` by age, ``SETTLED`` by the instant settled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.payment import Collection, CollectionState, InvoicePlace
from chalicelib.payments.stripe.processor import Event

_EVENT_KEPT = timedelta(days=90)  # Stripe stops sending a notice again after three days
_UNPAID, _SETTLED = "UNPAID", "SETTLED"


@dataclass(frozen=True)
class HandledEvent:
    """A notice handled: its presence makes the next copy change nothing."""

    event: Event
    handled_at: datetime


_COLLECTIONS = Kind("payments", "collection", Collection)
_PLACES = Kind("payments", "intent", InvoicePlace)
_EVENTS = Kind("payments", "event", HandledEvent)


class PaymentsStorage:
    """Reads payments' objects and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # collections
    def collection(self, account_id: str, invoice_id: str) -> Collection | None:
        """Give the collection of an invoice."""
        return self._tables.get(_COLLECTIONS, f"ACC#{account_id}", f"INVOICE#{invoice_id}")

    def collections(self, account_id: str) -> list[Collection]:
        """Give every collection of an account."""
        found = self._tables.query(_COLLECTIONS, f"ACC#{account_id}", starts_with="INVOICE#")
        return list(found)

    def unpaid(self) -> Iterator[Collection]:
        """Give the collections not settled, the oldest first."""
        yield from self._tables.listing(_COLLECTIONS, _UNPAID)

    def settled(self, limit: int) -> Iterator[Collection]:
        """Give the last collections settled, the newest first."""
        yield from self._tables.listing(_COLLECTIONS, _SETTLED, newest_first=True, limit=limit)

    def save_collection(self, collection: Collection) -> Put:
        """Make the write of a collection."""
        settled = collection.state is CollectionState.SETTLED
        listed_at = collection.settled_at if settled else collection.opened_at
        sort = f"{iso(listed_at or collection.opened_at)}#{collection.invoice_id}"
        return _COLLECTIONS.put(
            collection,
            f"ACC#{collection.account_id}",
            f"INVOICE#{collection.invoice_id}",
            listed=(_SETTLED if settled else _UNPAID, sort),
        )

    def place_of(self, intent_id: str) -> InvoicePlace | None:
        """Find the invoice an intent collects."""
        return self._tables.get(_PLACES, f"INTENT#{intent_id}", "INVOICE")

    def save_place(self, intent_id: str, place: InvoicePlace) -> Put:
        """Make the write that tells which invoice an intent collects; it is the same for ever."""
        return _PLACES.put(place, f"INTENT#{intent_id}", "INVOICE", always=True)

    # notices
    def event_handled(self, event_id: str) -> bool:
        """Tell whether a notice was handled."""
        return self._tables.get(_EVENTS, f"EVENT#{event_id}", "EVENT") is not None

    def save_event(self, event: Event, handled_at: datetime) -> Put:
        """Make the write that marks a notice handled; a second one makes the commit fail."""
        return _EVENTS.put(
            HandledEvent(event, handled_at),
            f"EVENT#{event.id}",
            "EVENT",
            forget_at=handled_at + _EVENT_KEPT,
        )
