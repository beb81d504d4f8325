"""Desktops for operators: inventory, capacity, measures (OPS-1, DSK-8, PRI-5).

No page here shows a secret, nor an address to connect to (DSK-7).
"""

from contextlib import suppress
from itertools import islice
from typing import Any

from chalice.app import Response

from chalicelib.console.framework.fields import DayIfAny
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.clouds.cloud_faults import fault_of
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.measures import MeasureKind
from chalicelib.desktops.model.tally import tally_of
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId, UserId, new_id

_MOST_LISTED = 200
_DESKTOP = "desktops/operator_desktop.html"


class MeasureForm(Form):
    """A measure on a desktop, why, and by when the client is to act."""

    kind: str = ""
    reason: str = ""
    due_on: DayIfAny = None


def desktops(visit: Visit) -> Response:
    """Count the desktops by state and provider, and list those asked for."""
    services = visit.services
    wanted = {name: visit.query.get(name, "") for name in ("state", "provider")}
    found: list[Desktop] = []
    if any(wanted.values()):
        every = services.desktops.service.all_desktops()
        found = list(islice((each for each in every if _matches(each, wanted)), _MOST_LISTED + 1))
    catalogue = services.catalogue.current()
    return visit.page(
        "desktops/operator_desktops.html",
        tally=tally_of(services.desktops.service.all_desktops(), catalogue),
        states=list(State),
        wanted=wanted,
        desktops=found[:_MOST_LISTED],
        more=len(found) > _MOST_LISTED,
        accounts=_accounts(visit, found[:_MOST_LISTED]),
        names=catalogue.names,
    )


def desktop(visit: Visit, account_id: str, desktop_id: str) -> Response:
    """Show a desktop: state, machine, history, and the measures on it."""
    return _desktop(visit, visit.services.desktops.service.get(account_id, desktop_id))


def take_measure(visit: Visit, account_id: str, desktop_id: str) -> Response:
    """Impose a measure; the client is sent the reason (DSK-8)."""
    found = visit.services.desktops.service.get(account_id, desktop_id)
    try:
        form = read_form(MeasureForm, visit.fields)
        visit.services.desktops.service.take_measure(
            account_id,
            found.id,
            form.kind,
            form.reason,
            by=_by(visit),
            key=_key(visit),
            due_on=form.due_on,
        )
    except FieldErrors as refused:
        return _desktop(visit, found, refused)
    return _back(visit, found)


def lift_measure(visit: Visit, account_id: str, desktop_id: str, measure_id: str) -> Response:
    """Lift a measure; the client is told (DSK-8)."""
    found = visit.services.desktops.service.get(account_id, desktop_id)
    why = visit.fields.get("why", "").strip()
    visit.services.desktops.service.lift_measure(
        account_id, found.id, measure_id, why=why, by=_by(visit)
    )
    return _back(visit, found)


def uphold_measure(visit: Visit, account_id: str, desktop_id: str, measure_id: str) -> Response:
    """Uphold a contested measure, with the reason the client is sent (PRI-5)."""
    found = visit.services.desktops.service.get(account_id, desktop_id)
    why = visit.fields.get("why", "")
    try:
        visit.services.desktops.service.uphold_measure(
            account_id, found.id, measure_id, why=why, by=_by(visit)
        )
    except FieldErrors as refused:
        return _desktop(visit, found, refused)
    return _back(visit, found)


def make_again(visit: Visit, account_id: str, desktop_id: str) -> Response:
    """Have the machine of a desktop made anew from its image, after an incident (DSK-9)."""
    found = visit.services.desktops.service.get(account_id, desktop_id)
    typed, why = visit.fields.get("name", ""), visit.fields.get("why", "").strip()
    if not why:
        missing = FieldErrors({"why": "Donnez la raison : le client la lit dans l’historique."})
        return _desktop(visit, found, missing)
    try:
        visit.services.desktops.service.request_reinstall(
            account_id, found.id, typed, by=_by(visit), why=why
        )
    except FieldErrors as refused:
        return _desktop(visit, found, refused)
    return _back(visit, found)


def measures(visit: Visit) -> Response:
    """List the desktops under a measure, those contested first (DSK-8, PRI-5)."""
    found = visit.services.desktops.service.measured()
    rows = [(desktop, measure) for desktop in found for measure in desktop.measures]
    rows.sort(key=lambda row: (not row[1].awaits_human, row[1].taken_at))
    return visit.page(
        "desktops/operator_measures.html",
        rows=rows,
        accounts=_accounts(visit, found),
        today=today(visit.services.base.clock),
    )


def _desktop(visit: Visit, found: Desktop, refused: DomainError | None = None) -> Response:
    services = visit.services
    catalogue = services.catalogue.current()
    account = services.accounts.service.account(AccountId(found.account_id))
    shown: dict[str, Any] = {
        "desktop": found,
        "client": account,
        "catalogue": catalogue,
        "configuration": catalogue.configuration(found.configuration_code),
        "people": _people(visit, found),
        "kinds": list(MeasureKind),
        "fault_of": fault_of,
    }
    if refused:
        return visit.form_again(_DESKTOP, refused, key=_key(visit), **shown)
    key = new_id("msr")
    return visit.page(_DESKTOP, fields={}, errors={}, refusal=None, key=key, **shown)


def _people(visit: Visit, found: Desktop) -> dict[str, str]:
    """Name the users of the account, and the operators of the desktop's history."""
    accounts = visit.services.accounts.service
    users = accounts.users_of(AccountId(found.account_id))
    names: dict[str, str] = {user.id: user.full_name for user in users}
    for by in {step.by for step in found.history if step.by.startswith("operator:")}:
        with suppress(NotFoundError):
            names[by] = accounts.user(UserId(by.removeprefix("operator:"))).full_name
    return names


def _matches(desktop: Desktop, wanted: dict[str, str]) -> bool:
    return wanted["state"] in {"", desktop.state} and wanted["provider"] in {"", desktop.provider}


def _accounts(visit: Visit, found: list[Desktop]) -> dict[str, str]:
    ids = {each.account_id for each in found}
    return {each: visit.services.accounts.service.account(each).name for each in ids}


def _back(visit: Visit, found: Desktop) -> Response:
    return visit.see_other(f"/operator/desktops/{found.account_id}/{found.id}")


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"


def _key(visit: Visit) -> str:
    """Read the form's own key, which makes a second click the same decision."""
    key = visit.fields.get("key", "")
    return key if key.startswith("msr_") and key.isascii() and key[4:].isalnum() else new_id("msr")
