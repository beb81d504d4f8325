"""Records of payments: collections and notices already handled.

One partition per account, so that a client's invoices are read in one go:
``INVOICE#id`` (collection), and what ``cards/storage.py`` and ``ledger_storage.py`` add.
Beside it ``INTENT#id`` finds the invoice of an intent, ``EVENT#id`` is a notice handled.
The listing holds collections: ``UNPAID`` by age, ``SETTLED`` by the instant settled.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import NumberAttribute, OldRecord, UnicodeAttribute, old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.payment import Collection, CollectionState, InvoicePlace
from chalicelib.payments.stripe.processor import Event

_EVENT_KEPT = timedelta(days=90)  # Stripe stops sending a notice again after three days
_UNPAID, _SETTLED = "UNPAID", "SETTLED"


class PaymentRecord(OldRecord):
    """What the table's records share."""

    class Meta:
        table_name = "payments"


class CollectionRecord(PaymentRecord):
    """``Collection``."""

    number = UnicodeAttribute()
    amount_cents = NumberAttribute()
    state = UnicodeAttribute()
    opened_at = UnicodeAttribute()
    intent_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(default="")
    attempt = UnicodeAttribute(default="")
    attempts = NumberAttribute(default=0)
    charged_at = UnicodeAttribute(null=True)
    first_declined_at = UnicodeAttribute(null=True)
    last_attempt_at = UnicodeAttribute(null=True)
    settled_at = UnicodeAttribute(null=True)
    due_on = UnicodeAttribute(null=True)
    payment_mode = UnicodeAttribute(default="card")
    left_cents = NumberAttribute(default=0)
    carried_cents = NumberAttribute(default=0)
    spent_intents = NumberAttribute(default=0)
    disputed = NumberAttribute(default=0)
    reopened_on = UnicodeAttribute(null=True)


class IntentRecord(PaymentRecord):
    """Which invoice an intent collects."""

    account_id = UnicodeAttribute()
    invoice_id = UnicodeAttribute()


class EventRecord(PaymentRecord):
    """A notice handled: its presence makes the next copy change nothing."""

    type = UnicodeAttribute()
    object_id = UnicodeAttribute()
    handled_at = UnicodeAttribute()


class PaymentsStorage:
    """Reads payments' objects and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # collections
    def collection(self, account_id: str, invoice_id: str) -> Collection | None:
        """Give the collection of an invoice."""
        record = self._tables.get_record(
            CollectionRecord, _account(account_id), f"INVOICE#{invoice_id}"
        )
        return _collection(record) if record else None

    def collections(self, account_id: str) -> list[Collection]:
        """Give every collection of an account."""
        found = self._tables.query_records(
            CollectionRecord, _account(account_id), starts_with="INVOICE#"
        )
        return [_collection(record) for record in found]

    def unpaid(self) -> Iterator[Collection]:
        """Give the collections not settled, the oldest first."""
        yield from map(_collection, self._tables.listing_records(CollectionRecord, _UNPAID))

    def settled(self, limit: int) -> Iterator[Collection]:
        """Give the last collections settled, the newest first."""
        found = self._tables.listing_records(
            CollectionRecord, _SETTLED, newest_first=True, limit=limit
        )
        yield from map(_collection, found)

    def save_collection(self, collection: Collection) -> Put:
        """Make the write of a collection."""
        settled = collection.state is CollectionState.SETTLED
        listed_at = collection.settled_at if settled else collection.opened_at
        return old_put(
            CollectionRecord(
                pk=_account(collection.account_id),
                sk=f"INVOICE#{collection.invoice_id}",
                number=collection.number,
                amount_cents=collection.amount_cents,
                state=collection.state.value,
                opened_at=iso(collection.opened_at),
                intent_id=collection.intent_id,
                reason=collection.reason,
                attempt=collection.attempt,
                attempts=collection.attempts,
                charged_at=_iso(collection.charged_at),
                first_declined_at=_iso(collection.first_declined_at),
                last_attempt_at=_iso(collection.last_attempt_at),
                settled_at=_iso(collection.settled_at),
                due_on=_day(collection.due_on),
                payment_mode=collection.payment_mode,
                left_cents=collection.left_cents,
                carried_cents=collection.carried_cents,
                spent_intents=collection.spent_intents,
                disputed=int(collection.disputed),
                reopened_on=_day(collection.reopened_on),
                list_key=_SETTLED if settled else _UNPAID,
                list_sort=f"{iso(listed_at or collection.opened_at)}#{collection.invoice_id}",
                version=collection.version,
            )
        )

    def place_of(self, intent_id: str) -> InvoicePlace | None:
        """Find the invoice an intent collects."""
        record = self._tables.get_record(IntentRecord, f"INTENT#{intent_id}", "INVOICE")
        return InvoicePlace(record.account_id, record.invoice_id) if record else None

    def save_place(self, intent_id: str, place: InvoicePlace) -> Put:
        """Make the write that tells which invoice an intent collects; it is the same for ever."""
        return old_put(
            IntentRecord(
                pk=f"INTENT#{intent_id}",
                sk="INVOICE",
                account_id=place.account_id,
                invoice_id=place.invoice_id,
            ),
            always=True,
        )

    # notices
    def event_handled(self, event_id: str) -> bool:
        """Tell whether a notice was handled."""
        return self._tables.get_record(EventRecord, f"EVENT#{event_id}", "EVENT") is not None

    def save_event(self, event: Event, handled_at: datetime) -> Put:
        """Make the write that marks a notice handled; a second one makes the commit fail."""
        return old_put(
            EventRecord(
                pk=f"EVENT#{event.id}",
                sk="EVENT",
                type=event.type,
                object_id=event.object_id,
                handled_at=iso(handled_at),
                expires=int((handled_at + _EVENT_KEPT).timestamp()),
            )
        )


def _account(account_id: str) -> str:
    return f"ACC#{account_id}"


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _instant(text: str | None) -> datetime | None:
    return instant(text) if text else None


def _collection(record: CollectionRecord) -> Collection:
    return Collection(
        invoice_id=record.sk.removeprefix("INVOICE#"),
        account_id=record.pk.removeprefix("ACC#"),
        number=record.number,
        amount_cents=int(record.amount_cents),
        state=CollectionState(record.state),
        opened_at=instant(record.opened_at),
        intent_id=record.intent_id,
        reason=record.reason,
        attempt=record.attempt,
        attempts=int(record.attempts),
        charged_at=_instant(record.charged_at),
        first_declined_at=_instant(record.first_declined_at),
        last_attempt_at=_instant(record.last_attempt_at),
        settled_at=_instant(record.settled_at),
        due_on=_date(record.due_on),
        payment_mode=record.payment_mode,
        left_cents=int(record.left_cents),
        carried_cents=int(record.carried_cents),
        spent_intents=int(record.spent_intents),
        disputed=bool(record.disputed),
        reopened_on=_date(record.reopened_on),
        version=int(record.version),
    )
