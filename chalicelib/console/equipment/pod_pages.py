"""A client's OmnyPods: where they are, what happened to them (CGV art. 7, 17; POD-1 to POD-3)."""

from typing import Any, Literal

from chalice.app import Response

from chalicelib.console.framework.fields import Day
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.equipment.model.cases import PRICED, Cause
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_states import HELD, PodEvent, PodState
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors, NotFoundError

INSTALLATION = "pod-installation"  # the kind of the document that says how to connect one
_PODS = "/pods"


class ReportForm(Form):
    """What happened to an OmnyPod."""

    cause: Literal["fault", "damage", "loss", "theft"]
    description: str
    on: Day


def pods(visit: Visit) -> Response:
    """List the account's OmnyPods with their steps, and what custody means."""
    services, account = visit.services, visit.account
    mine = services.equipment.custody.pods_of(account.id)
    return visit.page(
        "equipment/pods.html",
        pods=mine,
        cases={case.id: case for case in services.equipment.custody.cases_of(account.id)},
        past_cases=[
            case for case in services.equipment.custody.cases_of(account.id) if not case.is_open
        ],
        desktops={each.id: each for each in services.desktops.service.of_account(account.id)},
        dispatches=[
            each for each in services.equipment.dispatches.of_account(account.id) if each.missing
        ],
        held=[pod for pod in mine if pod.state in HELD],
        prices=_prices_today(visit),
        installation=_has_installation(visit),
        returns_to=services.base.settings.company,
        day=today(services.base.clock),
    )


def report_form(visit: Visit, serial: str) -> Response:
    """Ask what happened to an OmnyPod."""
    pod = visit.services.equipment.custody.pod_of(visit.account.id, serial)
    if not pod.can(PodEvent.REPORT_LOSS):
        raise NotFoundError
    fields = {
        "cause": visit.query.get("cause", ""),
        "on": today(visit.services.base.clock).isoformat(),
    }
    return visit.page(
        "equipment/report.html", fields=fields, errors={}, refusal=None, **_shown(visit, pod)
    )


def report(visit: Visit, serial: str) -> Response:
    """Open the case of a fault, a damage, a loss or a theft (POD-2)."""
    custody = visit.services.equipment.custody
    pod = custody.pod_of(visit.account.id, serial)
    try:
        form = read_form(ReportForm, visit.fields)
        custody.report(
            visit.account.id,
            serial,
            Cause(form.cause),
            form.description,
            on=form.on,
            by=visit.user.id,
        )
    except FieldErrors as refused:
        return visit.form_again("equipment/report.html", refused, **_shown(visit, pod))
    return visit.see_other(_PODS)


def confirm_receipt(visit: Visit, serial: str) -> Response:
    """Note that an OmnyPod came, or that it is in use (POD-1)."""
    visit.services.equipment.dispatches.confirm_receipt(visit.account.id, serial, visit.user.id)
    return visit.see_other(_PODS)


def _shown(visit: Visit, pod: Pod) -> dict[str, Any]:
    return {
        "pod": pod,
        "prices": _prices_today(visit),
        "shipped": pod.state is PodState.SHIPPED,
        "day": today(visit.services.base.clock),
    }


def _prices_today(visit: Visit) -> dict[str, int | None]:
    day = today(visit.services.base.clock)
    return {cause.value: visit.services.equipment.prices.price_on(cause, day) for cause in PRICED}


def _has_installation(visit: Visit) -> bool:
    try:
        visit.services.legal.documents.in_force(INSTALLATION, today(visit.services.base.clock))
    except NotFoundError:
        return False
    return True
