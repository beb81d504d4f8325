"""Paying an invoice by card, the client being there to authenticate (PAY-3, CON-1)."""

from contextlib import suppress

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import DomainError, GatewayError


def pay(visit: Visit, invoice_id: str) -> Response:
    """Pay with the default card; towards the card page when there is none.

    When the bank wants its client, a page leads there: a redirection after a POST would be held
    back by our form-action policy, for banks' addresses are not known beforehand.
    """
    services, account = visit.services, visit.account
    invoice = services.billing.service.invoice_of(account.id, invoice_id)
    page = f"/invoices/{invoice.id}"
    if not services.payments.collection.status_of(invoice.id).can_pay:
        return visit.see_other(page)
    if not services.payments.cards.has_card(account.id):
        return visit.see_other(f"/cards?told=needed&next={page}")
    try:
        outcome = services.payments.collection.pay_now(
            account.id, invoice.id, visit.absolute_url(f"{page}/payment")
        )
    except GatewayError as silent:
        raise DomainError(
            "Le service de paiement ne répond pas. Réessayez dans quelques minutes\u00a0: "
            "une facture n’est jamais débitée deux fois."
        ) from silent
    if outcome.redirect_url:
        return visit.page(
            "payments/authenticate.html",
            number=invoice.number,
            amount_cents=services.payments.collection.status_of(invoice.id).left_cents,
            later=page,
            bank_page=outcome.redirect_url,
        )
    return visit.see_other(page)


def come_back(visit: Visit, invoice_id: str) -> Response:
    """Come back from the bank's page: ask Stripe, whose notice may come later, then show."""
    services = visit.services
    invoice = services.billing.service.invoice_of(visit.account.id, invoice_id)
    with suppress(GatewayError):  # Stripe silent: its notice will tell
        services.payments.collection.refresh(visit.account.id, invoice.id)
    return visit.see_other(f"/invoices/{invoice.id}")
