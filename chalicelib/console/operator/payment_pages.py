"""Payments as operators see them: what is not paid, what was, another try (OPS-1, PAY-3)."""

from chalice.app import Response

from chalicelib.console.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, GatewayError
from chalicelib.foundation.ids import AccountId
from chalicelib.payments.retry_days import next_retry_on

_PAYMENTS = "/operator/payments"
_SHOWN = 50


def payments(visit: Visit) -> Response:
    """Show the invoices whose card was refused, oldest first, and the last ones paid."""
    services = visit.services
    unpaid, settled = services.collection.unpaid(), services.collection.recently_settled(_SHOWN)
    day = today(services.clock)
    return visit.page(
        "payments/operator_payments.html",
        unpaid=[(one, next_retry_on(one, day)) for one in unpaid],
        settled=settled,
        clients={
            account_id: services.accounts.account(AccountId(account_id)).name
            for account_id in {one.account_id for one in [*unpaid, *settled]}
        },
    )


def try_again(visit: Visit, invoice_id: str) -> Response:
    """Try the default card of an unpaid invoice's client at once."""
    try:
        visit.services.collection.try_again(invoice_id, by=f"operator:{visit.user.id}")
    except GatewayError as silent:
        raise DomainError(
            "Le service de paiement ne répond pas. Réessayez dans quelques minutes."
        ) from silent
    return visit.see_other(_PAYMENTS)
