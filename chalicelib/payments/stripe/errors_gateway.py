"""Stripe's errors as the house's."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

_SERVER_FAULT = 500
_CONFLICT = 409


class Declined(Exception):  # noqa: N818 - an answer
    """Stripe's 402: the card was refused; the intent tells why."""


@contextmanager
def stripe_errors() -> Iterator[None]:
    """Turn Stripe's errors into the house's."""
    import stripe

    try:
        yield
    except stripe.CardError as refused:
        raise Declined(str(refused)) from refused
    except (stripe.APIConnectionError, stripe.RateLimitError) as fault:
        raise TemporaryGatewayError(f"Stripe: {fault}") from fault
    except stripe.StripeError as fault:
        status = fault.http_status or 0
        # 409: another request holds the same key or object.
        if status >= _SERVER_FAULT or status == _CONFLICT:
            raise TemporaryGatewayError(f"Stripe: {fault}") from fault
        raise FinalGatewayError(f"Stripe: {fault}", code=fault.code or "") from fault
