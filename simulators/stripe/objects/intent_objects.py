"""The members of new payment intents and setup intents."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json
from simulators.stripe.foundation.forms import merged_metadata
from simulators.stripe.foundation.identifiers import new_id, random_text


def make_payment_intent(account: Account, params: Json) -> Json:
    """Return a new payment intent, not yet kept nor announced."""
    identifier = new_id("payment_intent")
    automatic = params.get("automatic_payment_methods")
    if automatic is None and "allowed_payment_method_types" not in params:
        automatic = {"enabled": True}
    if automatic is not None:
        automatic = {"allow_redirects": "always", **automatic}
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic"),
        "client_secret": f"{identifier}_secret_{random_text()}",
        "confirmation_method": "automatic",
        "created": account.now(),
        "currency": params["currency"],
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": merged_metadata({}, params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": card_options(params),
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": params.get("receipt_email"),
        "review": None,
        "setup_future_usage": params.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def card_options(params: Json) -> Json:
    """Return the card options of a payment intent."""
    given = params.get("payment_method_options", {}).get("card", {})
    asked = given.get("request_three_d_secure", "automatic")
    return {
        "card": {
            "installments": None,
            "mandate_options": None,
            "network": None,
            "request_three_d_secure": asked,
        }
    }


def make_setup_intent(account: Account, params: Json) -> Json:
    """Return a new setup intent, not yet kept nor announced."""
    identifier = new_id("setup_intent")
    given = params.get("payment_method_options", {}).get("card", {})
    automatic = params.get("automatic_payment_methods")
    if automatic is None and "allowed_payment_method_types" not in params:
        automatic = {"enabled": True}
    return {
        "id": identifier,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": automatic,
        "cancellation_reason": None,
        "client_secret": f"{identifier}_secret_{random_text()}",
        "created": account.now(),
        "customer": params.get("customer"),
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged_metadata({}, params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": given.get("request_three_d_secure", "automatic"),
            }
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
