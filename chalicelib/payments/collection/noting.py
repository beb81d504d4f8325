"""Records what an intent tells, fact by fact, whoever asks: a charge, a refund, a comparison."""

from dataclasses import dataclass

from chalicelib.legal.recording import Recording
from chalicelib.payments.collection.outcomes import Outcomes
from chalicelib.payments.money.payment import Collection
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.stripe.processor import CardProcessor, Charge


@dataclass(kw_only=True)
class Noting:
    """Compares intents with the record until nothing is left to add (PAY-2)."""

    processor: CardProcessor
    outcomes: Outcomes
    recording: Recording

    def note(
        self, receivable: Receivable, seen: Collection, charge: Charge, *, silent: bool = False
    ) -> Collection:
        """Record what an intent tells; ``seen`` is the collection read before it was fetched."""

        def compare() -> tuple[Collection, bool]:
            nonlocal seen, charge
            collection = self.outcomes.collection(receivable)
            if collection.version != seen.version:  # somebody recorded meanwhile: look again
                seen, charge = collection, self.processor.charge(charge.intent_id)
            news = self.outcomes.news(collection, charge, silent=silent)
            if news.changes:
                self.recording.commit(*news.changes)
            return self.outcomes.collection(receivable), news.more

        collection, more = self.recording.again(compare)
        while more:
            seen = collection
            collection, more = self.recording.again(compare)
        return collection

    def look(self, receivable: Receivable, intent_id: str) -> Charge:
        """Fetch an intent, record what it tells, and give it."""
        collection = self.outcomes.collection(receivable)
        charge = self.processor.charge(intent_id)
        self.note(receivable, collection, charge, silent=True)
        return charge
