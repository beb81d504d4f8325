"""Customers and their cards at Stripe (PAY-1); what ``stripe_gateway.py`` builds on."""

import hashlib
import re
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.foundation.errors import FinalGatewayError
from chalicelib.payments.stripe.errors_gateway import stripe_errors
from chalicelib.payments.stripe.objects import StripeJson, saved_card_of
from chalicelib.payments.stripe.processor import CardSetup, SavedCard

if TYPE_CHECKING:
    import stripe

_TIMEOUT_SECONDS = (3.05, 20.0)  # to connect, to answer
_NETWORK_RETRIES = 2
_REFERENCE = re.compile(r"(cs|seti)_[A-Za-z0-9_]{1,200}")


class StripeCards:
    """Customers and cards of one Stripe account; ``api_base`` replaces Stripe's own address."""

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
        with stripe_errors():
            known = self._api.customers.list({"email": email, "limit": 100})
            for customer in known.auto_paging_iter():
                if metadata_of(customer).get("account") == account_id:
                    return customer.id
            # Made under an address the account has left since: found by what never changes.
            query = f"metadata['account']:'{account_id}'"
            for customer in self._api.customers.search({"query": query}).data:
                return customer.id
            made = self._api.customers.create(
                {"email": email, "name": name, "metadata": {"account": account_id}},
                # The same key with another address or name would be refused.
                {"idempotency_key": f"customer:{account_id}:{_digest(email, name)}"},
            )
        return made.id

    def start_card_setup(
        self, customer_id: str, *, success_url: str, cancel_url: str, language: str
    ) -> CardSetup:
        """Open a hosted page that saves a card with strong authentication."""
        with stripe_errors():
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
            with stripe_errors():
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
            with stripe_errors():
                self._api.payment_methods.detach(card_id)
        except FinalGatewayError as refused:
            if refused.code not in {"resource_missing", "payment_method_unexpected_state"}:
                raise


def metadata_of(holder: "stripe.Customer | stripe.PaymentIntent") -> dict[str, str]:
    """Give the names we left on an object of Stripe's."""
    return holder.metadata.to_dict() if holder.metadata else {}


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
