"""What happens when a payment intent is confirmed: charged, refused, or authentication asked.

requires_payment_method -> requires_confirmation -> requires_action -> succeeded, and back to
requires_payment_method after a refusal.
"""

import copy
from dataclasses import dataclass

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json, StripeError
from simulators.stripe.objects import authentication, charges
from simulators.stripe.objects.cards import (
    AUTHENTICATION_REQUIRED,
    DECLINES,
    EXPIRED,
    Decline,
    has_expired,
)
from simulators.stripe.objects.payment_methods import card_behind

_SUCCEEDED = "succeeded"


@dataclass(frozen=True)
class Confirmation:
    """How a payment is confirmed: in the client's presence or not, authenticated or not."""

    off_session: bool = False
    authenticated: bool = False
    return_url: str | None = None
    asks_authentication: bool = False
    session: str | None = None  # the hosted page that confirms, if one does


def confirm(account: Account, intent: Json, method: Json, how: Confirmation) -> Json:
    """Charge the method, or ask for authentication; raise Stripe's 402 when it is refused."""
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    intent["next_action"] = None
    outcome = _decide(account, method, how)
    if outcome is AUTHENTICATION_REQUIRED and not how.off_session:
        authentication.ask(account, intent, how.return_url, how.session)
        account.emit("payment_intent.requires_action", intent)
    elif outcome is None:
        _succeed(account, intent, method, authenticated=how.authenticated)
    else:
        raise _refuse(account, intent, method, outcome)
    return intent


def _decide(account: Account, method: Json, how: Confirmation) -> Decline | None:
    """Return why the charge is refused, None when it succeeds."""
    forced = account.state.part("forced_outcomes")
    if forced and not how.authenticated:
        name = forced.pop(0)
        return None if name == _SUCCEEDED else DECLINES[name]
    card = card_behind(account, method)
    details = method["card"]
    if has_expired(details["exp_month"], details["exp_year"], account.clock.now()):
        return EXPIRED
    if card.refused_at_once is not None:
        return card.refused_at_once
    if not how.authenticated and _must_authenticate(account, method, how):
        return AUTHENTICATION_REQUIRED
    return card.refused_later


def _must_authenticate(account: Account, method: Json, how: Confirmation) -> bool:
    rule = card_behind(account, method).authenticates
    set_up = account.state.part("cards")[method["id"]]["set_up"]
    if rule == "until_set_up" and how.off_session and set_up:
        return how.asks_authentication
    return rule != "never" or how.asks_authentication


def _succeed(account: Account, intent: Json, method: Json, *, authenticated: bool) -> None:
    charge = charges.make(account, intent, method, None)
    if authenticated:
        charge["payment_method_details"]["card"]["three_d_secure"] = authentication.result()
    intent["latest_charge"] = charge["id"]
    intent["status"] = _SUCCEEDED
    intent["amount_received"] = intent["amount"]
    _keep_for_later(account, intent, method, authenticated=authenticated)
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)


def _keep_for_later(account: Account, intent: Json, method: Json, *, authenticated: bool) -> None:
    """Attach the card when the intent asks for it; otherwise it serves only once."""
    private = account.state.part("cards")[method["id"]]
    if method["customer"] is not None or intent["customer"] is None:
        private["spent"] = method["customer"] is None
        return
    if intent["setup_future_usage"] is None:
        private["spent"] = True
        return
    method["customer"] = intent["customer"]
    private["set_up"] = private["set_up"] or authenticated
    account.emit("payment_method.attached", method)


def _refuse(account: Account, intent: Json, method: Json, decline: Decline) -> StripeError:
    charge = charges.make(account, intent, method, decline)
    error = StripeError(
        decline.message,
        status=402,
        kind="card_error",
        code=decline.code,
        decline_code=decline.decline_code,
        charge=charge["id"],
        payment_method=copy.deepcopy(method),
    )
    intent["latest_charge"] = charge["id"]
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["last_payment_error"] = dict(error.error)
    error.error["payment_intent"] = intent
    account.emit("charge.failed", charge)
    account.emit("payment_intent.payment_failed", intent)
    return error


def finish_authentication(account: Account, intent: Json, *, allowed: bool) -> bool:
    """Go on after the hosted page: charge if the client allowed it. Tell whether it is paid."""
    method = account.own("payment_method", intent["payment_method"])
    if not allowed:
        _fail_authentication(account, intent, method)
        return False
    try:
        confirm(account, intent, method, Confirmation(authenticated=True))
    except StripeError:
        return False
    return True


def _fail_authentication(account: Account, intent: Json, method: Json) -> None:
    intent["status"] = "requires_payment_method"
    intent["next_action"] = None
    intent["payment_method"] = None
    intent["last_payment_error"] = {
        "code": "payment_intent_authentication_failure",
        "message": authentication.REFUSED,
        "payment_method": copy.deepcopy(method),
        "type": "card_error",
    }
    account.emit("payment_intent.payment_failed", intent)
