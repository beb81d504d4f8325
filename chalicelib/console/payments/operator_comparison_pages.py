"""What the daily comparison with Stripe found (PAY-5, OPS-1, OPS-2)."""

from chalice.app import Response

from chalicelib.console.accounts.client_names import client_names
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import DomainError, FieldErrors, GatewayError

_PAGE = "/operator/payments/comparison"


def comparison(visit: Visit) -> Response:
    """List the differences to examine, then the last ones over."""
    return _shown(visit)


def compare(visit: Visit) -> Response:
    """Compare now, without waiting for the schedule."""
    try:
        visit.services.closings.reconciliation.run()
    except GatewayError as silent:
        raise DomainError(
            "Le service de paiement ne répond pas. Réessayez dans quelques minutes."
        ) from silent
    return visit.see_other(_PAGE)


def close(visit: Visit, difference_name: str) -> Response:
    """Note what explains a difference."""
    try:
        visit.services.closings.reconciliation.close(
            difference_name,
            reason=visit.fields.get("reason", ""),
            by=f"operator:{visit.user.id}",
            credit_note_id=visit.fields.get("credit_note", ""),
        )
    except FieldErrors as refused:
        return _shown(visit, refused, difference_name)
    return visit.see_other(_PAGE)


def _shown(visit: Visit, refused: FieldErrors | None = None, about: str = "") -> Response:
    comparing = visit.services.closings.reconciliation
    waiting, over = comparing.open(), comparing.over()
    return visit.page(
        "payments/operator_comparison.html",
        422 if refused else 200,
        last=comparing.last_run(),
        waiting=waiting,
        credits={
            one.invoice_id: visit.services.payments.receivables.credits_of(one.invoice_id)
            for one in waiting
            if one.kind == "by_hand"
        },
        over=over,
        clients=client_names(visit, [*waiting, *over]),
        about=about,
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
    )
