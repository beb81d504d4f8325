"""Late payers: suspensions announced, applied, contested (PAY-6, P8, PRI-5, OPS-1)."""

from chalice.app import Response

from chalicelib.console.accounts.client_names import client_names
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors

_PAGE = "/operator/payments/late"


def late_payers(visit: Visit) -> Response:
    """List the suspensions announced or applied, the objections first."""
    return _shown(visit)


def decide(visit: Visit, account_id: str) -> Response:
    """Decide on an objection: uphold the measure, or cancel it (PRI-5)."""
    try:
        visit.services.late.suspensions.decide(
            account_id,
            uphold=visit.fields.get("decision") == "uphold",
            reason=visit.fields.get("reason", ""),
            by=f"operator:{visit.user.id}",
        )
    except FieldErrors as refused:
        return _shown(visit, refused, account_id)
    return visit.see_other(_PAGE)


def run(visit: Visit) -> Response:
    """Send today's reminders now, without waiting for the schedule (OPS-2)."""
    visit.services.late.dunning.run()
    return visit.see_other(_PAGE)


def _shown(visit: Visit, refused: FieldErrors | None = None, about: str = "") -> Response:
    services = visit.services
    found = services.late.suspensions.open()
    day = today(services.base.clock)
    return visit.page(
        "payments/operator_late.html",
        422 if refused else 200,
        suspensions=sorted(found, key=lambda one: not one.waits_for_a_human),
        clients=client_names(visit, found),
        rate=services.terms.late_rates.known_on(day),
        follow_up=services.terms.dunning_policies.on(day),
        about=about,
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
    )
