"""Payments as operators see them: what is due by age, what was paid, another try (OPS-1, PAY-3)."""

from chalice.app import Response

from chalicelib.console.accounts.client_names import client_names
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, GatewayError
from chalicelib.payments.late.aging import ages_of

_PAYMENTS = "/operator/payments"
_SHOWN = 50


def payments(visit: Visit) -> Response:
    """Show what is due, oldest first, with its age, and the last invoices paid."""
    services = visit.services
    unpaid, settled = (
        services.payments.collection.unpaid(),
        services.payments.collection.recently_settled(_SHOWN),
    )
    day = today(services.base.clock)
    return visit.page(
        "payments/operator_payments.html",
        unpaid=[(one, services.payments.collection.next_retry_on(one)) for one in unpaid],
        settled=settled,
        ages=ages_of(unpaid, day),
        clients=client_names(visit, [*unpaid, *settled]),
        today=day,
    )


def try_again(visit: Visit, invoice_id: str) -> Response:
    """Try the default card of an unpaid invoice's client at once."""
    try:
        visit.services.payments.collection.try_again(invoice_id, by=f"operator:{visit.user.id}")
    except GatewayError as silent:
        raise DomainError(
            "Le service de paiement ne répond pas. Réessayez dans quelques minutes."
        ) from silent
    return visit.see_other(_PAYMENTS)
