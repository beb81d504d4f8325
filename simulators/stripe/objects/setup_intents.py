"""Setup intents: saving a card for later charges, with strong authentication."""

import copy

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError, invalid
from simulators.stripe.foundation.forms import (
    CARD_TYPES,
    Required,
    boolean,
    choice,
    clearable_text,
    metadata,
    nested,
    text,
    web_address,
)
from simulators.stripe.objects import authentication, payment_methods
from simulators.stripe.objects.cards import Decline
from simulators.stripe.objects.intent_objects import make_setup_intent

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CONFIRMING = {"payment_method": text, "return_url": web_address}
CARD_OPTIONS = nested(
    {"card": nested({"request_three_d_secure": choice("automatic", "any", "challenge")})}
)
_CREATING = {
    **_CONFIRMING,
    "automatic_payment_methods": nested(
        {"enabled": Required(boolean), "allow_redirects": choice("always", "never")}
    ),
    "confirm": boolean,
    "customer": text,
    "description": clearable_text,
    "metadata": metadata,
    "payment_method_options": CARD_OPTIONS,
    **CARD_TYPES,
    "usage": choice("on_session", "off_session"),
}


def create(account: Account, params: Json) -> Json:
    """Create a setup intent, and confirm it at once when asked."""
    if "customer" in params:
        account.named("customer", params["customer"], "customer")
    if params.get("confirm") and "payment_method" not in params:
        raise _unexpected(None, "You cannot confirm this SetupIntent: no payment method.")
    if not params.get("confirm") and "return_url" in params:
        raise invalid("return_url can only be passed when confirm is true.", "return_url")
    intent = make_setup_intent(account, params)
    if "payment_method" in params:
        method = payment_methods.usable(account, params["payment_method"])
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"
    account.add(intent)
    account.emit("setup_intent.created", intent)
    if params.get("confirm"):
        method = account.own("payment_method", intent["payment_method"])
        _confirm(account, intent, method, params.get("return_url"))
    return intent


def confirm(account: Account, params: Json, intent: str) -> Json:
    """Confirm a setup intent."""
    confirmed = account.own("setup_intent", intent, "intent")
    if confirmed["status"] not in _OPEN:
        raise _unexpected(
            confirmed,
            "You cannot confirm this SetupIntent because it has a status of "
            f"{confirmed['status']}.",
        )
    wanted = params.get("payment_method") or confirmed["payment_method"]
    if wanted is None:
        raise _unexpected(confirmed, "You cannot confirm this SetupIntent: no payment method.")
    method = payment_methods.usable(account, wanted)
    _confirm(account, confirmed, method, params.get("return_url"))
    return confirmed


def _unexpected(intent: Json | None, message: str) -> StripeError:
    return StripeError(message, code="setup_intent_unexpected_state", setup_intent=intent)


def _confirm(account: Account, intent: Json, method: Json, return_url: str | None) -> None:
    refusal = start(account, intent, method)
    if refusal is not None:
        raise StripeError(
            refusal.message,
            status=402,
            kind="card_error",
            code=refusal.code,
            decline_code=refusal.decline_code,
            payment_method=method,
            setup_intent=intent,
        )
    rule = payment_methods.card_behind(account, method).authenticates
    asked = intent["payment_method_options"]["card"]["request_three_d_secure"]
    if rule != "never" or asked in ("any", "challenge"):
        authentication.ask(account, intent, return_url)
        account.emit("setup_intent.requires_action", intent)
    else:
        succeed(account, intent, method, authenticated=False)


def start(account: Account, intent: Json, method: Json) -> Decline | None:
    """Give a setup intent its card; return why the card is refused, None when it is not."""
    authentication.forget(account, intent["id"])
    intent["next_action"] = None
    refusal = payment_methods.card_behind(account, method).refused_at_once
    if refusal is None:
        intent["payment_method"] = method["id"]
        intent["last_setup_error"] = None
        return None
    fail(account, intent, method, refusal)
    return refusal


def succeed(account: Account, intent: Json, method: Json, *, authenticated: bool) -> None:
    """Finish a setup intent and attach its card to the customer."""
    if intent["customer"] is not None and method["customer"] is None:
        customer = account.own("customer", intent["customer"])
        payment_methods.attach_to(account, method["id"], customer)
    private = account.state.part("cards")[method["id"]]
    private["set_up"] = private["set_up"] or authenticated
    intent["status"] = "succeeded"
    intent["next_action"] = None
    account.emit("setup_intent.succeeded", intent)


def fail(account: Account, intent: Json, method: Json, why: Decline) -> None:
    """Put a setup intent back to waiting for a card, and tell why."""
    error = {
        "code": why.code,
        "decline_code": why.decline_code,
        "message": why.message,
        "payment_method": copy.deepcopy(method),
        "type": "card_error",
    }
    intent["last_setup_error"] = {name: value for name, value in error.items() if value}
    intent["next_action"] = None
    intent["payment_method"] = None
    intent["status"] = "requires_payment_method"
    account.emit("setup_intent.setup_failed", intent)


def finish_authentication(account: Account, intent: Json, *, allowed: bool) -> bool:
    """Go on after the hosted page. Tell whether the card is saved."""
    method = account.own("payment_method", intent["payment_method"])
    if allowed:
        succeed(account, intent, method, authenticated=True)
    else:
        why = Decline("setup_intent_authentication_failure", authentication.REFUSED)
        fail(account, intent, method, why)
    return allowed


def retrieve(account: Account, params: Json, intent: str) -> Json:
    """Return a setup intent."""
    return account.own("setup_intent", intent, "intent")


def cancel(account: Account, params: Json, intent: str) -> Json:
    """Cancel a setup intent that is not finished."""
    cancelled = account.own("setup_intent", intent, "intent")
    if cancelled["status"] not in _OPEN:
        raise _unexpected(
            cancelled,
            f"You cannot cancel this SetupIntent because it has a status of {cancelled['status']}.",
        )
    authentication.forget(account, intent)
    cancelled["status"] = "canceled"
    cancelled["next_action"] = None
    cancelled["cancellation_reason"] = params.get("cancellation_reason")
    account.emit("setup_intent.canceled", cancelled)
    return cancelled


def listed(account: Account, params: Json) -> Json:
    """Return a page of the setup intents."""
    intents = account.state.objects("setup_intent").values()
    return page("/v1/setup_intents", intents, params)


ENDPOINTS = [
    Endpoint("POST", "/v1/setup_intents", create, _CREATING),
    Endpoint("GET", "/v1/setup_intents", listed, list_spec(customer=text, payment_method=text)),
    Endpoint("GET", "/v1/setup_intents/<intent>", retrieve, {"client_secret": text}),
    Endpoint("POST", "/v1/setup_intents/<intent>/confirm", confirm, _CONFIRMING),
    Endpoint(
        "POST",
        "/v1/setup_intents/<intent>/cancel",
        cancel,
        {"cancellation_reason": choice("abandoned", "duplicate", "requested_by_customer")},
    ),
]
