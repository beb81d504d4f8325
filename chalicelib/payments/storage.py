"""Records of payments: collections, the ledger, notices already handled.

One partition per account, so that a client's invoices are read in one go:
``INVOICE#id`` (collection), ``LEDGER#invoice#id`` (settlement), and what ``card_storage.py`` adds.
Beside it ``INTENT#id`` finds the invoice of an intent, ``EVENT#id`` is a notice handled.
The listing holds collections: ``UNPAID`` by age, ``SETTLED`` by the instant settled.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.foundation.records import (
    NumberAttribute,
    Record,
    UnicodeAttribute,
    instant,
    iso,
)
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.payment import (
    Collection,
    CollectionState,
    InvoicePlace,
    Settlement,
    SettlementKind,
)
from chalicelib.payments.ports import Event

_EVENT_KEPT = timedelta(days=90)  # Stripe stops sending a notice again after three days
_UNPAID, _SETTLED = "UNPAID", "SETTLED"


class PaymentRecord(Record):
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
    first_declined_at = UnicodeAttribute(null=True)
    last_attempt_at = UnicodeAttribute(null=True)
    settled_at = UnicodeAttribute(null=True)


class SettlementRecord(PaymentRecord):
    """``Settlement``: written once, never changed."""

    invoice_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    amount_cents = NumberAttribute()
    at = UnicodeAttribute()
    reference = UnicodeAttribute()
    card_brand = UnicodeAttribute(default="")
    card_last4 = UnicodeAttribute(default="")


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
        record = self._tables.get(CollectionRecord, _account(account_id), f"INVOICE#{invoice_id}")
        return _collection(record) if record else None

    def collections(self, account_id: str) -> list[Collection]:
        """Give every collection of an account."""
        found = self._tables.query(CollectionRecord, _account(account_id), starts_with="INVOICE#")
        return [_collection(record) for record in found]

    def unpaid(self) -> Iterator[Collection]:
        """Give the collections not settled, the oldest first."""
        yield from map(_collection, self._tables.listing(CollectionRecord, _UNPAID))

    def settled(self, limit: int) -> Iterator[Collection]:
        """Give the last collections settled, the newest first."""
        found = self._tables.listing(CollectionRecord, _SETTLED, newest_first=True, limit=limit)
        yield from map(_collection, found)

    def save_collection(self, collection: Collection) -> Put:
        """Make the write of a collection."""
        settled = collection.state is CollectionState.SETTLED
        listed_at = collection.settled_at if settled else collection.opened_at
        return Put(
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
                first_declined_at=_iso(collection.first_declined_at),
                last_attempt_at=_iso(collection.last_attempt_at),
                settled_at=_iso(collection.settled_at),
                list_key=_SETTLED if settled else _UNPAID,
                list_sort=f"{iso(listed_at or collection.opened_at)}#{collection.invoice_id}",
                version=collection.version,
            )
        )

    def place_of(self, intent_id: str) -> InvoicePlace | None:
        """Find the invoice an intent collects."""
        record = self._tables.get(IntentRecord, f"INTENT#{intent_id}", "INVOICE")
        return InvoicePlace(record.account_id, record.invoice_id) if record else None

    def save_place(self, intent_id: str, place: InvoicePlace) -> Put:
        """Make the write that tells which invoice an intent collects; it is the same for ever."""
        return Put(
            IntentRecord(
                pk=f"INTENT#{intent_id}",
                sk="INVOICE",
                account_id=place.account_id,
                invoice_id=place.invoice_id,
            ),
            always=True,
        )

    # ledger
    def settlements(self, account_id: str, invoice_id: str = "") -> list[Settlement]:
        """Give the ledger of one invoice, or of all the account's."""
        prefix = f"LEDGER#{invoice_id}#" if invoice_id else "LEDGER#"
        found = self._tables.query(SettlementRecord, _account(account_id), starts_with=prefix)
        return [_settlement(record) for record in found]

    def save_settlement(self, settlement: Settlement) -> Put:
        """Make the write of a movement; one already there makes the commit fail."""
        return Put(
            SettlementRecord(
                pk=_account(settlement.account_id),
                sk=f"LEDGER#{settlement.invoice_id}#{settlement.id}",
                invoice_id=settlement.invoice_id,
                kind=settlement.kind.value,
                amount_cents=settlement.amount_cents,
                at=iso(settlement.at),
                reference=settlement.reference,
                card_brand=settlement.card_brand,
                card_last4=settlement.card_last4,
            )
        )

    # notices
    def event_handled(self, event_id: str) -> bool:
        """Tell whether a notice was handled."""
        return self._tables.get(EventRecord, f"EVENT#{event_id}", "EVENT") is not None

    def save_event(self, event: Event, handled_at: datetime) -> Put:
        """Make the write that marks a notice handled; a second one makes the commit fail."""
        return Put(
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
        first_declined_at=_instant(record.first_declined_at),
        last_attempt_at=_instant(record.last_attempt_at),
        settled_at=_instant(record.settled_at),
        version=int(record.version),
    )


def _settlement(record: SettlementRecord) -> Settlement:
    return Settlement(
        id=record.sk.rsplit("#", 1)[1],
        invoice_id=record.invoice_id,
        account_id=record.pk.removeprefix("ACC#"),
        kind=SettlementKind(record.kind),
        amount_cents=int(record.amount_cents),
        at=instant(record.at),
        reference=record.reference,
        card_brand=record.card_brand,
        card_last4=record.card_last4,
    )
