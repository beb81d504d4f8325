"""Customers: create, retrieve, update, delete, list."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError
from simulators.stripe.foundation.forms import (
    choice,
    clearable_text,
    list_of,
    merged_metadata,
    metadata,
    nested,
    text,
)
from simulators.stripe.foundation.identifiers import new_id, random_text
from simulators.stripe.objects import payment_methods

_ADDRESS_FIELDS = ("city", "country", "line1", "line2", "postal_code", "state")
ADDRESS = nested(dict.fromkeys(_ADDRESS_FIELDS, clearable_text))
_WRITABLE = {
    "address": ADDRESS,
    "description": clearable_text,
    "email": clearable_text,
    "invoice_settings": nested({"default_payment_method": clearable_text}),
    "metadata": metadata,
    "name": clearable_text,
    "phone": clearable_text,
    "preferred_locales": list_of(text),
    "tax_exempt": choice("none", "exempt", "reverse"),
}


def full_address(given: Json | None) -> Json | None:
    """Return an address with every member, those not given being null."""
    return None if given is None else {name: given.get(name) for name in _ADDRESS_FIELDS}


def create(account: Account, params: Json) -> Json:
    """Create a customer; a payment method given along is attached to it."""
    customer = account.add(
        {
            "id": new_id("customer"),
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": account.now(),
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "discount": None,
            "email": None,
            "invoice_prefix": random_text(8).upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": {},
            "name": None,
            "next_invoice_sequence": 1,
            "phone": None,
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
    )
    _write(account, customer, params)
    account.emit("customer.created", customer)
    if "payment_method" in params:
        payment_methods.attach_to(account, params["payment_method"], customer)
    return customer


def update(account: Account, params: Json, customer: str) -> Json:
    """Change the given members of a customer."""
    changed = account.own("customer", customer)
    before = {name: changed[name] for name in params if name in _WRITABLE}
    _write(account, changed, params)
    previous = {name: value for name, value in before.items() if changed[name] != value}
    account.emit("customer.updated", changed, previous)
    return changed


def _write(account: Account, customer: Json, params: Json) -> None:
    chosen = params.get("invoice_settings", {})
    if chosen.get("default_payment_method"):
        _check_attached(account, chosen["default_payment_method"], customer)
    for name in params:
        if name in _WRITABLE and name not in ("metadata", "invoice_settings"):
            customer[name] = params[name]
    # A new dictionary, so that `update` can compare with the one before.
    customer["invoice_settings"] = {**customer["invoice_settings"], **chosen}
    customer["address"] = full_address(customer["address"])
    customer["metadata"] = merged_metadata(customer["metadata"], params)


def _check_attached(account: Account, payment_method: str, customer: Json) -> None:
    found = account.state.objects("payment_method").get(payment_method)
    if found is None or found["customer"] != customer["id"]:
        raise StripeError(
            f"The customer does not have a payment method with the ID {payment_method}. The "
            "payment method must be attached to the customer.",
            code="resource_missing",
            param="invoice_settings[default_payment_method]",
        )


def retrieve(account: Account, params: Json, customer: str) -> Json:
    """Return a customer."""
    return account.own("customer", customer)


def delete(account: Account, params: Json, customer: str) -> Json:
    """Delete a customer for good; its cards are detached."""
    gone = account.own("customer", customer)
    for method in payment_methods.of_customer(account, customer):
        payment_methods.detach_from(account, method)
    del account.state.objects("customer")[customer]
    account.emit("customer.deleted", gone)
    return {"id": customer, "object": "customer", "deleted": True}


def listed(account: Account, params: Json) -> Json:
    """Return a page of the customers."""
    return page("/v1/customers", account.state.objects("customer").values(), params)


ENDPOINTS = [
    Endpoint("POST", "/v1/customers", create, {**_WRITABLE, "payment_method": text}),
    Endpoint("GET", "/v1/customers", listed, list_spec(email=text)),
    Endpoint("GET", "/v1/customers/<customer>", retrieve, {}),
    Endpoint("POST", "/v1/customers/<customer>", update, _WRITABLE),
    Endpoint("DELETE", "/v1/customers/<customer>", delete, {}),
]
