"""What the page of an invoice says of a late payment: default, claims (PAY-6)."""

from typing import Any

from chalicelib.console.framework.visit import Visit


def late_shown(visit: Visit, account_id: str, invoice_id: str) -> dict[str, Any]:
    """Give the first day in default, the claims fixed, and those that paying today would add."""
    services = visit.services
    since = services.late.dunning.in_default_since(invoice_id)
    receivable = services.payments.receivables.receivable(invoice_id)
    return {
        "default_since": since,
        "claims": services.late.claims.of_invoice(account_id, invoice_id),
        "foreseen": services.late.claims.foreseen(receivable) if since else [],
    }
