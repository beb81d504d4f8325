"""Pages of the desktops: live state, actions, change, deletion (DSK-3, DSK-4, DSK-6, CON-1)."""

from typing import Any

from chalice.app import Response

from chalicelib.accounts.account import Role
from chalicelib.console.costs import cost_by_desktop
from chalicelib.console.visit import Visit
from chalicelib.desktops.desktop import Desktop
from chalicelib.desktops.lifecycle import State
from chalicelib.desktops.visibility import manages, may_see, may_use, visible
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError

_LIVE_FILE = "full address:s:{address}\r\nusername:s:desktop\r\nprompt for credentials:i:1\r\n"


def desktops(visit: Visit) -> Response:
    """List the desktops that the visitor may see, the ended ones last."""
    return visit.page("desktops/list.html", **cards_shown(visit))


def states(visit: Visit) -> Response:
    """Give the cards alone, for the page to bring itself up to date (CON-2, CON-3)."""
    return visit.page("desktops/cards.html", **cards_shown(visit))


def cards_shown(visit: Visit) -> dict[str, Any]:
    """Give what the cards of the list and of the dashboard show."""
    account, services = visit.account, visit.services
    everything = visible(visit.user, services.desktops.of_account(account.id))
    alive = [desktop for desktop in everything if desktop.is_active]
    sees_costs = visit.user.role is not Role.USER
    month = BillingMonth.of(today(services.clock))
    usage = services.metering.usage_so_far(account.id, month) if sees_costs else []
    return {
        "desktops": alive,
        "ended": [desktop for desktop in everything if not desktop.is_active],
        "moving": any(desktop.is_moving for desktop in everything),
        "people": _people(visit),
        "catalogue": services.catalogue.current(),
        "costs": cost_by_desktop(usage) if sees_costs else None,
        "usable": {desktop.id for desktop in alive if may_use(visit.user, desktop)},
        "manager": manages(visit.user),
    }


def desktop(visit: Visit, desktop_id: str) -> Response:
    """Show a desktop: how to connect, what it is, its history and its month."""
    return _page(visit, _visible(visit, desktop_id))


def state(visit: Visit, desktop_id: str) -> Response:
    """Give the head and the connection of a desktop's page, to bring it up to date (CON-3)."""
    return visit.page("desktops/state.html", **_shown(visit, _visible(visit, desktop_id)))


