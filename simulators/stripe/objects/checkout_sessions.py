"""Checkout sessions through the API: create, retrieve, expire, list. See `hosted_checkout`."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError, invalid, missing
from simulators.stripe.foundation.forms import (
    CARD_TYPES,
    Required,
    Spec,
    choice,
    currency,
    integer,
    list_of,
    metadata,
    nested,
    positive_integer,
    text,
    web_address,
)
from simulators.stripe.objects import authentication, setup_intents
from simulators.stripe.objects.customers import full_address
from simulators.stripe.objects.intent_objects import make_setup_intent
from simulators.stripe.objects.session_objects import (
    LONGEST_SECONDS,
    cents,
    make_line,
    make_session,
)

_SHORTEST_SECONDS = 30 * 60
_INTENT_DATA = {"description": text, "metadata": metadata}
_LINE = nested(
    {
        "price_data": Required(
            nested(
                {
                    "currency": Required(currency),
                    "product_data": Required(nested({"name": Required(text), "description": text})),
                    "unit_amount": Required(integer),
                }
            )
        ),
        "quantity": positive_integer,
    }
)
_CREATING: Spec = {
    "cancel_url": web_address,
    "client_reference_id": text,
    "currency": currency,
    "customer": text,
    "customer_email": text,
    "expires_at": integer,
    "line_items": list_of(_LINE),
    "locale": choice("auto", "fr", "en"),
    "metadata": metadata,
    "mode": Required(choice("setup", "payment")),
    "payment_intent_data": nested(
        {**_INTENT_DATA, "setup_future_usage": choice("on_session", "off_session")}
    ),
    "payment_method_options": setup_intents.CARD_OPTIONS,
    **CARD_TYPES,
    "setup_intent_data": nested(_INTENT_DATA),
    "success_url": Required(web_address),
    "ui_mode": choice("hosted_page"),
}


def create(account: Account, params: Json) -> Json:
    """Create a session and the address of its hosted page."""
    _check(account, params)
    lines = [make_line(given) for given in params.get("line_items", [])]
    session = account.add(make_session(account, params, lines))
    account.state.part("line_items")[session["id"]] = lines
    account.state.part("session_details")[session["id"]] = {
        "payment_intent_data": params.get("payment_intent_data", {}),
        "payment_method_options": params.get("payment_method_options", {}),
    }
    if session["mode"] == "setup":
        details = {**params.get("setup_intent_data", {})}
        for name in ("customer", "allowed_payment_method_types", "payment_method_options"):
            if name in params:
                details[name] = params[name]
        intent = account.add(make_setup_intent(account, details))
        session["setup_intent"] = intent["id"]
        account.emit("setup_intent.created", intent)
    return session


def _check(account: Account, params: Json) -> None:
    if "customer" in params:
        account.named("customer", params["customer"], "customer")
        if "customer_email" in params:
            raise invalid("You may only specify one of customer, customer_email.", "customer_email")
    if params["mode"] == "payment":
        _check_payment(params)
    else:
        _check_setup(params)
    lasts = params.get("expires_at", account.now() + LONGEST_SECONDS) - account.now()
    if not _SHORTEST_SECONDS <= lasts <= LONGEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            "expires_at",
        )


def _check_payment(params: Json) -> None:
    if "setup_intent_data" in params:
        raise invalid(
            "You can not pass `setup_intent_data` in `payment` mode.", "setup_intent_data"
        )
    if not params.get("line_items"):
        raise missing("line_items")
    if len({line["price_data"]["currency"] for line in params["line_items"]}) > 1:
        raise invalid("All prices must have the same currency.", "line_items")
    if sum(cents(line) for line in params["line_items"]) < 50:  # noqa: PLR2004 - Stripe's minimum
        raise StripeError(
            "The Checkout Session's total amount due must add up to at least €0.50 eur",
            code="amount_too_small",
            kept=False,
        )


def _check_setup(params: Json) -> None:
    for name in ("payment_intent_data", "line_items"):
        if name in params:
            raise invalid(f"You can not pass `{name}` in `setup` mode.", name)
    if "currency" not in params and "allowed_payment_method_types" not in params:
        raise missing("currency")


def customer_details(account: Account, session: Json, name: str | None) -> Json:
    """Return what a finished session tells of the client."""
    known = account.state.objects("customer").get(session["customer"] or "", {})
    return {
        "address": known.get("address") or full_address({}),
        "business_name": None,
        "email": known.get("email") or session["customer_email"],
        "individual_name": None,
        "name": known.get("name") or name,
        "phone": known.get("phone"),
        "tax_exempt": "none",
        "tax_ids": [],
    }


def expire_due(account: Account) -> bool:
    """Expire the open sessions whose time is over; tell whether there were any."""
    now = account.now()
    due = [
        session
        for session in account.state.objects("checkout.session").values()
        if session["status"] == "open" and session["expires_at"] <= now
    ]
    for session in due:
        _expire(account, session)
    return bool(due)


def _expire(account: Account, session: Json) -> None:
    authentication.forget(account, session["setup_intent"] or session["payment_intent"])
    session["status"] = "expired"
    session["url"] = None
    account.emit("checkout.session.expired", session)


def expire(account: Account, params: Json, session: str) -> Json:
    """Expire an open session."""
    expired = account.own("checkout.session", session, "session")
    if expired["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{expired['status']}`.",
        )
    _expire(account, expired)
    return expired


def retrieve(account: Account, params: Json, session: str) -> Json:
    """Return a session."""
    return account.own("checkout.session", session, "session")


def listed(account: Account, params: Json) -> Json:
    """Return a page of the sessions."""
    sessions = account.state.objects("checkout.session").values()
    return page("/v1/checkout/sessions", sessions, params)


_LIST = list_spec(
    customer=text,
    payment_intent=text,
    status=choice("open", "complete", "expired"),
)
ENDPOINTS = [
    Endpoint("POST", "/v1/checkout/sessions", create, _CREATING),
    Endpoint("GET", "/v1/checkout/sessions", listed, _LIST),
    Endpoint("GET", "/v1/checkout/sessions/<session>", retrieve, {}),
    Endpoint("POST", "/v1/checkout/sessions/<session>/expire", expire, {}),
]
