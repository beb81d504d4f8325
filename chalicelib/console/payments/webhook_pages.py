"""Where Stripe sends its notices (PAY-2)."""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.payments.stripe.processor import BadWebhook


def receive(visit: Visit) -> Response:
    """Handle a notice: 200 acknowledges it, 400 refuses it; after a 5xx Stripe sends it again.

    Open to everybody: what is not signed by Stripe is refused before anything is read of it.
    """
    try:
        visit.services.payments.webhooks.receive(visit.raw_body, visit.header("stripe-signature"))
    except BadWebhook:
        return _answer("bad signature", 400)
    return _answer("ok", 200)


def _answer(text: str, status: int) -> Response:
    return Response(text, {"Content-Type": "text/plain; charset=utf-8"}, status)