def start(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop started (DSK-3)."""
    found = _usable(visit, desktop_id)
    visit.services.desktops.request_start(visit.account.id, found.id, by=visit.user.id)
    return _back(visit, found)


def stop(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop stopped (DSK-3)."""
    found = _usable(visit, desktop_id)
    visit.services.desktops.request_stop(visit.account.id, found.id, by=visit.user.id)
    return _back(visit, found)


def restart(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop restarted (DSK-3)."""
    found = _usable(visit, desktop_id)
    visit.services.desktops.request_restart(visit.account.id, found.id, by=visit.user.id)
    return _back(visit, found)


def renew_code(visit: Visit, desktop_id: str) -> Response:
    """Have a new access code made and mailed (ORD-4)."""
    found = _usable(visit, desktop_id)
    visit.services.desktops.request_new_code(visit.account.id, found.id, by=visit.user.id)
    return _back(visit, found)


def connection_file(visit: Visit, desktop_id: str) -> Response:
    """Give the file that opens the desktop in a remote-desktop program (DSK-3)."""
    found = _usable(visit, desktop_id)
    if not found.address:
        raise NotFoundError
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/x-rdp",
        "Content-Disposition": f'attachment; filename="{found.id}.rdp"',
        "Cache-Control": "no-store",
    }
    return Response(_LIVE_FILE.format(address=found.address), headers, 200)


def rename(visit: Visit, desktop_id: str) -> Response:
    """Give the desktop another name (DSK-3)."""
    found = _visible(visit, desktop_id)
    name = visit.fields.get("name", "")
    try:
        visit.services.desktops.rename(visit.account.id, found.id, name, by=visit.user.id)
    except FieldErrors as refused:
        return _page(visit, found, refused)
    return _back(visit, found)


def assign(visit: Visit, desktop_id: str) -> Response:
    """Give the desktop to a user of the account, or to nobody (DSK-3)."""
    found = _visible(visit, desktop_id)
    user_id = visit.fields.get("user", "")
    if user_id and user_id not in _people(visit):
        return _page(visit, found, FieldErrors({"user": "Choisissez un utilisateur du compte."}))
    desktops = visit.services.desktops
    desktops.assign(visit.account.id, found.id, user_id or None, by=visit.user.id)
    return _back(visit, found)


def configuration_form(visit: Visit, desktop_id: str) -> Response:
    """Show the configurations that the desktop can be changed to (DSK-4)."""
    return _configuration_form(visit, _visible(visit, desktop_id))


def change_configuration(visit: Visit, desktop_id: str) -> Response:
    """Have the configuration changed, once the client confirmed the interruption (DSK-4)."""
    found = _visible(visit, desktop_id)
    errors = {}
    if not visit.fields.get("configuration"):
        errors["configuration"] = "Choisissez une configuration."
    if visit.fields.get("confirmed") != "yes":
        errors["confirmed"] = "Confirmez que vous acceptez l’interruption."
    if errors:
        return _configuration_form(visit, found, FieldErrors(errors))
    try:
        visit.services.desktops.request_reconfigure(
            visit.account.id, found.id, visit.fields["configuration"], by=visit.user.id
        )
    except FieldErrors as refused:
        return _configuration_form(visit, found, refused)
    return _back(visit, found)


def deletion_form(visit: Visit, desktop_id: str) -> Response:
    """Ask for the name of the desktop to be deleted (DSK-6)."""
    return _deletion_form(visit, _visible(visit, desktop_id))


def delete(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop deleted, its name having been typed (DSK-6)."""
    found = _visible(visit, desktop_id)
    typed = visit.fields.get("name", "")
    try:
        visit.services.desktops.request_delete(visit.account.id, found.id, typed, by=visit.user.id)
    except FieldErrors as refused:
        return _deletion_form(visit, found, refused)
    return _back(visit, found)


def _visible(visit: Visit, desktop_id: str) -> Desktop:
    """Give a desktop the visitor may see.  Raises NotFoundError for any other."""
    found = visit.services.desktops.get(visit.account.id, desktop_id)
    if not may_see(visit.user, found):
        raise NotFoundError
    return found


def _usable(visit: Visit, desktop_id: str) -> Desktop:
    """Give a desktop the visitor may use.  Raises NotFoundError, or DomainError for *billing*."""
    found = _visible(visit, desktop_id)
    if not may_use(visit.user, found):
        raise DomainError("Votre rôle ne permet pas d’utiliser ce bureau.")
    return found


def _back(visit: Visit, found: Desktop) -> Response:
    """Return to the page where the action was asked: the list, the dashboard or the desktop."""
    back = visit.fields.get("back", "")
    known = {"/desktops", "/dashboard"}
    return visit.see_other(back if back in known else f"/desktops/{found.id}")


def _people(visit: Visit) -> dict[str, str]:
    users = visit.services.accounts.users_of(visit.account.id)
    return {user.id: user.full_name for user in users}


def _shown(visit: Visit, found: Desktop) -> dict[str, Any]:
    catalogue = visit.services.catalogue.current()
    return {
        "desktop": found,
        "catalogue": catalogue,
        "configuration": catalogue.configuration(found.configuration_code),
        "people": _people(visit),
        "usable": may_use(visit.user, found),
        "manager": manages(visit.user),
    }


def _page(visit: Visit, found: Desktop, refused: FieldErrors | None = None) -> Response:
    services, month = visit.services, BillingMonth.of(today(visit.services.clock))
    sees_costs = visit.user.role is not Role.USER
    lines = services.billing.current(visit.account.id).lines if sees_costs else ()
    shown = {
        **_shown(visit, found),
        "month": month,
        "lines": [line for line in lines if line.desktop_id == found.id],
        "sees_costs": sees_costs,
        "on": today(services.clock),
    }
    if refused:
        return visit.form_again("desktops/desktop.html", refused, **shown)
    return visit.page("desktops/desktop.html", fields=None, errors={}, refusal=None, **shown)


def _configuration_form(
    visit: Visit, found: Desktop, refused: FieldErrors | None = None
) -> Response:
    shown = {
        **_shown(visit, found),
        "offers": visit.services.desktops.changes_for(found),
        "on": today(visit.services.clock),
    }
    template = "desktops/configuration.html"
    if refused:
        return visit.form_again(template, refused, **shown)
    return visit.page(template, fields={}, errors={}, refusal=None, **shown)


def _deletion_form(visit: Visit, found: Desktop, refused: FieldErrors | None = None) -> Response:
    if found.state in {State.DELETING, State.DELETED}:
        return visit.see_other(f"/desktops/{found.id}")
    shown = _shown(visit, found)
    if refused:
        return visit.form_again("desktops/deletion.html", refused, **shown)
    return visit.page("desktops/deletion.html", fields={}, errors={}, refusal=None, **shown)
