"""Collects issued invoices by card, once, whatever dies or comes twice.

CGV art. 8.2; PAY-1, PAY-3.  How an invoice comes to its one intent: ``invoice_intents.py``; what an
intent's state means: ``outcomes.py``.
"""

import logging
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.collection.invoice_intents import InvoiceIntents
from chalicelib.payments.collection.noting import Noting
from chalicelib.payments.collection.outcomes import Outcomes
from chalicelib.payments.collection.retry_days import next_retry_on, retry_due_on
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.payment import (
    NO_CARD,
    UNUSABLE_CARD,
    Card,
    Collection,
    CollectionState,
    PaymentStatus,
    payment_status,
)
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import (
    TRYABLE,
    Attempt,
    CardProcessor,
    CardUnusable,
    ChargeStatus,
)
from chalicelib.payments.terms.dunning_policies import DunningPolicies
from chalicelib.payments.terms.payment_terms import PaymentTermsTable

log = logging.getLogger(__name__)
_UNDECIDED = {CollectionState.STARTED, CollectionState.PROCESSING}


@dataclass(frozen=True)
class PaymentOutcome:
    """What a client's payment led to: ``redirect_url`` is where to authenticate, if asked."""

    state: ChargeStatus
    redirect_url: str | None = None


@dataclass(kw_only=True)
class CollectionService:
    """Charges invoices off session, by the client's hand, and again on the days of PAY-3."""

    processor: CardProcessor
    receivables: InvoiceReceivables
    storage: PaymentsStorage
    ledger: LedgerStorage
    cards: CardsStorage
    policies: DunningPolicies
    terms: PaymentTermsTable
    outcomes: Outcomes
    books: Books
    intents: InvoiceIntents
    noting: Noting
    recording: Recording

    # what there is
    def status_of(self, invoice_id: str) -> PaymentStatus:
        """Give an invoice's payment as it stands.  Raises NotFoundError."""
        receivable = self.receivables.receivable(invoice_id)
        account_id = receivable.account_id
        collection = self.storage.collection(account_id, invoice_id)
        return payment_status(
            invoice_id,
            receivable.amount_cents,
            collection,
            self.ledger.settlements(account_id, invoice_id),
            next_retry_on=self.next_retry_on(collection) if collection else None,
        )

    def statuses_of(self, account_id: str) -> dict[str, PaymentStatus]:
        """Give, by invoice, the payments of an account; an invoice not tried yet is not in it."""
        ledger = self.ledger.settlements(account_id)
        return {
            collection.invoice_id: payment_status(
                collection.invoice_id,
                collection.amount_cents,
                collection,
                [entry for entry in ledger if entry.invoice_id == collection.invoice_id],
                next_retry_on=self.next_retry_on(collection),
            )
            for collection in self.storage.collections(account_id)
        }

    def next_retry_on(self, collection: Collection) -> date | None:
        """Give the next day on which the card will be tried by itself; None for none (PAY-3)."""
        if collection.payment_mode != "card" or collection.disputed:
            return None
        return next_retry_on(
            collection, self.recording.today(), self.policies.retries(collection.first_declined_at)
        )

    def _due(self, collection: Collection) -> bool:
        days = self.policies.retries(collection.first_declined_at)
        return retry_due_on(collection, self.recording.today(), days) is not None

    def unpaid(self) -> list[Collection]:
        """Give every collection not settled, the oldest first."""
        return list(self.storage.unpaid())

    def recently_settled(self, limit: int = 50) -> list[Collection]:
        """Give the last collections settled, the newest first."""
        return list(self.storage.settled(limit))

    # collecting
    def collect(self, invoice_id: str) -> None:
        """Do what an invoice's collection calls for now; again changes nothing (PAY-1, PAY-3).

        The first attempt, one that was cut short, or a retry that is due.  Raises
        TemporaryGatewayError when Stripe does not answer: the message comes back.
        """
        receivable = self.receivables.receivable(invoice_id)
        collection = self.opened(receivable)
        if not self._by_card(receivable, collection):
            return
        if collection.state in _UNDECIDED or self._due(collection):
            self._try(receivable)

    def opened(self, receivable: Receivable) -> Collection:
        """Give the stored collection of an invoice."""
        return self.recording.again(lambda: self.intents.opened(receivable))

    def _by_card(self, receivable: Receivable, collection: Collection) -> bool:
        """Tell whether what is left is charged by itself; the rest waits (PAY-1, PAY-4).

        A rest waits for the next invoice's charge, which carries it.
        """
        if collection.state is CollectionState.SETTLED or collection.disputed:
            return False
        left_cents = self.books.left_cents(receivable, collection)
        if receivable.payment_mode == "card" and not self._is_carried(left_cents):
            return True
        if collection.state is not CollectionState.WAITING:
            self.recording.again(lambda: self._wait(receivable))
        return False

    def _is_carried(self, left_cents: int) -> bool:
        return self.terms.on(self.recording.today()).is_carried(left_cents)

    def _wait(self, receivable: Receivable) -> None:
        collection = self.outcomes.collection(receivable)
        if collection.state is not CollectionState.SETTLED:
            waiting = replace(collection, state=CollectionState.WAITING, first_declined_at=None)
            self.recording.commit(self.storage.save_collection(waiting))

    def pay_now(self, account_id: str, invoice_id: str, return_url: str) -> PaymentOutcome:
        """Pay with the default card, the client being there to authenticate (PAY-3).

        Raises NotFoundError for another account's invoice, DomainError without a card.
        """
        receivable = self._owned(account_id, invoice_id)
        collection = self.outcomes.collection(receivable)
        if collection.disputed:
            raise DomainError(
                "Votre banque conteste déjà un paiement de cette facture\u00a0: "
                "attendez sa décision avant de payer de nouveau.",
                article="8.2",
            )
        left_cents = self.books.left_cents(receivable, collection)
        if left_cents and self._is_carried(left_cents):
            raise DomainError(
                "Ce montant est trop faible pour être payé par carte\u00a0: il s’ajoutera au "
                "prochain prélèvement, ou peut être réglé par virement."
            )
        if self._default_card(account_id) is None:
            raise DomainError("Aucune carte n’est enregistrée. Ajoutez-en une pour payer.")
        return self._try(receivable, return_url)

    def try_again(self, invoice_id: str, *, by: str) -> PaymentOutcome:
        """Try an unpaid invoice at once, without its client; the journal keeps who asked.

        Raises NotFoundError for an invoice that is not being collected by card.
        """
        receivable = self.receivables.receivable(invoice_id)
        collection = self.storage.collection(receivable.account_id, invoice_id)
        if collection is None or collection.payment_mode != "card":
            raise NotFoundError
        if collection.state is not CollectionState.SETTLED:
            self.recording.again(lambda: self.recording.commit(self.outcomes.asked(collection, by)))
        return self._try(receivable)

    def refresh(self, account_id: str, invoice_id: str) -> None:
        """Ask how the invoice's intent stands, for a client who comes back from authenticating."""
        receivable = self._owned(account_id, invoice_id)
        collection = self.outcomes.collection(receivable)
        if collection.intent_id and collection.state is not CollectionState.SETTLED:
            self.noting.look(receivable, collection.intent_id)

    def retry_due(self) -> int:
        """Ask for every collection that is due; tell how many (PAY-3).

        Woken daily; what is due follows from the records, so a missed or doubled call is harmless.
        """
        day, asked = self.recording.today(), 0
        for collection in self.storage.unpaid():
            if collection.payment_mode != "card" or collection.disputed:
                continue
            if collection.state in _UNDECIDED or self._due(collection):
                key = f"retry:{collection.invoice_id}:{day}"
                again = CollectInvoice(invoice_id=collection.invoice_id)
                self.recording.commit(again.message(key))
                asked += 1
        return asked

    def _owned(self, account_id: str, invoice_id: str) -> Receivable:
        receivable = self.receivables.receivable(invoice_id)
        if receivable.account_id != account_id:
            raise NotFoundError
        return receivable

    def _default_card(self, account_id: str) -> Card | None:
        customer = self.cards.customer(account_id)
        if customer is None or customer.default_card_id is None:
            return None
        card = self.cards.card(account_id, customer.default_card_id)
        return card if card and not card.removed_at else None

    def _try(self, receivable: Receivable, return_url: str | None = None) -> PaymentOutcome:
        collection = self.opened(receivable)
        left_cents = self.books.left_cents(receivable, collection)
        if self._is_carried(left_cents) or collection.disputed:
            return PaymentOutcome(ChargeStatus.NEW if left_cents else ChargeStatus.SUCCEEDED)
        card = self._default_card(receivable.account_id)
        if card is None:
            self._note_not_tried(receivable, NO_CARD)
            return PaymentOutcome(ChargeStatus.DECLINED)
        collection, charge = self.recording.again(lambda: self.intents.of(receivable))
        unrecorded = charge.status is ChargeStatus.DECLINED and charge.attempt != collection.attempt
        if unrecorded or charge.status not in TRYABLE:
            # An attempt whose answer we did not live to record, or nothing left to try.
            collection = self.noting.note(receivable, collection, charge)
            if charge.status not in TRYABLE or return_url is None:
                return PaymentOutcome(charge.status)
        if return_url and charge.redirect_url and charge.card_id == card.id:
            return PaymentOutcome(charge.status, charge.redirect_url)  # authentication under way
        try:
            charge = self.processor.attempt(
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
        self.noting.note(receivable, collection, charge, silent=return_url is not None)
        return PaymentOutcome(charge.status, charge.redirect_url if return_url else None)

    def _note_not_tried(self, receivable: Receivable, reason: str) -> None:
        def note() -> None:
            collection = self.outcomes.collection(receivable)
            if collection.state is not CollectionState.SETTLED:
                self.recording.commit(*self.outcomes.not_tried(collection, reason).changes)

        self.recording.again(note)


def _attempt_key(collection: Collection, card: Card, return_url: str | None) -> str:
    """Name an attempt, so that two workers at once, or one that died and came back, make one."""
    manner = "present" if return_url else "absent"
    tried = f"{collection.intent_id}:{collection.attempts + 1}"
    return f"attempt:{tried}:{card.id}:{manner}"
