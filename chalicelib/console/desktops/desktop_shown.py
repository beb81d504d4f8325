"""What the pages of desktops share: who may see and do what, and what they show (ACC-4, DSK-3)."""

from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import manages
from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.clouds.cloud_faults import fault_of
from chalicelib.desktops.connection.visibility import may_see, may_use
from chalicelib.desktops.connection.ways import browser_address
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, NotFoundError


def visible_desktop(visit: Visit, desktop_id: str) -> Desktop:
    """Give a desktop the visitor may see.  Raises NotFoundError for any other."""
    found = visit.services.desktops.service.get(visit.account.id, desktop_id)
    if not may_see(visit.user, found):
        raise NotFoundError
    return found


def usable_desktop(visit: Visit, desktop_id: str) -> Desktop:
    """Give a desktop the visitor may use.  Raises NotFoundError, or DomainError for *billing*."""
    found = visible_desktop(visit, desktop_id)
    if not may_use(visit.user, found):
        raise DomainError("Votre rôle ne permet pas d’utiliser ce bureau.")
    return found


def back(visit: Visit, found: Desktop) -> Response:
    """Return to the page where the action was asked: the list, the dashboard or the desktop."""
    wanted = visit.fields.get("back", "")
    known = {"/desktops", "/dashboard"}
    return visit.see_other(wanted if wanted in known else f"/desktops/{found.id}")


def people(visit: Visit) -> dict[str, str]:
    """Give the names of the account's users."""
    users = visit.services.accounts.service.users_of(visit.account.id)
    return {user.id: user.full_name for user in users}


def desktop_shown(visit: Visit, found: Desktop) -> dict[str, Any]:
    """Give what every page of one desktop shows."""
    catalogue = visit.services.catalogue.current()
    return {
        "desktop": found,
        "catalogue": catalogue,
        "configuration": catalogue.configuration(found.configuration_code),
        "people": people(visit),
        "usable": may_use(visit.user, found),
        "manager": manages(visit.user.role),
        "browser_address": browser_address(found),
        "fault_of": fault_of,
        "on": today(visit.services.base.clock),
    }
