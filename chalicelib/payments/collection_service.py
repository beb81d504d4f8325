"""Collects issued invoices by card, once, whatever dies or comes twice.

CGV art. 8.2; PAY-1, PAY-3.  How an invoice comes to its one intent: ``invoice_intents.py``; what an
intent's state means: ``outcomes.py``.
"""

import logging
from dataclasses import dataclass

from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.payments.invoice_intents import InvoiceIntents
from chalicelib.payments.outcomes import Outcomes
from chalicelib.payments.payment import (
    NO_CARD,
    UNUSABLE_CARD,
    Card,
    Collection,
    CollectionState,
    PaymentStatus,
    payment_status,
)
from chalicelib.payments.ports import (
    LEAST_CHARGE_CENTS,
    Attempt,
    CardProcessor,
    CardUnusable,
    Charge,
    ChargeStatus,
    Receivable,
    Receivables,
)
from chalicelib.payments.retry_days import next_retry_on, retry_due_on
from chalicelib.payments.stores import CardsStore, PaymentsStore

log = logging.getLogger(__name__)
_UNDECIDED = {CollectionState.STARTED, CollectionState.PROCESSING}
_TRYABLE = {ChargeStatus.NEW, ChargeStatus.DECLINED, ChargeStatus.ACTION_REQUIRED}


@dataclass(frozen=True)
class PaymentOutcome:
    """What a client's payment led to: ``redirect_url`` is where to authenticate, if asked."""

    state: ChargeStatus
    redirect_url: str | None = None


