"""The members of new checkout sessions and of their lines."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json
from simulators.stripe.foundation.forms import merged_metadata
from simulators.stripe.foundation.identifiers import new_id, random_text

LONGEST_SECONDS = 24 * 3600


def cents(line: Json) -> int:
    """Return what a line of a request comes to."""
    total: int = line["price_data"]["unit_amount"] * line.get("quantity", 1)
    return total


def make_line(given: Json) -> Json:
    """Return the line item of a line of a request."""
    product = given["price_data"]["product_data"]
    due = cents(given)
    return {
        "id": f"li_{random_text()}",
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": due,
        "amount_tax": 0,
        "amount_total": due,
        "currency": given["price_data"]["currency"],
        "description": product["name"],
        "metadata": {},
        "price": None,
        "quantity": given.get("quantity", 1),
    }


def make_session(account: Account, params: Json, lines: list[Json]) -> Json:
    """Return a new open session, not yet kept."""
    identifier = new_id("checkout.session")
    payment = params["mode"] == "payment"
    total = sum(line["amount_total"] for line in lines)
    return {
        **_NEVER_USED,
        "id": identifier,
        "object": "checkout.session",
        "amount_subtotal": total if payment else None,
        "amount_total": total if payment else None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": account.now(),
        "currency": lines[0]["currency"] if payment else params.get("currency"),
        "customer": params.get("customer"),
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": params.get("expires_at", account.now() + LONGEST_SECONDS),
        "invoice_creation": {"enabled": False, "invoice_data": _NO_INVOICE} if payment else None,
        "locale": params.get("locale"),
        "metadata": merged_metadata({}, params),
        "mode": params["mode"],
        "payment_intent": None,
        "payment_method_options": params.get("payment_method_options", {}),
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if payment else "no_payment_required",
        "setup_intent": None,
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
        if payment
        else None,
        "url": f"{account.base_url}/checkout/{identifier}",
    }


_NO_INVOICE: Json = {
    "account_tax_ids": None,
    "custom_fields": None,
    "description": None,
    "footer": None,
    "issuer": None,
    "metadata": {},
    "rendering_options": None,
}
_NEVER_USED: Json = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allow_promotion_codes": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer_account": None,
    "customer_creation": None,
    "discounts": None,
    "integration_identifier": None,
    "invoice": None,
    "livemode": False,
    "managed_payments": {"enabled": False},
    "origin_context": None,
    "payment_link": None,
    "payment_method_collection": None,
    "payment_method_configuration_details": None,
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "submit_type": None,
    "subscription": None,
    "ui_mode": "hosted_page",
    "wallet_options": None,
}
