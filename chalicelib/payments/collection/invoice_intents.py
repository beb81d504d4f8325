"""The one intent of an invoice at the processor, found again whatever died (PAY-3).

Opening an intent charges nothing; only the one that our record names is ever tried, and one that
succeeded cannot be tried again.  So even two intents made by accident are never both charged.
Another one is opened only after one that can bring no more money: cancelled at Stripe, or paid
and taken back by a dispute or a reversal; its rank is part of its natural key.
"""

from dataclasses import dataclass, replace

from chalicelib.foundation.errors import FinalGatewayError, NotFoundError
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.collection.outcomes import Outcomes
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.payment import Collection, CollectionState, InvoicePlace
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import (
    LEAST_CHARGE_CENTS,
    TRYABLE,
    CardProcessor,
    Charge,
    ChargeRequest,
    ChargeStatus,
)
from chalicelib.payments.terms.payment_terms import PaymentTermsTable


@dataclass(kw_only=True)
class InvoiceIntents:
    """Opens collections and their intents, once each.  Raises ConflictError: try again."""

    processor: CardProcessor
    storage: PaymentsStorage
    cards: CardsStorage
    outcomes: Outcomes
    books: Books
    terms: PaymentTermsTable
    recording: Recording

    def opened(self, receivable: Receivable) -> Collection:
        """Give the stored collection, so that whatever happens next, retry_due knows of it."""
        collection = self.outcomes.collection(receivable)
        if collection.version:
            return collection
        self.recording.commit(self.storage.save_collection(collection))
        return replace(collection, version=1)

    def of(self, receivable: Receivable) -> tuple[Collection, Charge]:
        """Give the collection and its one intent as it is now, opening it when there is none.

        Looked up by our record, then by the invoice among the customer's intents (Stripe forgets
        idempotency keys after a day), only then made (PAY-3).
        """
        collection = self.outcomes.collection(receivable)
        if collection.intent_id:
            charge = self._checked(receivable, self.processor.charge(collection.intent_id))
            if not self._is_spent(collection, charge):
                return self._of_right_amount(receivable, collection, charge)
            collection = replace(
                collection,
                intent_id=None,
                spent_intents=collection.spent_intents + 1,
                attempt="",
                carried_cents=0,
            )
        customer = self.cards.customer(receivable.account_id)
        if customer is None:
            raise NotFoundError
        carried = self._carried(collection)
        rank = collection.spent_intents
        charge = self.processor.find_charge(
            customer.customer_id, receivable.invoice_id, rank
        ) or self.processor.open_charge(
            ChargeRequest(
                invoice_id=receivable.invoice_id,
                account_id=receivable.account_id,
                number=receivable.number,
                customer_id=customer.customer_id,
                amount_cents=self.books.left_cents(receivable, collection) + carried,
                rank=rank,
            )
        )
        named = replace(
            collection,
            intent_id=charge.intent_id,
            carried_cents=carried,
            charged_at=collection.charged_at or self.recording.now(),
        )
        place = InvoicePlace(receivable.account_id, receivable.invoice_id)
        self.recording.commit(
            self.storage.save_collection(named), self.storage.save_place(charge.intent_id, place)
        )
        named = replace(named, version=named.version + 1)
        return self._of_right_amount(receivable, named, self._checked(receivable, charge))

    def _is_spent(self, collection: Collection, charge: Charge) -> bool:
        """Tell whether an intent can bring no more money while the invoice still wants some."""
        if charge.status is ChargeStatus.CANCELLED:
            return True
        noted = charge.intent_id in {entry.id for entry in self.books.entries(collection)}
        return charge.status is ChargeStatus.SUCCEEDED and noted and not collection.disputed

    def _of_right_amount(
        self, receivable: Receivable, collection: Collection, charge: Charge
    ) -> tuple[Collection, Charge]:
        """Have the intent collect what is left now: a transfer or a credit note may have come."""
        wanted = self.books.left_cents(receivable, collection) + collection.carried_cents
        if charge.status in TRYABLE and charge.amount_cents != wanted >= LEAST_CHARGE_CENTS:
            charge = self.processor.change_amount(charge.intent_id, wanted)
        return collection, charge

    def _carried(self, collection: Collection) -> int:
        """Add up the account's rests, too small to be charged alone (PAY-1)."""
        terms = self.terms.on(self.recording.today())
        others = self.storage.collections(collection.account_id)
        return sum(
            other.left_cents
            for other in others
            if other.invoice_id != collection.invoice_id
            and other.state is not CollectionState.SETTLED
            and other.payment_mode != "claim"
            and not other.disputed
            and terms.is_carried(other.left_cents)
        )

    def _checked(self, receivable: Receivable, charge: Charge) -> Charge:
        """Refuse to go on with an intent that is not this invoice's."""
        if charge.invoice_id != receivable.invoice_id:
            raise FinalGatewayError(
                f"intent {charge.intent_id} does not fit {receivable.invoice_id}", code="mismatch"
            )
        return charge
