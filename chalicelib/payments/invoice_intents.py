"""The one intent of an invoice at the processor, found again whatever died (PAY-3).

Opening an intent charges nothing; only the one that our record names is ever tried, and one that
succeeded cannot be tried again.  So even two intents made by accident are never both charged.
"""

from dataclasses import replace

from chalicelib.foundation.errors import FinalGatewayError, NotFoundError
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.payments.outcomes import Outcomes
from chalicelib.payments.payment import Collection, InvoicePlace
from chalicelib.payments.ports import CardProcessor, Charge, ChargeRequest, Receivable
from chalicelib.payments.stores import CardsStore, PaymentsStore


class InvoiceIntents:
    """Opens collections and their intents, once each.  Raises ConflictError: try again."""

    def __init__(
        self,
        *,
        processor: CardProcessor,
        storage: PaymentsStore,
        cards: CardsStore,
        outcomes: Outcomes,
        work: UnitOfWork,
    ) -> None:
        self._processor = processor
        self._storage = storage
        self._cards = cards
        self._outcomes = outcomes
        self._work = work

    def opened(self, receivable: Receivable) -> Collection:
        """Give the stored collection, so that whatever happens next, retry_due knows of it."""
        collection = self._outcomes.collection(receivable)
        if collection.version:
            return collection
        self._work.commit(self._storage.save_collection(collection))
        return replace(collection, version=1)

    def of(self, receivable: Receivable) -> tuple[Collection, Charge]:
        """Give the collection and its one intent as it is now, opening it when there is none.

        Looked up by our record, then by the invoice among the customer's intents (Stripe forgets
        idempotency keys after a day), only then made (PAY-3).
        """
        collection = self._outcomes.collection(receivable)
        if collection.intent_id:
            return collection, self._checked(
                receivable, self._processor.charge(collection.intent_id)
            )
        customer = self._cards.customer(receivable.account_id)
        if customer is None:
            raise NotFoundError
        charge = self._processor.find_charge(
            customer.customer_id, receivable.invoice_id
        ) or self._processor.open_charge(
            ChargeRequest(
                invoice_id=receivable.invoice_id,
                account_id=receivable.account_id,
                number=receivable.number,
                customer_id=customer.customer_id,
                amount_cents=receivable.amount_cents,
            )
        )
        named = replace(collection, intent_id=charge.intent_id)
        place = InvoicePlace(receivable.account_id, receivable.invoice_id)
        self._work.commit(
            self._storage.save_collection(named), self._storage.save_place(charge.intent_id, place)
        )
        return replace(named, version=named.version + 1), self._checked(receivable, charge)

    def _checked(self, receivable: Receivable, charge: Charge) -> Charge:
        """Refuse to go on with an intent that is not this invoice's, to the cent."""
        if (charge.invoice_id, charge.amount_cents) != (
            receivable.invoice_id,
            receivable.amount_cents,
        ):
            raise FinalGatewayError(
                f"intent {charge.intent_id} does not fit {receivable.invoice_id}", code="mismatch"
            )
        return charge
