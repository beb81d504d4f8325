"""What the state of an intent means for the ledger, the journal and the client (PAY-2, PAY-3).

The same function serves the direct answer of an attempt and every notice, so that it does not
matter which of them comes first, how often, or in which order.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.legal.journal import Journal
from chalicelib.notifications.mails import mail
from chalicelib.payments.payment import (
    AUTHENTICATION,
    Card,
    Collection,
    CollectionState,
    InvoicePlace,
    Settlement,
    SettlementKind,
)
from chalicelib.payments.ports import Charge, ChargeStatus, Payers, Receivable, greeted
from chalicelib.payments.stores import CardsStore, PaymentsStore

Change = Write | Message
BY = "stripe"


@dataclass(frozen=True)
class News:
    """What is to be committed; ``more`` when the same state holds another fact, for a next commit.

    The journal takes one entry of an account per commit, hence one fact at a time.
    """

    changes: tuple[Change, ...] = ()
    more: bool = False


class Outcomes:
    """Compares an intent with what is recorded, and makes the changes that close the difference."""

    def __init__(
        self,
        *,
        storage: PaymentsStore,
        cards: CardsStore,
        payers: Payers,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._cards = cards
        self._payers = payers
        self._journal = journal
        self._clock = clock

    def collection(self, receivable: Receivable) -> Collection:
        """Give the collection of an invoice, or a new one, not stored yet."""
        stored = self._storage.collection(receivable.account_id, receivable.invoice_id)
        return stored or Collection(
            invoice_id=receivable.invoice_id,
            account_id=receivable.account_id,
            number=receivable.number,
            amount_cents=receivable.amount_cents,
            state=CollectionState.STARTED,
            opened_at=self._clock.now(),
        )

    def news(self, collection: Collection, charge: Charge, *, silent: bool = False) -> News:
        """Compare; ``charge`` must have been fetched after ``collection`` was read.

        ``silent`` sends no mail about a refusal: its holder sees it on the page (PAY-2, PAY-3).
        """
        if charge.status is ChargeStatus.SUCCEEDED:
            return self._received(collection, charge)
        if charge.intent_id != (collection.intent_id or charge.intent_id):
            return News()  # not the intent of ours: only money received would count
        if collection.state is CollectionState.SETTLED:
            return News()
        if charge.status is ChargeStatus.DECLINED:
            return self._declined(collection, charge, silent=silent)
        return self._under_way(collection, charge)

    def asked(self, collection: Collection, by: str) -> Write:
        """Note who has an invoice tried again, before the card is."""
        facts = self._facts(collection, None)
        return self._journal.entry(collection.account_id, "payment.retried", facts, by=by)

    def not_tried(self, collection: Collection, reason: str) -> News:
        """Note an attempt that could not be made: no card, or one not accepted (PAY-3)."""
        return self._refused(collection, None, reason, attempt=collection.attempt, silent=False)

    def _received(self, collection: Collection, charge: Charge) -> News:
        ledger = [
            entry
            for entry in self._storage.settlements(collection.account_id, collection.invoice_id)
            if entry.reference == charge.intent_id
        ]
        given_back = -sum(entry.amount_cents for entry in ledger if entry.amount_cents < 0)
        refund_due = charge.refunded_cents - given_back
        if not ledger:
            return News(self._settled(collection, charge), more=refund_due > 0)
        if refund_due > 0:
            return News(self._refunded(collection, charge, refund_due))
        return News()

    def _settled(self, collection: Collection, charge: Charge) -> tuple[Change, ...]:
        now = self._clock.now()
        card = self._card(collection, charge.card_id)
        entry = Settlement(
            id=charge.intent_id,
            invoice_id=collection.invoice_id,
            account_id=collection.account_id,
            kind=SettlementKind.CARD,
            amount_cents=charge.received_cents,
            at=now,
            reference=charge.intent_id,
            card_brand=card.brand if card else "",
            card_last4=card.last4 if card else "",
        )
        before = self._storage.settlements(collection.account_id, collection.invoice_id)
        paid = sum(e.amount_cents for e in before if e.amount_cents > 0) + entry.amount_cents
        settled = paid >= collection.amount_cents
        facts = self._facts(collection, charge) | {"amount_cents": entry.amount_cents}
        return (
            self._storage.save_settlement(entry),
            self._storage.save_collection(
                replace(
                    collection,
                    state=CollectionState.SETTLED if settled else collection.state,
                    settled_at=now if settled else None,
                    intent_id=collection.intent_id or charge.intent_id,
                    reason="" if settled else collection.reason,
                )
            ),
            self._place(collection, charge),
            self._journal.entry(collection.account_id, "payment.settled", facts, by=BY),
            self._receipt(collection, entry),
        )

    def _receipt(self, collection: Collection, entry: Settlement) -> Message:
        payer = self._payers.account(AccountId(collection.account_id))
        return mail(
            "receipt",
            payer.email,
            payer.language,
            {
                "name": greeted(payer),
                "number": collection.number,
                "amount_cents": entry.amount_cents,
                "paid_at": entry.at.isoformat(),
                "card_brand": entry.card_brand,
                "card_last4": entry.card_last4,
                "path": f"/invoices/{collection.invoice_id}",
            },
            key=f"receipt:{collection.invoice_id}:{entry.id}",
        )

    def _refunded(self, collection: Collection, charge: Charge, cents: int) -> tuple[Change, ...]:
        entry = Settlement(
            id=f"{charge.intent_id}:{charge.refunded_cents}",
            invoice_id=collection.invoice_id,
            account_id=collection.account_id,
            kind=SettlementKind.REFUND,
            amount_cents=-cents,
            at=self._clock.now(),
            reference=charge.intent_id,
        )
        facts = self._facts(collection, charge) | {"amount_cents": -cents}
        return (
            self._storage.save_settlement(entry),
            # Unchanged but for its version: two notices at once must not both count this refund.
            self._storage.save_collection(collection),
            self._journal.entry(collection.account_id, "payment.refunded", facts, by=BY),
        )

    def _declined(self, collection: Collection, charge: Charge, *, silent: bool) -> News:
        if charge.attempt == collection.attempt:
            return News()
        return self._refused(
            collection, charge, charge.reason, attempt=charge.attempt, silent=silent
        )

    def _refused(
        self,
        collection: Collection,
        charge: Charge | None,
        reason: str,
        *,
        attempt: str,
        silent: bool,
    ) -> News:
        now = self._clock.now()
        asked = reason == AUTHENTICATION
        noted = replace(
            collection,
            state=CollectionState.ACTION_REQUIRED if asked else CollectionState.DECLINED,
            intent_id=collection.intent_id or (charge.intent_id if charge else None),
            reason=reason,
            attempt=attempt,
            attempts=collection.attempts + 1,
            first_declined_at=collection.first_declined_at or now,
            last_attempt_at=now,
        )
        facts = self._facts(noted, charge) | {
            "amount_cents": collection.amount_cents,
            "reason": reason,
        }
        changes: list[Change] = [
            self._storage.save_collection(noted),
            self._journal.entry(collection.account_id, "payment.declined", facts, by=BY),
        ]
        if charge:
            changes.append(self._place(collection, charge))
        if not silent:
            changes.append(self._failure(noted, charge, now))
        return News(tuple(changes))

    def _failure(self, collection: Collection, charge: Charge | None, now: datetime) -> Message:
        payer = self._payers.account(AccountId(collection.account_id))
        card = self._card(collection, charge.card_id if charge else None)
        return mail(
            "payment_failed",
            payer.email,
            payer.language,
            {
                "name": greeted(payer),
                "number": collection.number,
                "amount_cents": collection.amount_cents,
                "reason": collection.reason,
                "card_brand": card.brand if card else "",
                "card_last4": card.last4 if card else "",
                "declined_at": now.isoformat(),
                "path": f"/invoices/{collection.invoice_id}",
            },
            key=f"payment_failed:{collection.invoice_id}:{collection.attempts}",
        )

    def _under_way(self, collection: Collection, charge: Charge) -> News:
        """Note what is neither paid nor refused: no journal entry, nothing was decided."""
        states = {
            ChargeStatus.PROCESSING: (CollectionState.PROCESSING, ""),
            ChargeStatus.ACTION_REQUIRED: (CollectionState.ACTION_REQUIRED, AUTHENTICATION),
            ChargeStatus.CANCELLED: (CollectionState.DECLINED, "cancelled"),
        }
        if charge.status not in states:
            return News()
        state, reason = states[charge.status]
        if (collection.state, collection.reason) == (state, reason):
            return News()
        now = self._clock.now()
        noted = replace(
            collection,
            state=state,
            reason=reason,
            attempt=charge.attempt,
            attempts=collection.attempts + 1,
            intent_id=collection.intent_id or charge.intent_id,
            last_attempt_at=now,
        )
        return News((self._storage.save_collection(noted), self._place(collection, charge)))

    def _place(self, collection: Collection, charge: Charge) -> Write:
        place = InvoicePlace(collection.account_id, collection.invoice_id)
        return self._storage.save_place(charge.intent_id, place)

    def _card(self, collection: Collection, card_id: str | None) -> Card | None:
        return self._cards.card(collection.account_id, card_id) if card_id else None

    def _facts(self, collection: Collection, charge: Charge | None) -> dict[str, str | int]:
        facts: dict[str, str | int] = {
            "invoice_id": collection.invoice_id,
            "number": collection.number,
            "attempts": collection.attempts,
        }
        return facts | {"intent_id": charge.intent_id} if charge else facts
