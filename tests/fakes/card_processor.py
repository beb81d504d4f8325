"""A card processor in memory that behaves as Stripe: test numbers, keys, signed notices."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from chalicelib.payments.stripe.processor import (
    TRYABLE,
    Attempt,
    BadWebhook,
    CardDispute,
    CardRefund,
    CardSetup,
    CardUnusable,
    Charge,
    ChargeRequest,
    ChargeStatus,
    Event,
    Movement,
    MovementKind,
    RefundRequest,
    RefundStatus,
    SavedCard,
)
from tests.fakes.copied import CopiedLock

GOOD = "4242424242424242"
MASTERCARD = "5555555555554444"
DECLINED_LATER = "4000000000000341"
ALWAYS_AUTHENTICATES = "4000002760003184"
SECRET = "whsec_fake"


@dataclass(frozen=True)
class Notice:
    """A notice as it is sent: its bytes and the header that signs them."""

    raw: bytes
    signature: str
    type: str


def sign(raw: bytes, at: int, secret: str = SECRET) -> str:
    """Sign as Stripe signs."""
    digest = hmac.new(secret.encode(), str(at).encode() + b"." + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class FakeCardProcessor:
    """Keeps customers, cards and intents; ``decline_next``, ``down``… disturb it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = CopiedLock()
        self._count = 0
        self.customers: dict[str, str] = {}
        self.setups: dict[str, tuple[str, SavedCard | None]] = {}
        self.cards: dict[str, SavedCard] = {}
        self.numbers: dict[str, str] = {}
        self.intents: dict[str, Charge] = {}
        self.keys: dict[str, object] = {}
        self.money_taken: list[tuple[str, int]] = []
        self.events: list[Event] = []
        self.decline_next: list[str] = []
        self.paid_at: dict[str, datetime] = {}
        self.refunded_at: dict[str, datetime] = {}
        self.disputed_at: dict[str, datetime] = {}
        self.refuse_refunds = False
        self.down = False
        self.listing_lags = False
        self.tries = 0

    # what a client and time do
    def type_card(self, session_id: str, number: str = GOOD) -> SavedCard:
        """Fill in the hosted page: the card is saved, with the notices that tell it."""
        with self._lock:
            customer_id, _ = self.setups[session_id]
            card = SavedCard(
                id=self._new("pm"),
                customer_id=customer_id,
                brand="mastercard" if number.startswith("5") else "visa",
                last4=number[-4:],
                exp_month=12,
                exp_year=2032,
                fingerprint=f"fp_{number}",
            )
            self.cards[card.id] = card
            self.numbers[card.id] = number
            self.setups[session_id] = (customer_id, card)
            self.setups[session_id.replace("cs_", "seti_")] = (customer_id, card)
            self._tell("setup_intent.succeeded", session_id.replace("cs_", "seti_"))
            self._tell("checkout.session.completed", session_id)
            return card

    def authenticate(self, intent_id: str, *, allowed: bool = True) -> None:
        """Answer the authentication page."""
        with self._lock:
            intent = self.intents[intent_id]
            assert intent.status is ChargeStatus.ACTION_REQUIRED
            if allowed:
                self._succeed(intent)
            else:
                reason = "payment_intent_authentication_failure"
                self._refuse(intent, reason, attempt=f"{reason}:{intent.card_id}")

    def give_back(self, intent_id: str, cents: int, key: str = "") -> CardRefund:
        """Give money back, as an operator does on Stripe's pages."""
        with self._lock:
            intent = self.intents[intent_id]
            assert intent.refunded_cents + cents <= intent.received_cents
            refund = CardRefund(self._new("re"), cents, RefundStatus.SUCCEEDED, key)
            self.intents[intent_id] = replace(intent, refunds=(*intent.refunds, refund))
            self.refunded_at[refund.id] = self._clock.now()
            self._tell("refund.created", refund.id, intent_id)
            self._tell("charge.refunded", self._new("ch"), intent_id)
            return refund

    def fail_refund(self, refund_id: str, reason: str = "expired_or_canceled_card") -> None:
        """Have a refund come back, days after it was made."""
        with self._lock:
            intent = next(
                one for one in self.intents.values() if refund_id in {r.id for r in one.refunds}
            )
            refunds = tuple(
                replace(one, status=RefundStatus.FAILED, reason=reason)
                if one.id == refund_id
                else one
                for one in intent.refunds
            )
            self.intents[intent.intent_id] = replace(intent, refunds=refunds)
            self._tell("refund.failed", refund_id, intent.intent_id)

    def open_dispute(self, intent_id: str, fee_cents: int = 2000) -> str:
        """Have the holder's bank take a payment back."""
        with self._lock:
            intent = self.intents[intent_id]
            cents = intent.received_cents - intent.refunded_cents
            dispute = CardDispute(
                id=self._new("dp"),
                amount_cents=cents,
                reason="fraudulent",
                status="needs_response",
                outcome="open",
                withdrawn_cents=cents,
                fee_cents=fee_cents,
                answer_by=self._clock.now() + timedelta(days=7),
            )
            self.intents[intent_id] = replace(intent, disputes=(*intent.disputes, dispute))
            self.disputed_at[dispute.id] = self._clock.now()
            self._tell("charge.dispute.created", dispute.id, intent_id)
            self._tell("charge.dispute.funds_withdrawn", dispute.id, intent_id)
            return dispute.id

    def close_dispute(self, intent_id: str, outcome: str) -> None:
        """Have the bank decide: "won" gives the money back to us."""
        with self._lock:
            intent = self.intents[intent_id]
            *before, dispute = intent.disputes
            back = dispute.withdrawn_cents if outcome == "won" else 0
            closed = replace(dispute, status=outcome, outcome=outcome, reinstated_cents=back)
            self.intents[intent_id] = replace(intent, disputes=(*before, closed))
            self._tell("charge.dispute.closed", dispute.id, intent_id)
            if back:
                self._tell("charge.dispute.funds_reinstated", dispute.id, intent_id)

    def cancel(self, intent_id: str) -> None:
        """Cancel an intent on Stripe's pages."""
        with self._lock:
            intent = self.intents[intent_id]
            assert intent.status in TRYABLE
            self.intents[intent_id] = replace(
                intent, status=ChargeStatus.CANCELLED, redirect_url=None
            )
            self._tell("payment_intent.canceled", intent_id)

    def forget_keys(self) -> None:
        """Let a day pass for idempotency keys."""
        self.keys.clear()

    def notice(self, event: Event) -> Notice:
        """Write a notice as it is sent now."""
        told: dict[str, object] = {"id": event.object_id}
        if event.object_id != event.intent_id:
            told["payment_intent"] = event.intent_id
        raw = json.dumps({"id": event.id, "type": event.type, "data": {"object": told}}).encode()
        return Notice(raw, sign(raw, int(self._clock.now().timestamp())), event.type)

    # the port
    def ensure_customer(self, account_id: str, email: str, name: str) -> str:
        self._up()
        with self._lock:
            known = [cus for cus, account in self.customers.items() if account == account_id]
            if known:
                return known[0]
            return self._once(f"customer:{account_id}", lambda: self._customer(account_id))

    def start_card_setup(
        self, customer_id: str, *, success_url: str, cancel_url: str, language: str
    ) -> CardSetup:
        self._up()
        with self._lock:
            session_id = self._new("cs_test")
            self.setups[session_id] = (customer_id, None)
            return CardSetup(session_id, f"https://checkout.stripe.com/c/pay/{session_id}")

    def saved_card(self, reference: str) -> SavedCard | None:
        self._up()
        card = self.setups.get(reference, ("", None))[1]
        return card if card and card.id in self.cards else None

    def remove_card(self, card_id: str) -> None:
        self._up()
        self.cards.pop(card_id, None)

    def find_charge(self, customer_id: str, invoice_id: str, rank: int = 0) -> Charge | None:
        self._up()
        if self.listing_lags:
            return None
        found = [
            intent
            for intent in self.intents.values()
            if (intent.customer_id, intent.invoice_id, intent.rank)
            == (customer_id, invoice_id, rank)
        ]
        paid = [intent for intent in found if intent.status is ChargeStatus.SUCCEEDED]
        return next(iter(paid or found), None)

    def open_charge(self, request: ChargeRequest) -> Charge:
        self._up()
        if request.amount_cents < 50:
            raise FinalGatewayError("amount_too_small", code="amount_too_small")
        with self._lock:
            fact = f"invoice:{request.invoice_id}:{request.rank}:{request.amount_cents}"
            intent_id = self._once(fact, lambda: self._intent(request))
            return self.intents[intent_id]

    def change_amount(self, intent_id: str, amount_cents: int) -> Charge:
        self._up()
        with self._lock:
            intent = self.intents[intent_id]
            if intent.status in TRYABLE:
                self.intents[intent_id] = replace(intent, amount_cents=amount_cents)
            return self.intents[intent_id]

    def refund(self, request: RefundRequest) -> CardRefund:
        self._up()
        with self._lock:
            intent = self.intents[request.intent_id]
            for known in intent.refunds:
                if known.asked_as == request.key:
                    return known
            if any(one.withdrawn_cents > one.reinstated_cents for one in intent.disputes):
                raise FinalGatewayError("charged back", code="charge_disputed")
            if intent.refunded_cents + request.amount_cents > intent.received_cents:
                raise FinalGatewayError("more than is left of it")
            if self.refuse_refunds:
                raise FinalGatewayError("refused", code="charge_not_refundable")
            return self.give_back(request.intent_id, request.amount_cents, request.key)

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        self._up()
        for intent in list(self.intents.values()):
            told = []
            if intent.received_cents:
                paid_at = self.paid_at[intent.intent_id]
                taken = intent.received_cents
                told.append((MovementKind.CHARGE, intent.intent_id, taken, paid_at))
            for one in intent.refunds:
                if one.counts:
                    at = self.refunded_at[one.id]
                    told.append((MovementKind.REFUND, one.id, one.amount_cents, at))
            for dispute in intent.disputes:
                at = self.disputed_at[dispute.id]
                told.append((MovementKind.DISPUTE, dispute.id, dispute.amount_cents, at))
            for kind, object_id, cents, at in told:
                if since <= at < until:
                    yield Movement(kind, object_id, intent.intent_id, cents, at)

    def charge(self, intent_id: str) -> Charge:
        self._up()
        return self.intents[intent_id]

    def attempt(self, attempt: Attempt) -> Charge:
        self._up()
        with self._lock:
            intent = self.intents[attempt.intent_id]
            if attempt.card_id not in self.cards:
                raise CardUnusable(attempt.card_id)
            kept = self.keys.get(attempt.key)
            if isinstance(kept, Charge):  # the first answer again, be it stale
                refused = kept.status is ChargeStatus.DECLINED
                return self.intents[attempt.intent_id] if refused else kept
            if intent.status in TRYABLE:
                self._try(intent, attempt)
            self.keys[attempt.key] = self.intents[attempt.intent_id]
            return self.intents[attempt.intent_id]

    def read_event(self, raw_body: bytes, signature: str) -> Event:
        at = signature.partition(",")[0].removeprefix("t=")
        age = self._clock.now().timestamp() - int(at) if at.isdigit() else 0
        if not at.isdigit() or signature != sign(raw_body, int(at)) or abs(age) > 300:
            raise BadWebhook("Cette notification n’est pas signée par Stripe.")
        told = json.loads(raw_body)
        thing = told["data"]["object"]
        intent = thing["id"] if thing["id"].startswith("pi_") else thing.get("payment_intent")
        return Event(told["id"], told["type"], thing["id"], intent)

    # inside
    def _up(self) -> None:
        if self.down:
            raise TemporaryGatewayError("Stripe: down")

    def _new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count:04d}"

    def _once(self, key: str, make: Callable[[], str]) -> str:
        if key not in self.keys:
            self.keys[key] = make()
        return str(self.keys[key])

    def _customer(self, account_id: str) -> str:
        customer_id = self._new("cus")
        self.customers[customer_id] = account_id
        return customer_id

    def _intent(self, request: ChargeRequest) -> str:
        intent_id = self._new("pi")
        self.intents[intent_id] = Charge(
            intent_id=intent_id,
            customer_id=request.customer_id,
            account_id=request.account_id,
            invoice_id=request.invoice_id,
            amount_cents=request.amount_cents,
            status=ChargeStatus.NEW,
            rank=request.rank,
        )
        return intent_id

    def _try(self, intent: Charge, attempt: Attempt) -> None:
        self.tries += 1
        number = self.numbers[attempt.card_id]
        intent = replace(intent, card_id=attempt.card_id, redirect_url=None)
        if self.decline_next:
            self._refuse(intent, self.decline_next.pop(0))
        elif number == DECLINED_LATER:
            self._refuse(intent, "generic_decline")
        elif number == ALWAYS_AUTHENTICATES and attempt.return_url:
            self.intents[intent.intent_id] = replace(
                intent,
                status=ChargeStatus.ACTION_REQUIRED,
                attempt="",
                reason="",
                redirect_url=f"https://hooks.stripe.com/authenticate/{intent.intent_id}",
            )
            self._tell("payment_intent.requires_action", intent.intent_id)
        elif number == ALWAYS_AUTHENTICATES:
            self._refuse(intent, "authentication_required")
        else:
            self._succeed(intent)

    def _succeed(self, intent: Charge) -> None:
        assert self.intents[intent.intent_id].status is not ChargeStatus.SUCCEEDED
        self.money_taken.append((intent.invoice_id, intent.amount_cents))
        self.paid_at[intent.intent_id] = self._clock.now()
        self.intents[intent.intent_id] = replace(
            intent,
            status=ChargeStatus.SUCCEEDED,
            received_cents=intent.amount_cents,
            attempt="",
            reason="",
            redirect_url=None,
        )
        self._tell("payment_intent.succeeded", intent.intent_id)

    def _refuse(self, intent: Charge, reason: str, *, attempt: str = "") -> None:
        self.intents[intent.intent_id] = replace(
            intent,
            status=ChargeStatus.DECLINED,
            attempt=attempt or self._new("ch"),
            reason=reason,
            redirect_url=None,
        )
        self._tell("payment_intent.payment_failed", intent.intent_id)

    def _tell(self, kind: str, object_id: str, intent_id: str | None = None) -> None:
        intent = object_id if object_id.startswith("pi_") else intent_id
        self.events.append(Event(self._new("evt"), kind, object_id, intent))
