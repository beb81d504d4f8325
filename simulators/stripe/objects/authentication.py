"""Strong authentication: asking for it, and the hosted page's answer.

An authentication is asked for one intent and serves once. The page's address carries a token
that cannot be guessed.
"""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json
from simulators.stripe.foundation.identifiers import random_text

REFUSED = (
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again."
)


def ask(account: Account, intent: Json, return_url: str | None, session: str | None = None) -> str:
    """Put an intent in `requires_action` and return the path of its authentication page.

    Without a return address Stripe leaves the page to its script: there is no redirection.
    """
    token = random_text()
    account.state.part("authentications")[token] = {
        "intent": intent["id"],
        "kind": intent["object"],
        "return_url": return_url,
        "session": session,
    }
    path = f"/authenticate/{token}"
    intent["status"] = "requires_action"
    if return_url is None and session is None:
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    else:
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": account.base_url + path},
        }
    return path


def result() -> Json:
    """Return what a charge says of an authentication that succeeded."""
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": random_text(),
        "version": "2.2.0",
    }


def forget(account: Account, intent: str | None) -> None:
    """Drop the pages that still ask for this intent: it was confirmed anew or cancelled."""
    pages = account.state.part("authentications")
    for token in [token for token, asked in pages.items() if asked["intent"] == intent]:
        del pages[token]
