"""What the hosted pages decide: the card typed, the authentication, where the client goes next."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json, StripeError
from simulators.stripe.objects import authentication, charging, payment_methods, setup_intents
from simulators.stripe.objects.cards import BY_NUMBER, NOT_A_TEST_CARD, Decline
from simulators.stripe.objects.checkout_sessions import customer_details
from simulators.stripe.objects.intent_objects import make_payment_intent


@dataclass(frozen=True)
class TypedCard:
    """A card form that has been read: the number exists as a test card or passes its check."""

    number: str
    exp_month: int
    exp_year: int
    name: str


@dataclass(frozen=True)
class Next:
    """Where the client goes, or why the card was refused."""

    address: str | None = None
    refusal: Decline | None = None


def submit_card(account: Account, session: Json, typed: TypedCard) -> Next:
    """Save or charge the card typed on the page of an open session."""
    if typed.number not in BY_NUMBER:
        return Next(refusal=NOT_A_TEST_CARD)
    method = payment_methods.from_number(
        account,
        typed.number,
        exp_month=typed.exp_month,
        exp_year=typed.exp_year,
        name=typed.name,
    )
    if session["mode"] == "setup":
        return _submit_setup(account, session, method)
    return _submit_payment(account, session, method)


def _submit_setup(account: Account, session: Json, method: Json) -> Next:
    intent = account.own("setup_intent", session["setup_intent"])
    refusal = setup_intents.start(account, intent, method)
    if refusal is not None:
        return Next(refusal=refusal)
    # Every card is authenticated when saved, as the console asks its provider to.
    path = authentication.ask(account, intent, None, session["id"])
    account.emit("setup_intent.requires_action", intent)
    return Next(path)


def _submit_payment(account: Account, session: Json, method: Json) -> Next:
    intent = _intent_of(account, session)
    details = account.state.part("session_details")[session["id"]]
    asked = details["payment_method_options"].get("card", {}).get("request_three_d_secure")
    authentication.forget(account, intent["id"])
    how = charging.Confirmation(
        session=session["id"], asks_authentication=asked in ("any", "challenge")
    )
    try:
        charging.confirm(account, intent, method, how)
    except StripeError as refused:
        return Next(refusal=_decline_of(refused))
    if intent["status"] == "requires_action":
        return Next(urlsplit(intent["next_action"]["redirect_to_url"]["url"]).path)
    return Next(_complete(account, session, method))


def _decline_of(refused: StripeError) -> Decline:
    told = refused.error
    return Decline(told["code"], told["message"], told.get("decline_code"))


def _intent_of(account: Account, session: Json) -> Json:
    """Return the payment intent of a session; Stripe makes it at the first attempt."""
    if session["payment_intent"] is not None:
        return account.own("payment_intent", session["payment_intent"])
    details = account.state.part("session_details")[session["id"]]
    wanted = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "allowed_payment_method_types": session["payment_method_types"],
        "payment_method_options": details["payment_method_options"],
        **details["payment_intent_data"],
    }
    if session["customer"]:
        wanted["customer"] = session["customer"]
    intent = account.add(make_payment_intent(account, wanted))
    session["payment_intent"] = intent["id"]
    account.emit("payment_intent.created", intent)
    return intent


def _complete(account: Account, session: Json, method: Json) -> str:
    session["status"] = "complete"
    session["url"] = None
    if session["mode"] == "payment":
        session["payment_status"] = "paid"
    name = method["billing_details"]["name"]
    session["customer_details"] = customer_details(account, session, name)
    account.emit("checkout.session.completed", session)
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def decide(account: Account, token: str, *, allowed: bool) -> str:
    """Apply the client's answer on an authentication page; return where to go next."""
    asked = account.state.part("authentications").pop(token)
    intent = account.own(asked["kind"], asked["intent"])
    method = account.own("payment_method", intent["payment_method"])
    finish = (
        setup_intents.finish_authentication
        if asked["kind"] == "setup_intent"
        else charging.finish_authentication
    )
    done = finish(account, intent, allowed=allowed)
    if asked["session"] is None:
        return _with_result(asked["return_url"] or account.base_url, intent, succeeded=done)
    session = account.own("checkout.session", asked["session"])
    if done and session["status"] == "open":
        return _complete(account, session, method)
    return f"{account.base_url}/checkout/{session['id']}"


def _with_result(return_url: str, intent: Json, *, succeeded: bool) -> str:
    """Add to the return address what Stripe adds: the intent, its secret and the result."""
    name = intent["object"]
    told = urlencode(
        {
            name: intent["id"],
            f"{name}_client_secret": intent["client_secret"],
            "redirect_status": "succeeded" if succeeded else "failed",
        }
    )
    parts = urlsplit(return_url)
    query = f"{parts.query}&{told}" if parts.query else told
    return urlunsplit(parts._replace(query=query))
