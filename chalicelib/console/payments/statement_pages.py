"""The client’s statement of account, claims for late payment, objections (PAY-4, PAY-6, PRI-5)."""

from contextlib import suppress

from chalice.app import Response

from chalicelib.console.framework.downloads import file_answer
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import DomainError, FieldErrors, GatewayError

_STATEMENT = "/statement"


def statement(visit: Visit) -> Response:
    """Show what was invoiced, paid and given back, with the running balance."""
    return _shown(visit)


def statement_csv(visit: Visit) -> Response:
    """Give the statement as CSV."""
    text = visit.services.closings.statements.csv(visit.account.id)
    return file_answer("\ufeff" + text, "text/csv; charset=utf-8", "releve-de-compte.csv")


def contest(visit: Visit) -> Response:
    """Record an objection to a suspension: it then waits for a human (PRI-5)."""
    objection = visit.fields.get("objection", "")
    try:
        visit.services.late.suspensions.contest(visit.account.id, objection, by=visit.user.id)
    except FieldErrors as refused:
        return _shown(visit, refused)
    return visit.see_other(f"{_STATEMENT}?told=contested")


def pay_claim(visit: Visit, claim_id: str) -> Response:
    """Pay interest or the fee by card, the client being there to authenticate (PAY-6)."""
    services, account = visit.services, visit.account
    claim = services.late.claims.claim_of(account.id, claim_id)
    if not services.payments.collection.status_of(claim.id).can_pay:
        return visit.see_other(_STATEMENT)
    if not services.payments.cards.has_card(account.id):
        return visit.see_other("/cards?told=needed")
    back = visit.absolute_url(f"/claims/{claim.id}/payment")
    try:
        outcome = services.payments.collection.pay_now(account.id, claim.id, back)
    except GatewayError as silent:
        raise DomainError(
            "Le service de paiement ne répond pas. Réessayez dans quelques minutes."
        ) from silent
    if outcome.redirect_url:
        return visit.page(
            "payments/authenticate.html",
            number=claim.number,
            amount_cents=claim.amount_cents,
            later=_STATEMENT,
            bank_page=outcome.redirect_url,
        )
    return visit.see_other(_STATEMENT)


def come_back(visit: Visit, claim_id: str) -> Response:
    """Come back from the bank's page: ask Stripe, whose notice may come later, then show."""
    claim = visit.services.late.claims.claim_of(visit.account.id, claim_id)
    with suppress(GatewayError):  # Stripe silent: its notice will tell
        visit.services.payments.collection.refresh(visit.account.id, claim.id)
    return visit.see_other(_STATEMENT)


def _shown(visit: Visit, refused: FieldErrors | None = None) -> Response:
    services, account = visit.services, visit.account
    lines = services.closings.statements.of(account.id)
    return visit.page(
        "payments/statement.html",
        422 if refused else 200,
        lines=list(reversed(lines)),
        balance_cents=lines[-1].balance_cents if lines else 0,
        held=services.payments.spreading.balance_of(account.id),
        suspension=services.late.suspensions.current(account.id),
        claims=[one for one in services.late.claims.of_account(account.id) if one[1]],
        told=visit.query.get("told", ""),
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
    )
