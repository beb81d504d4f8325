"""What happened to the payment of an invoice, in order, for its page (CON-1; PAY-2 … PAY-6)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from chalicelib.foundation.civil_time import PARIS
from chalicelib.payments.late.dunning_storage import DunningStorage
from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.storage import PaymentsStorage


@dataclass(frozen=True)
class TimelineEntry:
    """One moment: ``kind`` is what the page has words for; the amount is in cents."""

    at: datetime
    kind: str
    amount_cents: int = 0
    reference: str = ""
    card_brand: str = ""
    card_last4: str = ""


_KINDS = {
    SettlementKind.CARD: "paid_by_card",
    SettlementKind.REFUND: "refunded",
    SettlementKind.REFUND_FAILED: "refund_failed",
    SettlementKind.DISPUTE: "disputed",
    SettlementKind.DISPUTE_WON: "dispute_won",
    SettlementKind.CREDIT: "credited",
    SettlementKind.WAIVER: "waived",
}


@dataclass(kw_only=True)
class PaymentTimeline:
    """Reads it from the ledger and from what was sent."""

    storage: PaymentsStorage
    ledger: LedgerStorage
    dunning: DunningStorage

    def timeline(self, account_id: str, invoice_id: str) -> list[TimelineEntry]:
        """Give the moments of an invoice's payment, the oldest first."""
        collection = self.storage.collection(account_id, invoice_id)
        found = []
        if collection and collection.charged_at:
            found.append(TimelineEntry(collection.charged_at, "charged"))
        found += [_entry(one) for one in self.ledger.settlements(account_id, invoice_id)]
        if collection and collection.first_declined_at:
            at = collection.first_declined_at
            found.append(TimelineEntry(at, "declined"))
        dunning = self.dunning.dunning(account_id, invoice_id)
        if dunning and dunning.formal_notice_on:
            midnight = datetime.combine(dunning.formal_notice_on, time(), PARIS)
            found.append(TimelineEntry(midnight.astimezone(UTC), "formal_notice"))
        return sorted(found, key=lambda entry: entry.at)


def _entry(entry: Settlement) -> TimelineEntry:
    moved = "paid_by_transfer" if entry.amount_cents > 0 else "payment_taken_back"
    return TimelineEntry(
        at=entry.at,
        kind=_KINDS.get(entry.kind, moved),
        amount_cents=abs(entry.amount_cents),
        reference=entry.reference,
        card_brand=entry.card_brand,
        card_last4=entry.card_last4,
    )
