"""Which card payments of an invoice can still be given back, and how much of each (BIL-5)."""

from collections import defaultdict
from collections.abc import Iterable

from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.refund_order import RefundOrder, RefundState

_OF_CARDS = {
    SettlementKind.CARD,
    SettlementKind.REFUND,
    SettlementKind.REFUND_FAILED,
    SettlementKind.DISPUTE,
    SettlementKind.DISPUTE_WON,
}


def refundable_intents(
    entries: Iterable[Settlement], orders: Iterable[RefundOrder]
) -> dict[str, int]:
    """Give, by intent, the cents its card can still be given back; the last paid first.

    A card to which a refund failed is not tried again: the bank gives the rest back.
    """
    left: dict[str, int] = defaultdict(int)
    hopeless = {order.intent_id for order in orders if order.state is RefundState.FAILED}
    for entry in entries:
        if entry.kind in _OF_CARDS:
            left[entry.reference] += entry.amount_cents
        if entry.kind is SettlementKind.REFUND_FAILED:
            hopeless.add(entry.reference)
    found = [(intent, cents) for intent, cents in left.items() if cents > 0]
    return {intent: cents for intent, cents in reversed(found) if intent not in hopeless}
