"""Cards, what was collected of an invoice, and the state a client is shown (PAY-1, PAY-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.payments.money.ledger import InvoiceMoney, Settlement, SettlementKind, money_of

NO_CARD = "no_card"
UNUSABLE_CARD = "unusable_card"
AUTHENTICATION = "authentication_required"


@dataclass(frozen=True)
class Card:
    """A card kept at the processor under ``id``; ``fingerprint`` is the same for the same number.

    ``removed_at`` marks one the client took away: kept, so that a late notice does not revive it.
    """

    id: str
    account_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str
    saved_at: datetime
    removed_at: datetime | None = None
    version: int = 0

    def expired(self, on: date) -> bool:
        """Tell whether its last month is over."""
        return (self.exp_year, self.exp_month) < (on.year, on.month)


@dataclass(frozen=True)
class PayingCustomer:
    """An account as the processor knows it, and the card charged by default."""

    account_id: str
    customer_id: str
    default_card_id: str | None = None
    version: int = 0


class CollectionState(StrEnum):
    """Where the card collection of an invoice stands."""

    STARTED = "started"
    WAITING = "waiting"  # nothing to try by card: a transfer, some cents, a dispute lost
    PROCESSING = "processing"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"
    SETTLED = "settled"


@dataclass(frozen=True)
class Collection:
    """The effort of collecting one invoice, by card through one intent at a time (PAY-3).

    ``attempt`` names the last attempt taken note of; ``attempts`` counts them.  ``left_cents`` is
    what the ledger leaves to pay, kept here for lists; ``carried_cents`` what the intent collects
    besides, of older invoices too small to be charged alone; ``spent_intents`` counts the intents
    that serve no more: cancelled, or paid and taken back.  ``charged_at`` is when a card was first
    asked for the money.  ``reopened_on`` is the Paris day on which money that had come was taken
    back.
    """

    invoice_id: str
    account_id: str
    number: str
    amount_cents: int
    state: CollectionState
    opened_at: datetime
    intent_id: str | None = None
    reason: str = ""
    attempt: str = ""
    attempts: int = 0
    charged_at: datetime | None = None
    first_declined_at: datetime | None = None
    last_attempt_at: datetime | None = None
    settled_at: datetime | None = None
    due_on: date | None = None
    payment_mode: str = "card"
    left_cents: int = 0
    carried_cents: int = 0
    spent_intents: int = 0
    disputed: bool = False
    reopened_on: date | None = None
    version: int = 0


@dataclass(frozen=True)
class InvoicePlace:
    """The account and invoice an intent belongs to."""

    account_id: str
    invoice_id: str


class PaymentState(StrEnum):
    """What the client is shown."""

    DUE = "due"
    PROCESSING = "processing"
    PAID = "paid"
    CREDITED = "credited"
    DISPUTED = "disputed"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"


@dataclass(frozen=True)
class PaymentStatus:
    """An invoice's payment, derived from its ledger first and from the collection's effort next."""

    invoice_id: str
    state: PaymentState
    amount_cents: int
    paid_cents: int = 0
    refunded_cents: int = 0
    credited_cents: int = 0
    left_cents: int = 0
    reason: str = ""
    card_brand: str = ""
    card_last4: str = ""
    paid_at: datetime | None = None
    next_retry_on: date | None = None

    @property
    def can_pay(self) -> bool:
        """Whether a payment by the client makes sense now."""
        return self.state in {
            PaymentState.DUE,
            PaymentState.DECLINED,
            PaymentState.ACTION_REQUIRED,
        }

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to pay."""
        return self.state in {PaymentState.PAID, PaymentState.CREDITED}


_SHOWN = {
    CollectionState.STARTED: PaymentState.DUE,
    CollectionState.WAITING: PaymentState.DUE,
    CollectionState.PROCESSING: PaymentState.PROCESSING,
    CollectionState.DECLINED: PaymentState.DECLINED,
    CollectionState.ACTION_REQUIRED: PaymentState.ACTION_REQUIRED,
    # The ledger says paid or not; settled in part is still due.
    CollectionState.SETTLED: PaymentState.DUE,
}


def payment_status(
    invoice_id: str,
    amount_cents: int,
    collection: Collection | None,
    settlements: Iterable[Settlement],
    *,
    next_retry_on: date | None = None,
) -> PaymentStatus:
    """Derive what is shown of an invoice's payment (PAY-2).

    Money received decides; a refund later does not make the invoice unpaid again.
    """
    ledger = list(settlements)
    money = money_of(amount_cents, ledger)
    state = _state(money, collection)
    received = [entry for entry in ledger if entry.amount_cents > 0 and entry.kind in _RECEIVED]
    last = max(received, key=lambda entry: entry.at, default=None)
    paid = state is PaymentState.PAID
    return PaymentStatus(
        invoice_id=invoice_id,
        state=state,
        amount_cents=amount_cents,
        paid_cents=money.paid_cents - money.withheld_cents,
        refunded_cents=money.refunded_cents,
        credited_cents=money.credited_cents,
        left_cents=money.left_cents,
        reason=collection.reason if collection and money.left_cents else "",
        card_brand=last.card_brand if last else "",
        card_last4=last.card_last4 if last else "",
        paid_at=last.at if last and paid else None,
        next_retry_on=next_retry_on if money.left_cents else None,
    )


_RECEIVED = {SettlementKind.CARD, SettlementKind.ALLOCATION}


def _state(money: InvoiceMoney, collection: Collection | None) -> PaymentState:
    if collection and collection.disputed:
        return PaymentState.DISPUTED
    if money.left_cents == 0:
        only_credited = money.credited_cents and money.credited_cents >= money.amount_cents
        return PaymentState.CREDITED if only_credited else PaymentState.PAID
    return _SHOWN[collection.state] if collection else PaymentState.DUE
