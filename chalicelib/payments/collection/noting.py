"""Records what an intent tells, fact by fact, whoever asks: a charge, a refund, a comparison."""

from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.payments.collection.outcomes import Outcomes
from chalicelib.payments.money.payment import Collection
from chalicelib.payments.money.ports import Receivable
from chalicelib.payments.stripe.processor import CardProcessor, Charge


class Noting:
    """Compares intents with the record until nothing is left to add (PAY-2)."""

    def __init__(self, *, processor: CardProcessor, outcomes: Outcomes, work: UnitOfWork) -> None:
        self._processor = processor
        self._outcomes = outcomes
        self._work = work

    def note(
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

    def look(self, receivable: Receivable, intent_id: str) -> Charge:
        """Fetch an intent, record what it tells, and give it."""
        collection = self._outcomes.collection(receivable)
        charge = self._processor.charge(intent_id)
        self.note(receivable, collection, charge, silent=True)
        return charge
