"""Payment methods, all cards: retrieve, update, attach, detach, list by customer."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError, missing
from simulators.stripe.foundation.forms import (
    Required,
    choice,
    clearable_text,
    integer,
    merged_metadata,
    metadata,
    nested,
    text,
)
from simulators.stripe.foundation.identifiers import fingerprint, new_id
from simulators.stripe.objects.cards import BY_NUMBER, READY_MADE, KnownCard

_CARD = choice("card")
_READY_MADE_YEARS = 4


def from_number(  # noqa: PLR0913 - what a person types on the card form
    account: Account,
    number: str,
    *,
    exp_month: int | None = None,
    exp_year: int | None = None,
    name: str | None = None,
    email: str | None = None,
) -> Json:
    """Make a payment method of a test number; without an expiry it lasts four years."""
    now = account.clock.now()
    card = BY_NUMBER[number]
    method = account.add(
        {
            "id": new_id("payment_method"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": billing_details(name, email),
            "card": _card_members(
                card, exp_month or now.month, exp_year or now.year + _READY_MADE_YEARS
            ),
            "created": account.now(),
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
        }
    )
    account.state.part("cards")[method["id"]] = {
        "number": number,
        "set_up": False,
        "spent": False,
    }
    return method


def billing_details(name: str | None, email: str | None) -> Json:
    """Return billing details with the members that are not asked for left null."""
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


def _card_members(card: KnownCard, exp_month: int, exp_year: int) -> Json:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def usable(account: Account, identifier: str, param: str = "payment_method") -> Json:
    """Return a payment method a parameter names; a ready-made one is copied first."""
    if identifier in READY_MADE:
        return from_number(account, READY_MADE[identifier])
    method = account.named("payment_method", identifier, param)
    if account.state.part("cards")[identifier]["spent"]:
        raise StripeError(
            "This PaymentMethod was previously used without being attached to a Customer or was "
            "detached from a Customer, and may not be used again.",
            code="payment_method_unexpected_state",
        )
    return method


def card_behind(account: Account, method: Json) -> KnownCard:
    """Return the test card behind a payment method."""
    return BY_NUMBER[account.state.part("cards")[method["id"]]["number"]]


def attach_to(account: Account, identifier: str, customer: Json) -> Json:
    """Attach a payment method to a customer; cards refused at once cannot be attached."""
    method = usable(account, identifier)
    if method["customer"] == customer["id"]:
        return method
    if method["customer"] is not None:
        raise StripeError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    refusal = card_behind(account, method).refused_at_once
    if refusal is not None:
        raise StripeError(
            refusal.message,
            status=402,
            kind="card_error",
            code=refusal.code,
            decline_code=refusal.decline_code,
        )
    method["customer"] = customer["id"]
    account.emit("payment_method.attached", method)
    return method


def detach_from(account: Account, method: Json) -> None:
    """Detach a payment method for good; it stops being its customer's default."""
    if method["customer"] is None:
        raise StripeError(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            code="payment_method_unexpected_state",
        )
    customer = account.own("customer", method["customer"])
    method["customer"] = None
    account.state.part("cards")[method["id"]]["spent"] = True
    account.emit("payment_method.detached", method, {"customer": customer["id"]})
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == method["id"]:
        before = dict(settings)
        settings["default_payment_method"] = None
        account.emit("customer.updated", customer, {"invoice_settings": before})


def of_customer(account: Account, customer: str) -> list[Json]:
    """Return the payment methods attached to a customer."""
    methods = account.state.objects("payment_method").values()
    return [method for method in methods if method["customer"] == customer]


def retrieve(account: Account, params: Json, payment_method: str) -> Json:
    """Return a payment method."""
    return account.own("payment_method", payment_method, "payment_method")


def update(account: Account, params: Json, payment_method: str) -> Json:
    """Change the expiry, billing details or metadata of a payment method."""
    method = account.own("payment_method", payment_method, "payment_method")
    method["card"].update(params.get("card", {}))
    method["billing_details"].update(params.get("billing_details", {}))
    method["metadata"] = merged_metadata(method["metadata"], params)
    account.emit("payment_method.updated", method)
    return method


def attach(account: Account, params: Json, payment_method: str) -> Json:
    """Attach a payment method to the customer given."""
    if payment_method not in READY_MADE:
        account.own("payment_method", payment_method, "payment_method")
    customer = account.named("customer", params["customer"], "customer")
    return attach_to(account, payment_method, customer)


def detach(account: Account, params: Json, payment_method: str) -> Json:
    """Detach a payment method from its customer."""
    method = account.own("payment_method", payment_method, "payment_method")
    detach_from(account, method)
    return method


def listed(account: Account, params: Json) -> Json:
    """Return a page of a customer's payment methods."""
    if "customer" not in params:
        raise missing("customer")
    account.named("customer", params["customer"], "customer")
    return page("/v1/payment_methods", of_customer(account, params["customer"]), params)


def listed_under_customer(account: Account, params: Json, customer: str) -> Json:
    """Return a page of the payment methods of the customer in the path."""
    account.own("customer", customer, "customer")
    url = f"/v1/customers/{customer}/payment_methods"
    return page(url, of_customer(account, customer), params)


_PAGINATION = {name: reader for name, reader in list_spec().items() if name != "created"}
_UPDATABLE = {
    "billing_details": nested(
        {"email": clearable_text, "name": clearable_text, "phone": clearable_text}
    ),
    "card": nested({"exp_month": integer, "exp_year": integer}),
    "metadata": metadata,
}
ENDPOINTS = [
    Endpoint(
        "GET", "/v1/payment_methods", listed, {**_PAGINATION, "customer": text, "type": _CARD}
    ),
    Endpoint("GET", "/v1/payment_methods/<payment_method>", retrieve, {}),
    Endpoint("POST", "/v1/payment_methods/<payment_method>", update, _UPDATABLE),
    Endpoint(
        "POST",
        "/v1/payment_methods/<payment_method>/attach",
        attach,
        {"customer": Required(text)},
    ),
    Endpoint("POST", "/v1/payment_methods/<payment_method>/detach", detach, {}),
    Endpoint(
        "GET",
        "/v1/customers/<customer>/payment_methods",
        listed_under_customer,
        {**_PAGINATION, "type": _CARD},
    ),
]
