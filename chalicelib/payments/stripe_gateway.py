"""Stripe behind the ``CardProcessor`` port (PAY-1, PAY-2, PAY-3); no other module knows Stripe.

The SDK sends a request again by itself, under the same idempotency key, when the network or Stripe
falters; what still fails then is ours to try later (TemporaryGatewayError).
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from chalicelib.payments.ports import (
    Attempt,
    BadWebhook,
    CardSetup,
    CardUnusable,
    Charge,
    ChargeRequest,
    ChargeStatus,
    Event,
    SavedCard,
)
from chalicelib.payments.stripe_objects import StripeJson, charge_of, saved_card_of

if TYPE_CHECKING:
    import stripe
    from stripe.params import PaymentIntentConfirmParams

_TIMEOUT_SECONDS = (3.05, 20.0)  # to connect, to answer
_NETWORK_RETRIES = 2
_TOLERANCE_SECONDS = 300
_SERVER_FAULT = 500
_CONFLICT = 409
_REFERENCE = re.compile(r"(cs|seti)_[A-Za-z0-9_]{1,200}")
_CHARGE_PARTS = ["latest_charge"]
_UNEXPECTED_STATE = "payment_intent_unexpected_state"


class StripeGateway:
    """Talks to one Stripe account; ``api_base`` replaces Stripe's own address on a local stack."""

    def __init__(self, key: str, webhook_secret: str, api_base: str | None = None) -> None:
        self._key = key
        self._webhook_secret = webhook_secret
        self._api_base = api_base

    @cached_property
    def _api(self) -> "stripe.V1Services":
        import stripe  # takes half a second: only when Stripe is really asked

        return stripe.StripeClient(
            self._key,
            base_addresses={"api": self._api_base} if self._api_base else None,
            max_network_retries=_NETWORK_RETRIES,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
        ).v1

    # cards
    def ensure_customer(self, account_id: str, email: str, name: str) -> str:
        """Give the account's customer id, making the customer when there is none."""
        with _errors():
            known = self._api.customers.list({"email": email, "limit": 100})
            for customer in known.auto_paging_iter():
                if _metadata(customer).get("account") == account_id:
                    return customer.id
            made = self._api.customers.create(
                {"email": email, "name": name, "metadata": {"account": account_id}},
                {"idempotency_key": f"customer:{account_id}"},
            )
        return made.id

    def start_card_setup(
        self, customer_id: str, *, success_url: str, cancel_url: str, language: str
    ) -> CardSetup:
        """Open a hosted page that saves a card with strong authentication."""
        with _errors():
            session = self._api.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": customer_id,
                    "currency": "eur",
                    "allowed_payment_method_types": ["card"],
                    "payment_method_options": {"card": {"request_three_d_secure": "any"}},
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "locale": "fr" if language == "fr" else "en",
                }
            )
        if not session.url:
            raise FinalGatewayError(f"session {session.id} has no page")
        return CardSetup(session.id, session.url)

    def saved_card(self, reference: str) -> SavedCard | None:
        """Give the card a session (``cs_…``) or set-up (``seti_…``) saved; None when it did not."""
        if not _REFERENCE.fullmatch(reference):
            return None
        try:
            with _errors():
                setup = self._setup(reference)
        except FinalGatewayError as refused:
            if refused.code == "resource_missing":
                return None
            raise
        if not setup or setup["status"] != "succeeded" or not setup["customer"]:
            return None
        method = setup["payment_method"]
        # Detached meanwhile: nothing to charge any more.
        return saved_card_of(method) if method and method["customer"] else None

    def _setup(self, reference: str) -> StripeJson | None:
        if reference.startswith("seti_"):
            setup = self._api.setup_intents.retrieve(reference, {"expand": ["payment_method"]})
            return setup.to_dict()
        session = self._api.checkout.sessions.retrieve(
            reference, {"expand": ["setup_intent.payment_method"]}
        ).to_dict()
        found: StripeJson | None = session["setup_intent"] if session["mode"] == "setup" else None
        return found

    def remove_card(self, card_id: str) -> None:
        """Detach a card; one already detached is fine."""
        try:
            with _errors():
                self._api.payment_methods.detach(card_id)
        except FinalGatewayError as refused:
            if refused.code not in {"resource_missing", "payment_method_unexpected_state"}:
                raise

    # charges
    def find_charge(self, customer_id: str, invoice_id: str) -> Charge | None:
        """Look among the customer's intents for the invoice's: the paid one, else the oldest."""
        with _errors():
            intents = self._api.payment_intents.list({"customer": customer_id, "limit": 100})
            found = [
                charge_of(intent.to_dict())
                for intent in intents.auto_paging_iter()
                if _metadata(intent).get("invoice") == invoice_id
            ]
        if not found:
            return None
        paid = [charge for charge in found if charge.status is ChargeStatus.SUCCEEDED]
        return self.charge((paid or found)[-1].intent_id)

    def open_charge(self, request: ChargeRequest) -> Charge:
        """Make the invoice's intent, without charging anything."""
        with _errors():
            intent = self._api.payment_intents.create(
                {
                    "amount": request.amount_cents,
                    "currency": "eur",
                    "customer": request.customer_id,
                    "allowed_payment_method_types": ["card"],
                    "description": request.number,
                    "metadata": {"invoice": request.invoice_id, "account": request.account_id},
                },
                {"idempotency_key": f"invoice:{request.invoice_id}"},
            )
        return charge_of(intent.to_dict())

    def charge(self, intent_id: str) -> Charge:
        """Fetch an intent as it is now."""
        with _errors():
            intent = self._api.payment_intents.retrieve(intent_id, {"expand": _CHARGE_PARTS})
        return charge_of(intent.to_dict())

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
            with _errors():
                intent = self._api.payment_intents.confirm(
                    attempt.intent_id, params, {"idempotency_key": attempt.key}
                )
        except _Declined:
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
        """Check a notice's signature and age (300 s), and read it.  Raises BadWebhook (PAY-2)."""
        import stripe

        try:
            stripe.WebhookSignature.verify_header(
                raw_body, signature, self._webhook_secret, _TOLERANCE_SECONDS
            )
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


class _Declined(Exception):  # noqa: N818 - an answer
    """Stripe's 402: the card was refused; the intent tells why."""


@contextmanager
def _errors() -> Iterator[None]:
    """Turn Stripe's errors into the house's."""
    import stripe

    try:
        yield
    except stripe.CardError as refused:
        raise _Declined(str(refused)) from refused
    except (stripe.APIConnectionError, stripe.RateLimitError) as fault:
        raise TemporaryGatewayError(f"Stripe: {fault}") from fault
    except stripe.StripeError as fault:
        status = fault.http_status or 0
        # 409: another request holds the same key or object.
        if status >= _SERVER_FAULT or status == _CONFLICT:
            raise TemporaryGatewayError(f"Stripe: {fault}") from fault
        raise FinalGatewayError(f"Stripe: {fault}", code=fault.code or "") from fault


def _metadata(holder: "stripe.Customer | stripe.PaymentIntent") -> dict[str, str]:
    return holder.metadata.to_dict() if holder.metadata else {}
