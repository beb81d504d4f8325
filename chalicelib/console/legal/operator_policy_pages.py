"""The contract's readings that are switches: in force, and from when another applies (P1, P9)."""

from typing import Annotated, Any

from chalice.app import Response

from chalicelib.console.framework.fields import Day, Ticked, text
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, NotFoundError

_TEMPLATE = "legal/operator_policies.html"


class PolicyForm(Form):
    """Another reading."""

    from_on: Day
    professionals: Ticked = False
    consumers: Ticked = False
    reason: Annotated[str, text(500)]


def policies(visit: Visit) -> Response:
    """List the policies, each with what was, is and will be in force."""
    return visit.page(_TEMPLATE, fields={}, errors={}, refusal=None, wrong="", **_shown(visit))


def publish(visit: Visit, code: str) -> Response:
    """Publish another reading from a day to come."""
    services = visit.services
    if code not in services.legal.policies.codes():
        raise NotFoundError
    try:
        form = read_form(PolicyForm, visit.fields)
        services.legal.policies.publish(
            code,
            from_on=form.from_on,
            professionals=form.professionals,
            consumers=form.consumers,
            reason=form.reason,
            by=f"operator:{visit.user.id}",
        )
    except DomainError as refused:
        return visit.form_again(_TEMPLATE, refused, wrong=code, **_shown(visit))
    return visit.see_other(f"/operator/policies#{code}")


def _shown(visit: Visit) -> dict[str, Any]:
    service, day = visit.services.legal.policies, today(visit.services.base.clock)
    return {
        "policies": [
            (code, service.in_force(code, day), service.history(code)) for code in service.codes()
        ],
        "day": day,
    }
