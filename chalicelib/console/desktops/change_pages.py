"""Pages that change a desktop: configuration, options, deletion (DSK-4, DSK-6, CAT-2)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from chalice.app import Response

from chalicelib.console.desktops.desktop_shown import back, desktop_shown, visible_desktop
from chalicelib.console.framework.fields import ParisTime, chosen, ticked, whole
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.model.desktop import Desktop, Options
from chalicelib.desktops.model.lifecycle import State
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.civil_time import PARIS
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.orders.model.commitments import commitment_on

_HELD = frozenset({PodState.SHIPPED, PodState.DELIVERED, PodState.IN_USE, PodState.RETURN_ASKED})


class ConfigurationForm(Form):
    """Another configuration."""

    configuration: Annotated[str, chosen("Choisissez une configuration.")] = ""
    confirmed: Annotated[bool, ticked("Confirmez que vous acceptez l’interruption.")] = False


class LaterForm(ConfigurationForm):
    """Another configuration, at an instant."""

    at: ParisTime


class OptionsForm(Form):
    """The quantity of each option on the page, by code."""

    families: ClassVar[Mapping[str, str]] = {"quantities": ""}

    quantities: dict[str, Annotated[int, whole()]]
    confirmed: Annotated[bool, ticked("Confirmez le changement d’options et de prix.")] = False


def configuration_form(visit: Visit, desktop_id: str) -> Response:
    """Show the configurations that the desktop can be changed to (DSK-4)."""
    return _configuration_form(visit, visible_desktop(visit, desktop_id))


def change_configuration(visit: Visit, desktop_id: str) -> Response:
    """Have the configuration changed, now or later, the interruption being accepted (DSK-4)."""
    found = visible_desktop(visit, desktop_id)
    service, by = visit.services.desktops.service, visit.user.id
    is_for_now = visit.fields.get("when", "now") == "now"
    try:
        form = read_form(ConfigurationForm if is_for_now else LaterForm, visit.fields)
        code = form.configuration
        if isinstance(form, LaterForm):
            service.schedule_change(visit.account.id, found.id, code, form.at, by=by)
        else:
            service.request_reconfigure(visit.account.id, found.id, code, by=by)
    except DomainError as refused:
        return _configuration_form(visit, found, refused)
    return back(visit, found)


def cancel_change(visit: Visit, desktop_id: str) -> Response:
    """Cancel a change of configuration asked for later (DSK-4)."""
    found = visible_desktop(visit, desktop_id)
    visit.services.desktops.service.cancel_change(visit.account.id, found.id, by=visit.user.id)
    return back(visit, found)


def _configuration_form(
    visit: Visit, found: Desktop, refused: DomainError | None = None
) -> Response:
    service = visit.services.desktops.service
    offers = service.changes_for(found)
    tomorrow = visit.services.base.clock.now().astimezone(PARIS) + timedelta(days=1)
    shown = {
        **desktop_shown(visit, found),
        "offers": offers,
        "added": {offer.code: service.added_cents(found, offer.code) for offer in offers},
        "too_small": service.too_small_for(found),
        "suggested_at": tomorrow.replace(hour=20, minute=0).strftime("%Y-%m-%dT%H:%M"),
    }
    return _form(visit, "desktops/configuration.html", refused, shown)


def options_form(visit: Visit, desktop_id: str) -> Response:
    """Show the options of the desktop, to add or remove some (CAT-2)."""
    return _options_form(visit, visible_desktop(visit, desktop_id))


def change_options(visit: Visit, desktop_id: str) -> Response:
    """Have options added or removed (CAT-2, DSK-4)."""
    found = visible_desktop(visit, desktop_id)
    try:
        options = _chosen_options(visit, found)
        visit.services.desktops.service.change_options(
            visit.account.id, found.id, options, by=visit.user.id
        )
    except DomainError as refused:
        return _options_form(visit, found, refused)
    return back(visit, found)


def _chosen_options(visit: Visit, found: Desktop) -> Options:
    """Read the quantity typed for each option; one not in the form keeps its own."""
    codes = {option.code for option in visit.services.catalogue.current().options}
    typed = {code: text for code, text in visit.fields.items() if code in codes}
    form = read_form(OptionsForm, {**visit.fields, "quantities": typed})
    return tuple({**dict(found.option_codes), **form.quantities}.items())


def _options_form(visit: Visit, found: Desktop, refused: DomainError | None = None) -> Response:
    shown = {
        **desktop_shown(visit, found),
        "present": dict(found.option_codes),
        "proposed": visit.services.catalogue.current().options_on(found.provider),
        "pod_days": commitment_on(today(visit.services.base.clock)).pod_working_days,
    }
    return _form(visit, "desktops/options.html", refused, shown)


def deletion_form(visit: Visit, desktop_id: str) -> Response:
    """Ask for the name of the desktop to be deleted (DSK-6)."""
    return _deletion_form(visit, visible_desktop(visit, desktop_id))


def delete(visit: Visit, desktop_id: str) -> Response:
    """Have the desktop deleted, its name having been typed (DSK-6)."""
    found = visible_desktop(visit, desktop_id)
    typed = visit.fields.get("name", "")
    try:
        visit.services.desktops.service.request_delete(
            visit.account.id, found.id, typed, by=visit.user.id
        )
    except FieldErrors as refused:
        return _deletion_form(visit, found, refused)
    return back(visit, found)


def _deletion_form(visit: Visit, found: Desktop, refused: FieldErrors | None = None) -> Response:
    if found.state in {State.DELETING, State.DELETED}:
        return visit.see_other(f"/desktops/{found.id}")
    shown = desktop_shown(visit, found)
    known = visit.services.equipment.custody.pods_of(visit.account.id)
    pods = [pod for pod in known if pod.desktop_id == found.id and pod.state in _HELD]
    return _form(visit, "desktops/deletion.html", refused, {**shown, "pods": len(pods)})


def _form(
    visit: Visit, template: str, refused: DomainError | None, shown: dict[str, Any]
) -> Response:
    if refused:
        return visit.form_again(template, refused, **shown)
    return visit.page(template, fields={}, errors={}, refusal=None, **shown)
