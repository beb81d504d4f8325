"""Payment intents: create, retrieve, update, confirm, cancel, list."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError, invalid
from simulators.stripe.foundation.forms import (
    CARD_TYPES,
    Required,
    Spec,
    boolean,
    choice,
    clearable_text,
    currency,
    merged_metadata,
    metadata,
    nested,
    positive_integer,
    text,
    web_address,
)
from simulators.stripe.objects import authentication, charging, payment_methods
from simulators.stripe.objects.intent_objects import card_options, make_payment_intent

_LEAST_CENTS = 50
_MOST_CENTS = 99_999_999
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_DESCRIPTIVE: Spec = {
    "description": clearable_text,
    "metadata": metadata,
    "receipt_email": clearable_text,
    "statement_descriptor_suffix": clearable_text,
}
_CONFIRMING: Spec = {
    "off_session": boolean,
    "payment_method": text,
    "payment_method_options": nested(
        {"card": nested({"request_three_d_secure": choice("automatic", "any", "challenge")})}
    ),
    "return_url": web_address,
    "setup_future_usage": choice("on_session", "off_session"),
}
_CREATING: Spec = {
    **_DESCRIPTIVE,
    **_CONFIRMING,
    "amount": Required(positive_integer),
    "automatic_payment_methods": nested(
        {"enabled": Required(boolean), "allow_redirects": choice("always", "never")}
    ),
    "capture_method": choice("automatic", "automatic_async"),
    "confirm": boolean,
    "currency": Required(currency),
    "customer": text,
    **CARD_TYPES,
}


def create(account: Account, params: Json) -> Json:
    """Create a payment intent, and confirm it at once when asked."""
    _check_creation(account, params)
    intent = make_payment_intent(account, params)
    if params.get("confirm"):
        _check_return_url(intent, params)
        if "payment_method" not in params:
            raise _without_method(intent)
    if "payment_method" in params:
        method = payment_methods.usable(account, params["payment_method"])
        _check_owner(intent, method)
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"
    account.add(intent)
    account.emit("payment_intent.created", intent)
    if params.get("confirm"):
        _confirm(account, intent, params)
    return intent


def _check_creation(account: Account, params: Json) -> None:
    _check_amount(params["amount"])
    if "customer" in params:
        account.named("customer", params["customer"], "customer")
    if not params.get("confirm"):
        for name in ("off_session", "return_url"):
            if name in params:
                raise invalid(
                    f"The parameter `{name}` can only be passed when `confirm` is `true`.", name
                )
    if "allowed_payment_method_types" in params and "automatic_payment_methods" in params:
        raise invalid(
            "You may only specify one of these parameters: allowed_payment_method_types, "
            "automatic_payment_methods.",
            "automatic_payment_methods",
        )


def _check_amount(amount: int) -> None:
    if amount < _LEAST_CENTS:
        raise invalid("Amount must be at least €0.50 eur", "amount", "amount_too_small")
    if amount > _MOST_CENTS:
        raise invalid("Amount must be no more than €999,999.99", "amount", "amount_too_large")


def _check_owner(intent: Json, method: Json) -> None:
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise StripeError(
            "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod, you must "
            "attach it to a Customer first, and give that Customer with the PaymentIntent.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )


def _confirm(account: Account, intent: Json, params: Json) -> None:
    wanted = params.get("payment_method") or intent["payment_method"]
    if wanted is None:
        raise _without_method(intent)
    # `create` has already copied a ready-made method into the intent.
    known = params.get("confirm") and intent["payment_method"]
    method = payment_methods.usable(account, known or wanted)
    _check_owner(intent, method)
    _check_return_url(intent, params)
    authentication.forget(account, intent["id"])
    options = intent["payment_method_options"]["card"]
    charging.confirm(
        account,
        intent,
        method,
        charging.Confirmation(
            off_session=params.get("off_session", False),
            return_url=params.get("return_url"),
            asks_authentication=options["request_three_d_secure"] in ("any", "challenge"),
        ),
    )


def _check_return_url(intent: Json, params: Json) -> None:
    automatic = intent["automatic_payment_methods"] or {"enabled": False}
    may_redirect = automatic["enabled"] and automatic["allow_redirects"] == "always"
    if may_redirect and not params.get("off_session") and "return_url" not in params:
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your "
            "Dashboard. Because some of these payment methods might redirect your customer off of "
            "your page, you must provide a `return_url`. If you don't want to accept "
            "redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` "
            "and `automatic_payment_methods[allow_redirects]` to `never`.",
            "return_url",
        )


def _unexpected(intent: Json, message: str) -> StripeError:
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=intent)


def _without_method(intent: Json) -> StripeError:
    return _unexpected(
        intent,
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
        "either update the PaymentIntent with a payment method and then confirm it again, or "
        "confirm it again directly with a payment method.",
    )


def retrieve(account: Account, params: Json, intent: str) -> Json:
    """Return a payment intent."""
    return account.own("payment_intent", intent, "intent")


def update(account: Account, params: Json, intent: str) -> Json:
    """Change a payment intent; its amount and method only before it is paid."""
    changed = account.own("payment_intent", intent, "intent")
    if changed["status"] not in _CONFIRMABLE and {"amount", "payment_method"} & set(params):
        raise _unexpected(
            changed,
            "This PaymentIntent's amount and payment method could not be updated because it has a "
            f"status of {changed['status']}.",
        )
    if "amount" in params:
        _check_amount(params["amount"])
    for name in ("amount", "description", "receipt_email", "statement_descriptor_suffix"):
        if name in params:
            changed[name] = params[name]
    changed["metadata"] = merged_metadata(changed["metadata"], params)
    if "payment_method" in params:
        method = payment_methods.usable(account, params["payment_method"])
        _check_owner(changed, method)
        authentication.forget(account, intent)
        changed["next_action"] = None
        changed["payment_method"] = method["id"]
        changed["status"] = "requires_confirmation"
    return changed


def confirm(account: Account, params: Json, intent: str) -> Json:
    """Confirm a payment intent, possibly with another payment method."""
    confirmed = account.own("payment_intent", intent, "intent")
    if confirmed["status"] not in _CONFIRMABLE:
        already = confirmed["status"] == "succeeded"
        reason = (
            "it has already succeeded after being previously confirmed."
            if already
            else f"it has a status of {confirmed['status']}."
        )
        raise _unexpected(confirmed, f"You cannot confirm this PaymentIntent because {reason}")
    if "setup_future_usage" in params:
        confirmed["setup_future_usage"] = params["setup_future_usage"]
    if "payment_method_options" in params:
        confirmed["payment_method_options"] = card_options(params)
    _confirm(account, confirmed, params)
    return confirmed


def cancel(account: Account, params: Json, intent: str) -> Json:
    """Cancel a payment intent that is not paid."""
    cancelled = account.own("payment_intent", intent, "intent")
    if cancelled["status"] not in _CONFIRMABLE:
        raise _unexpected(
            cancelled,
            f"You cannot cancel this PaymentIntent because it has a status of "
            f"{cancelled['status']}. Only a PaymentIntent with one of the following statuses may "
            "be canceled: requires_payment_method, requires_capture, requires_confirmation, "
            "requires_action, processing.",
        )
    authentication.forget(account, intent)
    cancelled["status"] = "canceled"
    cancelled["canceled_at"] = account.now()
    cancelled["cancellation_reason"] = params.get("cancellation_reason")
    cancelled["next_action"] = None
    account.emit("payment_intent.canceled", cancelled)
    return cancelled


def listed(account: Account, params: Json) -> Json:
    """Return a page of the payment intents."""
    intents = account.state.objects("payment_intent").values()
    return page("/v1/payment_intents", intents, params)


ENDPOINTS = [
    Endpoint("POST", "/v1/payment_intents", create, _CREATING),
    Endpoint("GET", "/v1/payment_intents", listed, list_spec(customer=text)),
    Endpoint("GET", "/v1/payment_intents/<intent>", retrieve, {"client_secret": text}),
    Endpoint(
        "POST",
        "/v1/payment_intents/<intent>",
        update,
        {**_DESCRIPTIVE, "amount": positive_integer, "payment_method": text},
    ),
    Endpoint("POST", "/v1/payment_intents/<intent>/confirm", confirm, _CONFIRMING),
    Endpoint(
        "POST",
        "/v1/payment_intents/<intent>/cancel",
        cancel,
        {
            "cancellation_reason": choice(
                "duplicate", "fraudulent", "requested_by_customer", "abandoned"
            )
        },
    ),
]
