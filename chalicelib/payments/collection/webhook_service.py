"""Stripe's notices: signed, handled once, and only a reason to look (PAY-2).

A notice is trusted for nothing but the id of what changed: that object is fetched, and its state
now decides.  Hence late, doubled, reordered and concurrent notices all lead to the same ledger.
"""

import logging
from dataclasses import dataclass

from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.tables import Put
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.service import CardService
from chalicelib.payments.collection.outcomes import Outcomes
from chalicelib.payments.money.payment import InvoicePlace
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import CardProcessor, Event

log = logging.getLogger(__name__)

CARD_EVENTS = frozenset({"checkout.session.completed", "setup_intent.succeeded"})
PAYMENT_EVENTS = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.processing",
        "payment_intent.canceled",
        "charge.refunded",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    }
)


@dataclass(kw_only=True)
class WebhookService:
    """Receives notices."""

    processor: CardProcessor
    receivables: InvoiceReceivables
    storage: PaymentsStorage
    cards: CardService
    outcomes: Outcomes
    recording: Recording

    def receive(self, raw_body: bytes, signature: str) -> None:
        """Handle a notice; returning acknowledges it, raising makes Stripe send it again.

        Raises BadWebhook, having written nothing, when it is not signed by Stripe or is too old.
        """
        event = self.processor.read_event(raw_body, signature)
        if event.type in CARD_EVENTS:
            self._card_saved(event)
        elif event.type in PAYMENT_EVENTS and event.intent_id:
            self._payment_changed(event, event.intent_id)

    def _card_saved(self, event: Event) -> None:
        found = self.cards.find_saved(event.object_id)
        if found is None:
            return
        owner, saved = found

        def keep() -> None:
            if not self.storage.event_handled(event.id):
                self.recording.commit(*self.cards.changes(owner, saved), self._handled(event))

        self.recording.again(keep)
        # Also for a copy: the first one may have died just here.
        self.cards.announce(owner)

    def _payment_changed(self, event: Event, intent_id: str) -> None:
        if self.storage.event_handled(event.id):
            return
        receivable = self._receivable(intent_id)
        if receivable is None:
            log.info("notice of another's intent", extra={"event": event.id, "intent": intent_id})
            return
        while self.recording.again(lambda: self._take_note(event, intent_id, receivable)):
            pass

    def _take_note(self, event: Event, intent_id: str, receivable: Receivable) -> bool:
        """Commit one fact, the last with the notice itself; tell whether another follows."""
        if self.storage.event_handled(event.id):
            return False
        # In this order: what is fetched is then at least as recent as what is compared with it.
        collection = self.outcomes.collection(receivable)
        charge = self.processor.charge(intent_id)
        news = self.outcomes.news(collection, charge)
        self.recording.commit(*news.changes, *(() if news.more else (self._handled(event),)))
        return news.more

    def _receivable(self, intent_id: str) -> Receivable | None:
        """Find the invoice of an intent: by our record, else by what the intent itself says."""
        place = self.storage.place_of(intent_id)
        if place is None:
            charge = self.processor.charge(intent_id)
            place = InvoicePlace(charge.account_id, charge.invoice_id)
        if not place.invoice_id:
            return None
        try:
            receivable = self.receivables.receivable(place.invoice_id)
        except NotFoundError:
            return None
        return receivable if receivable.account_id == place.account_id else None

    def _handled(self, event: Event) -> Put:
        return self.storage.save_event(event, self.recording.now())
