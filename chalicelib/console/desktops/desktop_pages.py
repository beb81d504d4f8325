"""Pages of the desktops: the list, one desktop, live state, power, name, user (DSK-3, CON-1)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.accounts.clients.account import Role, manages
from chalicelib.console.desktops.desktop_shown import (
    back,
    desktop_shown,
    people,
    usable_desktop,
    visible_desktop,
)
from chalicelib.console.framework.visit import Visit
from chalicelib.console.usage.costs import cost_by_desktop
from chalicelib.desktops.connection.visibility import may_use, visible
from chalicelib.desktops.connection.ways import connection_file as file_of
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import HELD, State
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors, NotFoundError

_LONGEST_SEARCH = 100
_STANDING: dict[str, Callable[[Desktop], bool]] = {
    "running": lambda each: each.state is State.RUNNING and not each.is_moving,
    "stopped": lambda each: each.state is State.STOPPED and not each.is_moving,
    "moving": lambda each: each.is_moving,
    "held": lambda each: each.state in HELD,
}


def desktops(visit: Visit) -> Response:
    """List the desktops that the visitor may see, the ended ones last."""
    return visit.page("desktops/list.html", **cards_shown(visit))


def states(visit: Visit) -> Response:
    """Give the cards alone, for the page to bring itself up to date (CON-2, CON-3)."""
    return visit.page("desktops/cards.html", **cards_shown(visit))


def cards_shown(visit: Visit) -> dict[str, Any]:
    """Give what the cards of the list and of the dashboard show."""
    account, services = visit.account, visit.services
    everything = visible(visit.user, services.desktops.service.of_account(account.id))
    alive = [desktop for desktop in everything if desktop.is_active]
    sees_costs = visit.user.role is not Role.USER
    month = BillingMonth.of(today(services.base.clock))
    usage = services.metering.service.usage_so_far(account.id, month) if sees_costs else []
    named = people(visit)
    wanted = _filters(visit)
    shown = [desktop for desktop in alive if _matches(desktop, wanted, named)]
    return {
        "desktops": shown,
        "all_count": len(alive),
        "ended": [desktop for desktop in everything if not desktop.is_active],
        "moving": any(desktop.is_moving for desktop in shown),
        "people": named,
        "catalogue": services.catalogue.current(),
        "codes": sorted({desktop.configuration_code for desktop in alive}),
        "costs": cost_by_desktop(usage) if sees_costs else None,
        "usable": {desktop.id for desktop in alive if may_use(visit.user, desktop)},
        "manager": manages(visit.user.role),
        "filters": wanted,
        "filter_query": urlencode({name: text for name, text in wanted.items() if text}),
    }


def _filters(visit: Visit) -> dict[str, str]:
    return {
        name: visit.query.get(name, "").strip()[:_LONGEST_SEARCH]
        for name in ("q", "state", "configuration")
    }


def _matches(desktop: Desktop, wanted: dict[str, str], named: dict[str, str]) -> bool:
    """Tell whether a desktop is among those looked for: by name or user, state, configuration."""
    text = wanted["q"].casefold()
    user = named.get(desktop.assigned_user_id or "", "")
    stands = _STANDING.get(wanted["state"])
    return (
        (not text or text in desktop.name.casefold() or text in user.casefold())
        and (stands is None or stands(desktop))
        and wanted["configuration"] in {"", desktop.configuration_code}
    )


def desktop(visit: Visit, desktop_id: str) -> Response:
    """Show a desktop: how to connect, what it is, its history and its month."""
    return _page(visit, visible_desktop(visit, desktop_id))


def start(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop started (DSK-3)."""
    found = usable_desktop(visit, desktop_id)
    visit.services.desktops.service.request_start(visit.account.id, found.id, by=visit.user.id)
    return back(visit, found)


def stop(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop stopped (DSK-3)."""
    found = usable_desktop(visit, desktop_id)
    visit.services.desktops.service.request_stop(visit.account.id, found.id, by=visit.user.id)
    return back(visit, found)


def restart(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop restarted (DSK-3)."""
    found = usable_desktop(visit, desktop_id)
    visit.services.desktops.service.request_restart(visit.account.id, found.id, by=visit.user.id)
    return back(visit, found)


def renew_code(visit: Visit, desktop_id: str) -> Response:
    """Have a new access code made and mailed (ORD-4)."""
    found = usable_desktop(visit, desktop_id)
    visit.services.desktops.service.request_new_code(visit.account.id, found.id, by=visit.user.id)
    return back(visit, found)


def connection_file(visit: Visit, desktop_id: str) -> Response:
    """Give the file that opens the desktop in a remote-desktop program (DSK-3)."""
    file = file_of(usable_desktop(visit, desktop_id))
    if file is None:
        raise NotFoundError
    name, content = file
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, headers, 200)


def rename(visit: Visit, desktop_id: str) -> Response:
    """Give the desktop another name (DSK-3)."""
    found = visible_desktop(visit, desktop_id)
    name = visit.fields.get("name", "")
    try:
        visit.services.desktops.service.rename(visit.account.id, found.id, name, by=visit.user.id)
    except FieldErrors as refused:
        return _page(visit, found, refused)
    return back(visit, found)


def assign(visit: Visit, desktop_id: str) -> Response:
    """Give the desktop to a user of the account, or to nobody (DSK-3)."""
    found = visible_desktop(visit, desktop_id)
    user_id = visit.fields.get("user", "")
    if user_id and user_id not in people(visit):
        return _page(visit, found, FieldErrors({"user": "Choisissez un utilisateur du compte."}))
    services = visit.services.desktops.service
    services.assign(visit.account.id, found.id, user_id or None, by=visit.user.id)
    return back(visit, found)


def _page(visit: Visit, found: Desktop, refused: FieldErrors | None = None) -> Response:
    services, month = visit.services, BillingMonth.of(today(visit.services.base.clock))
    sees_costs = visit.user.role is not Role.USER
    lines = services.billing.service.current(visit.account.id).lines if sees_costs else ()
    shown = {
        **desktop_shown(visit, found),
        "month": month,
        "lines": [line for line in lines if line.desktop_id == found.id],
        "sees_costs": sees_costs,
    }
    if refused:
        return visit.form_again("desktops/desktop.html", refused, **shown)
    return visit.page("desktops/desktop.html", fields=None, errors={}, refusal=None, **shown)
