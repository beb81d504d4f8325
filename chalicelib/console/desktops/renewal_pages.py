"""Pages that reinstall, return to a backup, contest a measure (DSK-5, DSK-8, PRI-5)."""

from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import manages
from chalicelib.console.desktops.desktop_shown import back, desktop_shown, visible_desktop
from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.errors import DomainError, FieldErrors


def reinstallation_form(visit: Visit, desktop_id: str) -> Response:
    """Ask for the name of the desktop to be reinstalled (DSK-5)."""
    return _form(visit, "desktops/reinstallation.html", visible_desktop(visit, desktop_id))


def reinstall(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop reinstalled, its name having been typed (DSK-5)."""
    found = visible_desktop(visit, desktop_id)
    typed = visit.fields.get("name", "")
    try:
        visit.services.desktops.service.request_reinstall(
            visit.account.id, found.id, typed, by=visit.user.id
        )
    except FieldErrors as refused:
        return _form(visit, "desktops/reinstallation.html", found, refused)
    return back(visit, found)


def restoration_form(visit: Visit, desktop_id: str) -> Response:
    """Show the backups that the desktop can return to (DSK-5)."""
    return _form(visit, "desktops/restoration.html", visible_desktop(visit, desktop_id))


def restore(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop return to a backup, its name having been typed (DSK-5)."""
    found = visible_desktop(visit, desktop_id)
    backup, typed = visit.fields.get("backup", ""), visit.fields.get("name", "")
    try:
        visit.services.desktops.service.request_restore(
            visit.account.id, found.id, backup, typed, by=visit.user.id
        )
    except FieldErrors as refused:
        return _form(visit, "desktops/restoration.html", found, refused)
    return back(visit, found)


def contest(visit: Visit, desktop_id: str, measure_id: str) -> Response:
    """Contest a measure: a human decides next (PRI-5)."""
    found = visible_desktop(visit, desktop_id)
    if not manages(visit.user.role):
        raise DomainError("Demandez à l’administrateur de votre compte de contester cette mesure.")
    visit.services.desktops.service.contest_measure(
        visit.account.id,
        found.id,
        measure_id,
        visit.fields.get("contest", ""),
        by=visit.user.id,
    )
    return back(visit, found)


def _form(
    visit: Visit, template: str, found: Desktop, refused: FieldErrors | None = None
) -> Response:
    shown: dict[str, Any] = desktop_shown(visit, found)
    shown["backups"] = [each for each in found.backups if each.is_complete][::-1]
    if refused:
        return visit.form_again(template, refused, **shown)
    return visit.page(template, fields={}, errors={}, refusal=None, **shown)
