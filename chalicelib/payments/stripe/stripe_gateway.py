"""Stripe behind the ``CardProcessor`` port (PAY-1, PAY-2, PAY-3); no other module knows Stripe.

The SDK sends a request again by itself, under the same idempotency key, when the network or Stripe
falters; what still fails then is ours to try later (TemporaryGatewayError).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.foundation.clock import SystemClock
from chalicelib.foundation.errors import FinalGatewayError
from chalicelib.payments.stripe.cards_gateway import StripeCards, metadata_of
from chalicelib.payments.stripe.errors_gateway import Declined, stripe_errors
from chalicelib.payments.stripe.objects import (
    charge_of,
    dispute_of,
    movement_of,
    refund_of,
)
from chalicelib.payments.stripe.processor import (
    Attempt,
    BadWebhook,
    CardRefund,
    CardUnusable,
    Charge,
    ChargeRequest,
    ChargeStatus,
    Event,
    Movement,
    MovementKind,
    RefundRequest,
)

if TYPE_CHECKING:
    from stripe.params import PaymentIntentConfirmParams
    from stripe.params._charge_list_params import ChargeListParamsCreated

_TOLERANCE_SECONDS = 300
_CHARGE_PARTS = ["latest_charge"]
_REFUND_PARTS = ["latest_charge.refunds"]
_UNEXPECTED_STATE = "payment_intent_unexpected_state"


class StripeGateway(StripeCards):
    """Talks to one Stripe account; ``api_base`` replaces Stripe's own address on a local stack."""

    # charges
    def find_charge(self, customer_id: str, invoice_id: str, rank: int = 0) -> Charge | None:
        """Look among the customer's intents for the invoice's: the paid one, else the oldest."""
        with stripe_errors():
            intents = self._api.payment_intents.list({"customer": customer_id, "limit": 100})
            found = [
                charge_of(intent.to_dict())
                for intent in intents.auto_paging_iter()
                if metadata_of(intent).get("invoice") == invoice_id
                and int(metadata_of(intent).get("rank", "0")) == rank
            ]
        if not found:
            return None
        paid = [charge for charge in found if charge.status is ChargeStatus.SUCCEEDED]
        return self.charge((paid or found)[-1].intent_id)

    def open_charge(self, request: ChargeRequest) -> Charge:
        """Make the invoice's intent, without charging anything."""
        fact = f"invoice:{request.invoice_id}:{request.rank}:{request.amount_cents}"
        metadata = {"invoice": request.invoice_id, "account": request.account_id}
        with stripe_errors():
            intent = self._api.payment_intents.create(
                {
                    "amount": request.amount_cents,
                    "currency": "eur",
                    "customer": request.customer_id,
                    "allowed_payment_method_types": ["card"],
                    "description": request.number,
                    "metadata": {**metadata, "rank": str(request.rank)},
                },
                {"idempotency_key": fact},
            )
        return charge_of(intent.to_dict())

    def change_amount(self, intent_id: str, amount_cents: int) -> Charge:
        """Have an intent not paid yet collect another amount."""
        try:
            with stripe_errors():
                self._api.payment_intents.update(intent_id, {"amount": amount_cents})
        except FinalGatewayError as refused:
            if refused.code != _UNEXPECTED_STATE:  # else it was decided meanwhile
                raise
        return self.charge(intent_id)

    def charge(self, intent_id: str) -> Charge:
        """Fetch an intent as it is now, with its refunds and disputes (PAY-2, PAY-5)."""
        with stripe_errors():
            intent = self._api.payment_intents.retrieve(
                intent_id, {"expand": [*_CHARGE_PARTS, *_REFUND_PARTS]}
            ).to_dict()
            latest = intent["latest_charge"]
            if latest and (latest.get("refunds") or {}).get("has_more"):
                everyone = self._api.refunds.list({"payment_intent": intent_id, "limit": 100})
                latest["refunds"]["data"] = [one.to_dict() for one in everyone.auto_paging_iter()]
            disputes = (
                self._api.disputes.list({"payment_intent": intent_id, "limit": 100}).data
                if latest and latest["disputed"]
                else []
            )
        found = tuple(dispute_of(one.to_dict()) for one in reversed(disputes))
        return replace(charge_of(intent), disputes=found)

    # money given back, and the list to compare with
    def refund(self, request: RefundRequest) -> CardRefund:
        """Give money back; looked up first, for Stripe forgets keys after a day (BIL-5, PAY-5)."""
        with stripe_errors():
            known = self._api.refunds.list({"payment_intent": request.intent_id, "limit": 100})
            for refund in known.auto_paging_iter():
                found = refund_of(refund.to_dict())
                if found.asked_as == request.key:
                    return found
            made = self._api.refunds.create(
                {
                    "payment_intent": request.intent_id,
                    "amount": request.amount_cents,
                    "metadata": {"refund": request.key},
                },
                {"idempotency_key": f"refund:{request.key}"},
            )
        return refund_of(made.to_dict())

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """List the charges paid, refunds and disputes made between two instants (PAY-5)."""
        between: ChargeListParamsCreated = {
            "gte": int(since.timestamp()),
            "lt": int(until.timestamp()),
        }
        with stripe_errors():
            for charge in self._api.charges.list(
                {"created": between, "limit": 100}
            ).auto_paging_iter():
                if charge.paid:
                    yield movement_of(MovementKind.CHARGE, charge.to_dict())
            for refund in self._api.refunds.list(
                {"created": between, "limit": 100}
            ).auto_paging_iter():
                if refund_of(refund.to_dict()).counts:
                    yield movement_of(MovementKind.REFUND, refund.to_dict())
            for dispute in self._api.disputes.list(
                {"created": between, "limit": 100}
            ).auto_paging_iter():
                yield movement_of(MovementKind.DISPUTE, dispute.to_dict())

    def attempt(self, attempt: Attempt) -> Charge:
        """Try to collect; an intent that succeeded is given back as it is, never charged again.

        Raises CardUnusable when the card itself is not accepted.
        """
        params: PaymentIntentConfirmParams = {
            "payment_method": attempt.card_id,
            "expand": _CHARGE_PARTS,
        }
        if attempt.return_url:
            params["return_url"] = attempt.return_url
        else:
            params["off_session"] = True
        try:
            with stripe_errors():
                intent = self._api.payment_intents.confirm(
                    attempt.intent_id, params, {"idempotency_key": attempt.key}
                )
        except Declined:
            return self.charge(attempt.intent_id)
        except FinalGatewayError as refused:
            if refused.code == _UNEXPECTED_STATE:  # decided meanwhile
                return self.charge(attempt.intent_id)
            if refused.code in {"resource_missing", "payment_method_unexpected_state"}:
                raise CardUnusable(attempt.card_id) from refused
            raise
        return charge_of(intent.to_dict())

    # notices
    def read_event(self, raw_body: bytes, signature: str) -> Event:
        """Check a notice's signature and age, and read it.  Raises BadWebhook (PAY-2).

        Signed up to 300 s ago, or ahead of us: Stripe's own check knows no future.
        """
        import stripe

        try:
            stripe.WebhookSignature.verify_header(
                raw_body, signature, self._webhook_secret, _TOLERANCE_SECONDS
            )
            _refuse_the_future(signature)
            event = json.loads(raw_body)
            told = event["data"]["object"]
            intent = (
                told["id"] if told["object"] == "payment_intent" else told.get("payment_intent")
            )
            # Our own endpoint does not ask for expanded objects: an intent comes as its id.
            return Event(
                id=str(event["id"]),
                type=str(event["type"]),
                object_id=str(told["id"]),
                intent_id=intent if isinstance(intent, str) else None,
            )
        except (stripe.SignatureVerificationError, ValueError, LookupError, TypeError) as refused:
            raise BadWebhook("Cette notification n’est pas signée par Stripe.") from refused


def _refuse_the_future(signature: str) -> None:
    """Refuse a checked signature of an hour to come: it could be sent again until then."""
    signed_at = re.search(r"(?:^|,)t=([0-9]+)", signature)
    latest = SystemClock().now().timestamp() + _TOLERANCE_SECONDS
    if signed_at is None or int(signed_at[1]) > latest:
        raise ValueError("signed in the future")
