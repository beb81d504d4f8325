"""The account's cards: list, add on the hosted page, choose, remove (PAY-1, CON-1)."""

import re
from contextlib import suppress

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, GatewayError
from chalicelib.payments.cards.expiry import expires_soon

_CARDS = "/cards"
# Pages that send here for a card, and to which its client goes back.
_BACK = re.compile(r"/(orders|invoices)/[A-Za-z0-9_]{1,80}")


def cards(visit: Visit) -> Response:
    """List the cards, the one charged marked; offer to add another."""
    services, account = visit.services, visit.account
    default = services.payments.cards.default_card(account.id)
    day = today(services.base.clock)
    kept = services.payments.cards.cards_of(account.id)
    return visit.page(
        "payments/cards.html",
        cards=kept,
        soon={card.id: expires_soon(card, day) for card in kept},
        default_id=default.id if default else "",
        by_invoice=account.payment_mode == "invoice",
        today=day,
        told=visit.query.get("told", ""),
        back=_back(visit.query.get("next", "")),
    )


def add(visit: Visit) -> Response:
    """Send the client to the page on which Stripe takes the card and the bank authenticates."""
    back = _back(visit.fields.get("next", ""))
    query = f"session_id={{CHECKOUT_SESSION_ID}}&next={back}"
    left = f"{_CARDS}?told=left" + (f"&next={back}" if back else "")
    try:
        page = visit.services.payments.cards.start_saving(
            visit.account.id,
            success_url=visit.absolute_url(f"{_CARDS}/return?{query}"),
            cancel_url=visit.absolute_url(left),
            language=visit.language,
        )
    except GatewayError as silent:
        raise DomainError(
            "Le service de paiement ne répond pas. Réessayez dans quelques minutes."
        ) from silent
    return visit.see_other(page)


def come_back(visit: Visit) -> Response:
    """Take note of a card saved: Stripe is asked, for its own notice may come later."""
    back = _back(visit.query.get("next", ""))
    session_id = visit.query.get("session_id", "")
    if not session_id:  # come by way of the sign-in page: the notice will have told
        return visit.see_other(_CARDS)
    try:
        card = visit.services.payments.cards.note_saved(visit.account.id, session_id)
    except GatewayError:
        return visit.see_other(back or f"{_CARDS}?told=soon")
    if card is None:
        return visit.see_other(f"{_CARDS}?told=left" + (f"&next={back}" if back else ""))
    return visit.see_other(back or f"{_CARDS}?told=saved")


def choose(visit: Visit, card_id: str) -> Response:
    """Charge this card from now on."""
    visit.services.payments.cards.make_default(visit.account.id, card_id, by=visit.user.id)
    return visit.see_other(f"{_CARDS}?told=chosen")


def remove(visit: Visit, card_id: str) -> Response:
    """Take a card away."""
    # Stripe silent: our record, which alone is charged from, has already let go of the card.
    with suppress(GatewayError):
        visit.services.payments.cards.remove(visit.account.id, card_id, by=visit.user.id)
    return visit.see_other(f"{_CARDS}?told=removed")


def _back(path: str) -> str:
    """Give the page to go back to, if it is one of ours that may be."""
    return path if _BACK.fullmatch(path) else ""