class CollectionService:
    """Charges invoices off session, by the client's hand, and again on the days of PAY-3."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        *,
        processor: CardProcessor,
        receivables: Receivables,
        storage: PaymentsStore,
        cards: CardsStore,
        outcomes: Outcomes,
        work: UnitOfWork,
        clock: Clock,
    ) -> None:
        self._processor = processor
        self._receivables = receivables
        self._storage = storage
        self._cards = cards
        self._outcomes = outcomes
        self._work = work
        self._clock = clock
        self._intents = InvoiceIntents(
            processor=processor, storage=storage, cards=cards, outcomes=outcomes, work=work
        )

    # what there is
    def status_of(self, invoice_id: str) -> PaymentStatus:
        """Give an invoice's payment as it stands.  Raises NotFoundError."""
        receivable = self._receivables.receivable(invoice_id)
        account_id = receivable.account_id
        collection = self._storage.collection(account_id, invoice_id)
        return payment_status(
            invoice_id,
            receivable.amount_cents,
            collection,
            self._storage.settlements(account_id, invoice_id),
            next_retry_on=next_retry_on(collection, today(self._clock)) if collection else None,
        )

    def statuses_of(self, account_id: str) -> dict[str, PaymentStatus]:
        """Give, by invoice, the payments of an account; an invoice not tried yet is not in it."""
        ledger = self._storage.settlements(account_id)
        day = today(self._clock)
        return {
            collection.invoice_id: payment_status(
                collection.invoice_id,
                collection.amount_cents,
                collection,
                [entry for entry in ledger if entry.invoice_id == collection.invoice_id],
                next_retry_on=next_retry_on(collection, day),
            )
            for collection in self._storage.collections(account_id)
        }

    def unpaid(self) -> list[Collection]:
        """Give every collection not settled, the oldest first."""
        return list(self._storage.unpaid())

    def recently_settled(self, limit: int = 50) -> list[Collection]:
        """Give the last collections settled, the newest first."""
        return list(self._storage.settled(limit))

    # collecting
    def collect(self, invoice_id: str) -> None:
        """Do what an invoice's collection calls for now; again changes nothing (PAY-1, PAY-3).

        The first attempt, one that was cut short, or a retry that is due.  Raises
        TemporaryGatewayError when Stripe does not answer: the message comes back.
        """
        receivable = self._receivables.receivable(invoice_id)
        if receivable.payment_mode != "card" or receivable.amount_cents < LEAST_CHARGE_CENTS:
            return
        collection = self._outcomes.collection(receivable)
        due = retry_due_on(collection, today(self._clock))
        if collection.state in _UNDECIDED or due:
            self._try(receivable)

    def pay_now(self, account_id: str, invoice_id: str, return_url: str) -> PaymentOutcome:
        """Pay with the default card, the client being there to authenticate (PAY-3).

        Raises NotFoundError for another account's invoice, DomainError without a card.
        """
        receivable = self._owned(account_id, invoice_id)
        if receivable.amount_cents < LEAST_CHARGE_CENTS:
            raise DomainError("Ce montant est trop faible pour être payé par carte.")
        if self._default_card(account_id) is None:
            raise DomainError("Aucune carte n’est enregistrée. Ajoutez-en une pour payer.")
        return self._try(receivable, return_url)

    def try_again(self, invoice_id: str, *, by: str) -> PaymentOutcome:
        """Try an unpaid invoice at once, without its client; the journal keeps who asked.

        Raises NotFoundError for an invoice that is not being collected by card.
        """
        receivable = self._receivables.receivable(invoice_id)
        collection = self._storage.collection(receivable.account_id, invoice_id)
        if collection is None:
            raise NotFoundError
        if collection.state is not CollectionState.SETTLED:
            retry_on_conflict(lambda: self._work.commit(self._outcomes.asked(collection, by)))
        return self._try(receivable)

    def refresh(self, account_id: str, invoice_id: str) -> None:
        """Ask how the invoice's intent stands, for a client who comes back from authenticating."""
        receivable = self._owned(account_id, invoice_id)
        collection = self._outcomes.collection(receivable)
        if collection.intent_id and collection.state is not CollectionState.SETTLED:
            self._note(receivable, collection, self._processor.charge(collection.intent_id))

    def retry_due(self) -> int:
        """Ask for every collection that is due; tell how many (PAY-3).

        Woken daily; what is due follows from the records, so a missed or doubled call is harmless.
        """
        day, asked = today(self._clock), 0
        for collection in self._storage.unpaid():
            if collection.state in _UNDECIDED or retry_due_on(collection, day):
                key = f"retry:{collection.invoice_id}:{day}"
                self._work.commit(
                    Message(Queue.COLLECTION, key, {"invoice_id": collection.invoice_id})
                )
                asked += 1
        return asked

    def _owned(self, account_id: str, invoice_id: str) -> Receivable:
        receivable = self._receivables.receivable(invoice_id)
        if receivable.account_id != account_id:
            raise NotFoundError
        return receivable

    def _default_card(self, account_id: str) -> Card | None:
        customer = self._cards.customer(account_id)
        if customer is None or customer.default_card_id is None:
            return None
        card = self._cards.card(account_id, customer.default_card_id)
        return card if card and not card.removed_at else None

    def _try(self, receivable: Receivable, return_url: str | None = None) -> PaymentOutcome:
        collection = retry_on_conflict(lambda: self._intents.opened(receivable))
        if collection.state is CollectionState.SETTLED:
            return PaymentOutcome(ChargeStatus.SUCCEEDED)
        card = self._default_card(receivable.account_id)
        if card is None:
            self._note_not_tried(receivable, NO_CARD)
            return PaymentOutcome(ChargeStatus.DECLINED)
        collection, charge = retry_on_conflict(lambda: self._intents.of(receivable))
        unrecorded = charge.status is ChargeStatus.DECLINED and charge.attempt != collection.attempt
        if unrecorded or charge.status not in _TRYABLE:
            # An attempt whose answer we did not live to record, or nothing left to try.
            collection = self._note(receivable, collection, charge)
            if charge.status not in _TRYABLE or return_url is None:
                return PaymentOutcome(charge.status)
        if return_url and charge.redirect_url and charge.card_id == card.id:
            return PaymentOutcome(charge.status, charge.redirect_url)  # authentication under way
        try:
            charge = self._processor.attempt(
                Attempt(
                    intent_id=charge.intent_id,
                    card_id=card.id,
                    key=_attempt_key(collection, card, return_url),
                    return_url=return_url,
                )
            )
        except CardUnusable:
            self._note_not_tried(receivable, UNUSABLE_CARD)
            return PaymentOutcome(ChargeStatus.DECLINED)
        self._note(receivable, collection, charge, silent=return_url is not None)
        return PaymentOutcome(charge.status, charge.redirect_url if return_url else None)

    def _note(
        self, receivable: Receivable, seen: Collection, charge: Charge, *, silent: bool = False
    ) -> Collection:
        """Record what an intent tells; ``seen`` is the collection read before it was fetched."""

        def compare() -> tuple[Collection, bool]:
            nonlocal seen, charge
            collection = self._outcomes.collection(receivable)
            if collection.version != seen.version:  # somebody recorded meanwhile: look again
                seen, charge = collection, self._processor.charge(charge.intent_id)
            news = self._outcomes.news(collection, charge, silent=silent)
            if news.changes:
                self._work.commit(*news.changes)
            return self._outcomes.collection(receivable), news.more

        collection, more = retry_on_conflict(compare)
        while more:
            seen = collection
            collection, more = retry_on_conflict(compare)
        return collection

    def _note_not_tried(self, receivable: Receivable, reason: str) -> None:
        def note() -> None:
            collection = self._outcomes.collection(receivable)
            if collection.state is not CollectionState.SETTLED:
                self._work.commit(*self._outcomes.not_tried(collection, reason).changes)

        retry_on_conflict(note)


def _attempt_key(collection: Collection, card: Card, return_url: str | None) -> str:
    """Name an attempt, so that two workers at once, or one that died and came back, make one."""
    manner = "present" if return_url else "absent"
    return f"attempt:{collection.invoice_id}:{collection.attempts + 1}:{card.id}:{manner}"
