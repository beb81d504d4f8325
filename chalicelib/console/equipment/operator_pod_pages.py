"""The stock of OmnyPods, for operators: list, import, one pod, the price list (POD-1, POD-2)."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from chalice.app import Response

from chalicelib.console.framework.fields import Day, euros
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.equipment.model.cases import PRICED, Cause
from chalicelib.equipment.model.pod import Condition, Pod
from chalicelib.equipment.model.pod_prices import HIGHEST_CENTS, PodPrice
from chalicelib.equipment.model.pod_states import PodEvent, PodState
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId

_SHOWN = 200
_RETURN_DAYS = 14
_POD = "equipment/operator_pod.html"
_ACTIONS = {
    "restock": PodEvent.RESTOCK,
    "retirement": PodEvent.RETIRE,
    "repair": PodEvent.REPAIR,
    "return": PodEvent.ASK_RETURN,
    "keeping": PodEvent.KEEP,
    "receipt": PodEvent.RECEIVE,
}


class ReceiptForm(Form):
    """An OmnyPod that came back."""

    condition: Condition
    why: str = ""


class PriceForm(Form):
    """A price for days to come."""

    cause: Literal["loss", "theft", "damage"]
    from_on: Day
    price: Annotated[int, euros(HIGHEST_CENTS)]


def pods(visit: Visit) -> Response:
    """Show the stock: how many in each state, and those of one, or one by its number."""
    stock = visit.services.equipment.stock
    wanted, text = visit.query.get("state", ""), visit.query.get("q", "").strip().upper()[:40]
    found: list[Pod] = []
    if text:
        found = [pod for pod in [_known(visit, text)] if pod]
    elif wanted in list(PodState):
        found = stock.in_state(PodState(wanted), _SHOWN)
    else:
        found = [pod for state in PodState for pod in stock.in_state(state, _SHOWN)][:_SHOWN]
    ids = {pod.account_id for pod in found if pod.account_id}
    return visit.page(
        "equipment/operator_pods.html",
        pods=found,
        counts=stock.counts(),
        state_wanted=wanted,
        q=text,
        imported=_imported(visit),
        accounts={each: visit.services.accounts.service.account(AccountId(each)) for each in ids},
        shortage=sum(each.missing for each in visit.services.equipment.dispatches.open()),
        shown_most=_SHOWN,
    )


def _known(visit: Visit, serial: str) -> Pod | None:
    try:
        return visit.services.equipment.stock.pod(serial)
    except NotFoundError:
        return None


def _imported(visit: Visit) -> dict[str, str] | None:
    counts = {name: visit.query.get(name, "") for name in ("new", "known")}
    return counts if all(text.isdigit() for text in counts.values()) else None


def import_form(visit: Visit) -> Response:
    """Ask for a delivery note."""
    return visit.page("equipment/operator_import.html", fields={}, errors={}, refusal=None)


def import_csv(visit: Visit) -> Response:
    """Take a delivery note into stock, whole or not at all: a file, or its text (POD-1)."""
    try:
        new, known = visit.services.equipment.stock.import_csv(_delivery_note(visit), _by(visit))
    except FieldErrors as refused:
        return visit.form_again("equipment/operator_import.html", refused)
    return visit.see_other(f"/operator/pods?state=in_stock&new={new}&known={known}")


def _delivery_note(visit: Visit) -> str:
    """Give the text of the file sent, else the text typed.  Raises FieldErrors."""
    if "file" not in visit.files:
        return visit.fields.get("csv", "")
    try:
        return visit.files["file"].content.decode("utf-8-sig")
    except UnicodeDecodeError as unreadable:
        raise FieldErrors(
            {"file": "Ce fichier n’est pas un CSV en UTF-8\u00a0: enregistrez-le dans ce format."}
        ) from unreadable


def pod(visit: Visit, serial: str) -> Response:
    """Show an OmnyPod, its movements, and what can be done with it."""
    found = visit.services.equipment.stock.pod(serial)
    return visit.page(_POD, fields={}, errors={}, refusal=None, **_shown(visit, found))


def act(visit: Visit, serial: str, action: str) -> Response:
    """Move an OmnyPod: back on the shelf, out of stock, repaired, asked back, received."""
    if action not in _ACTIONS:
        raise NotFoundError
    found = visit.services.equipment.stock.pod(serial)
    try:
        _act(visit, found, _ACTIONS[action])
    except DomainError as refused:
        return visit.form_again(_POD, refused, **_shown(visit, found))
    return visit.see_other(f"/operator/pods/{serial}")


def _act(visit: Visit, found: Pod, event: PodEvent) -> None:
    services, by, why = visit.services, _by(visit), visit.fields.get("why", "")[:500]
    if event is PodEvent.RESTOCK:
        services.equipment.stock.restock(found.serial, by)
    elif event is PodEvent.RETIRE:
        services.equipment.stock.retire(found.serial, why, by)
    elif event is PodEvent.REPAIR:
        services.equipment.stock.repair(found.serial, why, by)
    elif event is PodEvent.KEEP:
        services.equipment.custody.keep(found.account_id, found.serial, by)
    elif event is PodEvent.RECEIVE:
        form = read_form(ReceiptForm, visit.fields)
        services.equipment.custody.receive(found.serial, form.condition, why=form.why[:500], by=by)
    else:
        due_on = today(services.base.clock) + timedelta(days=_RETURN_DAYS)
        services.equipment.custody.ask_return(
            found.account_id, [found.serial], because="operator", due_on=due_on, by=by
        )


def prices(visit: Visit) -> Response:
    """Show the dated price list."""
    return visit.page(
        "equipment/operator_prices.html", fields={}, errors={}, refusal=None, **_list(visit)
    )


def announce_price(visit: Visit) -> Response:
    """Add a price for days to come (POD-2)."""
    try:
        form = read_form(PriceForm, visit.fields)
        price = PodPrice(Cause(form.cause), form.from_on, form.price)
        visit.services.equipment.prices.announce(price, _by(visit))
    except FieldErrors as refused:
        return visit.form_again("equipment/operator_prices.html", refused, **_list(visit))
    return visit.see_other("/operator/pods/prices")


def _list(visit: Visit) -> dict[str, Any]:
    day = today(visit.services.base.clock)
    service = visit.services.equipment.prices
    return {
        "prices": service.prices(),
        "now": {cause.value: service.price_on(cause, day) for cause in PRICED},
        "day": day,
    }


def _shown(visit: Visit, found: Pod) -> dict[str, Any]:
    services = visit.services
    client = (
        services.accounts.service.account(AccountId(found.account_id)) if found.account_id else None
    )
    return {
        "pod": found,
        "client": client,
        "actions": {name for name, event in _ACTIONS.items() if found.can(event)},
        "conditions": [each.value for each in Condition],
        "day": today(services.base.clock),
    }


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
