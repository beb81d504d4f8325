"""What the state of an intent means for the journal and the client (PAY-2, PAY-3).

The same function serves the direct answer of an attempt and every notice, so that it does not
matter which of them comes first, how often, or in which order.  What moves money is read by
``money_facts.py``.
"""

from dataclasses import dataclass, replace

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.collection.money_facts import BY, MoneyFacts, News, facts_of
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import (
    AUTHENTICATION,
    Card,
    Collection,
    CollectionState,
    InvoicePlace,
)
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import Charge, ChargeStatus
from chalicelib.payments.terms.dunning_policies import DunningPolicies

_OVER = {CollectionState.SETTLED}


@dataclass(kw_only=True)
class Outcomes:
    """Compares an intent with what is recorded, and makes the changes that close the difference."""

    storage: PaymentsStorage
    cards: CardsStorage
    books: Books
    money: MoneyFacts
    policies: DunningPolicies
    mails: PaymentMails
    recording: Recording

    def collection(self, receivable: Receivable) -> Collection:
        """Give the collection of an invoice, or a new one, not stored yet."""
        return self.books.collection(receivable)

    def news(self, collection: Collection, charge: Charge, *, silent: bool = False) -> News:
        """Compare; ``charge`` must have been fetched after ``collection`` was read.

        ``silent`` sends no mail about a refusal: its holder sees it on the page (PAY-2, PAY-3).
        """
        if charge.status is ChargeStatus.SUCCEEDED:
            return self.money.news(collection, charge)
        if charge.intent_id != (collection.intent_id or charge.intent_id):
            return News()  # not the intent of ours: only money received would count
        if collection.state in _OVER:
            return News()
        if charge.status is ChargeStatus.DECLINED:
            return self._declined(collection, charge, silent=silent)
        return self._under_way(collection, charge)

    def asked(self, collection: Collection, by: str) -> Write:
        """Note who has an invoice tried again, before the card is."""
        facts = facts_of(collection, None)
        return self.recording.entry(collection.account_id, "payment.retried", facts, by=by)

    def not_tried(self, collection: Collection, reason: str) -> News:
        """Note an attempt that could not be made: no card, or one not accepted (PAY-3)."""
        return self._refused(collection, None, reason, attempt=collection.attempt, silent=False)

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
        now = self.recording.now()
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
        facts = facts_of(noted, charge) | {
            "amount_cents": collection.left_cents or collection.amount_cents,
            "reason": reason,
        }
        changes: list[Change] = [
            self.storage.save_collection(noted),
            self.recording.entry(collection.account_id, "payment.declined", facts, by=BY),
        ]
        if charge:
            changes.append(self._place(collection, charge))
        if not silent:
            card = self._card(collection, charge.card_id if charge else None)
            retries = [
                day
                for day in self.policies.retries(noted.first_declined_at)
                if day > paris_day(now)
            ]
            changes.append(self.mails.failure(noted, card, now, retries))
        return News(tuple(changes))

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
        now = self.recording.now()
        refused = state is CollectionState.DECLINED
        noted = replace(
            collection,
            state=state,
            reason=reason,
            attempt=charge.attempt,
            attempts=collection.attempts + 1,
            intent_id=collection.intent_id or charge.intent_id,
            # One cancelled at Stripe is tried again on the days of PAY-3, by another intent.
            first_declined_at=collection.first_declined_at or (now if refused else None),
            last_attempt_at=now,
        )
        return News((self.storage.save_collection(noted), self._place(collection, charge)))

    def _place(self, collection: Collection, charge: Charge) -> Write:
        place = InvoicePlace(collection.account_id, collection.invoice_id)
        return self.storage.save_place(charge.intent_id, place)

    def _card(self, collection: Collection, card_id: str | None) -> Card | None:
        return self.cards.card(collection.account_id, card_id) if card_id else None
