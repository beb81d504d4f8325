"""What a paid intent tells of money: received, given back, disputed (PAY-2, PAY-5).

Each fact has its own name at Stripe (the intent, the refund, the dispute), which is the id of its
entry: so it counts once, whichever notice tells it, and what came late is simply added.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.messages import Message
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.dispute import Dispute
from chalicelib.payments.money.first_payment import FirstPayment
from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.messages import UseBalance
from chalicelib.payments.money.payment import Collection, InvoicePlace
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import CardDispute, CardRefund, Charge

BY = "stripe"
DISPUTE_LOST = "dispute_lost"


@dataclass(frozen=True)
class News:
    """What is to be committed; ``more`` when the same state holds another fact, for a next commit.

    The journal takes one entry of an account per commit, hence one fact at a time.
    """

    changes: tuple[Change, ...] = ()
    more: bool = False


@dataclass(kw_only=True)
class MoneyFacts:
    """Finds the facts of an intent that the ledger does not hold yet, and makes their entries."""

    storage: PaymentsStorage
    ledger: LedgerStorage
    cards: CardsStorage
    books: Books
    first_payment: FirstPayment
    mails: PaymentMails
    recording: Recording

    def news(self, collection: Collection, charge: Charge) -> News:
        """Give the oldest fact not recorded; money first, what became of it next."""
        known = {entry.id for entry in self.books.entries(collection)}
        missing: list[Callable[[], tuple[Change, ...]]] = []
        if charge.intent_id not in known:
            missing.append(partial(self._settled, collection, charge))
        for refund in charge.refunds:
            missing += self._of_refund(collection, charge, refund, known)
        for dispute in charge.disputes:
            if self._tells_more(collection, dispute, known):
                missing.append(partial(self._disputed, collection, charge, dispute, known))
        return News(missing[0](), more=len(missing) > 1) if missing else News()

    def _settled(self, collection: Collection, charge: Charge) -> tuple[Change, ...]:
        card = self.cards.card(collection.account_id, charge.card_id) if charge.card_id else None
        entry = self._entry(
            collection, charge, charge.intent_id, SettlementKind.CARD, charge.received_cents
        )
        entry = replace(
            entry,
            card_brand=card.brand if card else "",
            card_last4=card.last4 if card else "",
        )
        surplus = charge.received_cents - self.books.money(collection).left_cents
        carried = max(0, min(collection.carried_cents, surplus))
        entries = [entry]
        extra: tuple[Change, ...] = ()
        if carried:
            name = f"{charge.intent_id}-carried"
            moved, kept = self.books.to_balance(collection, carried, name)
            entries.append(moved)
            extra = (*kept, use_balance(collection.account_id, name))
        posting = self.books.post(
            collection,
            *entries,
            intent_id=collection.intent_id or charge.intent_id,
            carried_cents=0,
        )
        first, effect = self.first_payment.changes(collection.account_id, paris_day(entry.at))
        facts = facts_of(collection, charge) | {"amount_cents": entry.amount_cents} | effect
        place = InvoicePlace(collection.account_id, collection.invoice_id)
        return (
            *posting.changes,
            *extra,
            *first,
            self.storage.save_place(charge.intent_id, place),
            self.recording.entry(collection.account_id, "payment.settled", facts, by=BY),
            self.mails.receipt(collection, entry),
        )

    def _of_refund(
        self, collection: Collection, charge: Charge, refund: CardRefund, known: set[str]
    ) -> list[Callable[[], tuple[Change, ...]]]:
        failed = f"{refund.id}-failed"
        if refund.counts and refund.id not in known:
            return [partial(self._refunded, collection, charge, refund)]
        if not refund.counts and refund.id in known and failed not in known:
            return [partial(self._refund_failed, collection, charge, refund, failed)]
        return []

    def _refunded(
        self, collection: Collection, charge: Charge, refund: CardRefund
    ) -> tuple[Change, ...]:
        entry = self._entry(
            collection, charge, refund.id, SettlementKind.REFUND, -refund.amount_cents
        )
        facts = facts_of(collection, charge) | {
            "amount_cents": entry.amount_cents,
            "refund": refund.id,
        }
        return (
            *self.books.post(collection, entry).changes,
            self.recording.entry(collection.account_id, "payment.refunded", facts, by=BY),
            self.mails.refunded(collection, entry),
        )

    def _refund_failed(
        self, collection: Collection, charge: Charge, refund: CardRefund, name: str
    ) -> tuple[Change, ...]:
        """Take the money back into the ledger; it is then given back by the bank."""
        entry = self._entry(
            collection, charge, name, SettlementKind.REFUND_FAILED, refund.amount_cents
        )
        facts = facts_of(collection, charge) | {
            "amount_cents": entry.amount_cents,
            "refund": refund.id,
            "reason": refund.reason,
        }
        return (
            *self.books.post(collection, entry).changes,
            self.recording.entry(collection.account_id, "payment.refund_failed", facts, by=BY),
        )

    def _tells_more(self, collection: Collection, told: CardDispute, known: set[str]) -> bool:
        stored = self.ledger.dispute(collection.account_id, told.id)
        return (
            stored is None
            or (stored.status, stored.outcome) != (told.status, told.outcome)
            or bool(told.withdrawn_cents and told.id not in known)
            or bool(told.reinstated_cents and f"{told.id}-won" not in known)
        )

    def _disputed(
        self, collection: Collection, charge: Charge, told: CardDispute, known: set[str]
    ) -> tuple[Change, ...]:
        """Move the ledger as the dispute did: taken from us, or given back to us."""
        entries = self._entries_of(collection, charge, told, known)
        stored = self.ledger.dispute(collection.account_id, told.id)
        file = self._file(collection, told, stored)
        # Won, the money may still be on its way back.
        held = told.withdrawn_cents > told.reinstated_cents and told.outcome != "lost"
        lost = told.outcome == "lost"
        posting = self.books.post(
            collection, *entries, disputed=held, **(self._lost(collection) if lost else {})
        )
        news = told.outcome if told.outcome != "open" else "updated" if stored else "opened"
        facts = facts_of(collection, charge) | {
            "dispute": told.id,
            "amount_cents": told.amount_cents,
            "fee_cents": told.fee_cents,
            "status": told.status,
        }
        kind = f"payment.dispute_{news}"
        return (
            *posting.changes,
            self.ledger.save_dispute(file),
            self.recording.entry(collection.account_id, kind, facts, by=BY),
            *(() if news == "updated" else (self.mails.dispute(file),)),
            *((self.mails.dispute_lost(posting.collection, file),) if lost else ()),
        )

    def _lost(self, collection: Collection) -> dict[str, Any]:
        """Have the invoice due again as from today: nobody could pay it before (PAY-5, PAY-6)."""
        if collection.reason == DISPUTE_LOST:
            return {}
        day = self.recording.today()
        return {"reason": DISPUTE_LOST, "reopened_on": day, "due_on": day}

    def _entries_of(
        self, collection: Collection, charge: Charge, told: CardDispute, known: set[str]
    ) -> list[Settlement]:
        entries = []
        if told.withdrawn_cents and told.id not in known:
            kind = SettlementKind.DISPUTE
            taken = self._entry(collection, charge, told.id, kind, -told.withdrawn_cents)
            entries.append(replace(taken, fee_cents=told.fee_cents))
        won = f"{told.id}-won"
        if told.reinstated_cents and won not in known:
            kind = SettlementKind.DISPUTE_WON
            entries.append(self._entry(collection, charge, won, kind, told.reinstated_cents))
        return entries

    def _file(self, collection: Collection, told: CardDispute, stored: Dispute | None) -> Dispute:
        now = self.recording.now()
        return Dispute(
            id=told.id,
            account_id=collection.account_id,
            invoice_id=collection.invoice_id,
            number=collection.number,
            amount_cents=told.amount_cents,
            reason=told.reason,
            status=told.status,
            outcome=told.outcome,
            opened_at=stored.opened_at if stored else now,
            fee_cents=told.fee_cents,
            answer_by=told.answer_by,
            closed_at=None if told.outcome == "open" else now,
            seen_at=stored.seen_at if stored else None,
            seen_by=stored.seen_by if stored else "",
            version=stored.version if stored else 0,
        )

    def _entry(
        self, collection: Collection, charge: Charge, name: str, kind: SettlementKind, cents: int
    ) -> Settlement:
        return Settlement(
            id=name,
            invoice_id=collection.invoice_id,
            account_id=collection.account_id,
            kind=kind,
            amount_cents=cents,
            at=self.recording.now(),
            reference=charge.intent_id,
        )


def use_balance(account_id: str, name: str) -> Message:
    """Ask that what the account holds with us pay its oldest invoices (PAY-4)."""
    return UseBalance(account_id=account_id).message(f"use_balance:{account_id}:{name}")


def facts_of(collection: Collection, charge: Charge | None) -> dict[str, Any]:
    """Give what the journal says of any fact of a collection."""
    facts: dict[str, Any] = {
        "invoice_id": collection.invoice_id,
        "number": collection.number,
        "attempts": collection.attempts,
    }
    return facts | {"intent_id": charge.intent_id} if charge else facts
