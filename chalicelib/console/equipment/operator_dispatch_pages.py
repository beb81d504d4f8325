"""What has to be sent, for operators: parcels, failures, lateness (POD-1, ORD-5, ORD-6)."""

from typing import Annotated, Any

from chalice.app import Response

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.console.framework.fields import AMOUNT, Day, Ticked, euros_if_any
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.equipment.dispatches.failed_delivery import HIGHEST_COST_CENTS
from chalicelib.equipment.model.dispatch import Dispatch, Reason
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.model.commitments import commitment_on

_DISPATCH = "equipment/operator_dispatch.html"


class ShippingForm(Form):
    """A parcel handed to a carrier."""

    carrier: str
    tracking: str
    shipped_on: Day


class ReceiptForm(Form):
    """A parcel that came."""

    received_on: Day


class FailureForm(Form):
    """A parcel that came back."""

    failed_on: Day
    evidence: str
    fault: Ticked = False
    cost: Annotated[int | None, euros_if_any(HIGHEST_COST_CENTS)] = None

    def cost_cents(self) -> int:
        """Give what the client is billed, if at fault.  Raises FieldErrors for no amount."""
        if not self.fault:
            return 0
        if self.cost is None:
            raise FieldErrors({"cost": AMOUNT})
        return self.cost


def dispatches(visit: Visit) -> Response:
    """List what has to be sent or is on its way, and the shortage."""
    services = visit.services
    open_ = services.equipment.dispatches.open()
    return visit.page(
        "equipment/operator_dispatches.html",
        dispatches=open_,
        accounts=_accounts(visit, {each.account_id for each in open_}),
        in_stock=len(services.equipment.stock.in_state(PodState.IN_STOCK)),
        shortage=sum(each.missing for each in open_),
        day=today(services.base.clock),
    )


def deliveries(visit: Visit) -> Response:
    """List everything the company committed to deliver: late first (ORD-5).

    OmnyPods of no order, for an option or instead of another, have their own due date.
    """
    services = visit.services
    day = today(services.base.clock)
    items = services.orders.deliveries.outstanding()
    kind = visit.query.get("kind", "")
    shown = [item for item in items if kind in {"", item.kind}]
    others = [
        each for each in services.equipment.dispatches.open() if each.reason is not Reason.ORDER
    ]
    if kind == "desktop":
        others = []
    return visit.page(
        "equipment/operator_deliveries.html",
        late=[item for item in shown if item.is_late(day)],
        to_come=[item for item in shown if not item.is_late(day)],
        others=others,
        accounts=_accounts(
            visit,
            {item.order.account_id for item in shown} | {each.account_id for each in others},
        ),
        kind=kind,
        day=day,
        commitment=commitment_on(day),
    )


def dispatch(visit: Visit, account_id: str, dispatch_id: str) -> Response:
    """Show a dispatch and the next step to note."""
    found = visit.services.equipment.dispatches.get(account_id, dispatch_id)
    return visit.page(_DISPATCH, fields={}, errors={}, refusal=None, **_shown(visit, found))


def ship(visit: Visit, account_id: str, dispatch_id: str) -> Response:
    """Note a parcel handed to the carrier; the client is mailed its number."""
    found = visit.services.equipment.dispatches.get(account_id, dispatch_id)
    try:
        form = read_form(ShippingForm, visit.fields)
        visit.services.equipment.dispatches.ship(
            account_id,
            dispatch_id,
            carrier=form.carrier,
            tracking=form.tracking,
            on=form.shipped_on,
            by=_by(visit),
        )
    except DomainError as refused:
        return visit.form_again(_DISPATCH, refused, **_shown(visit, found))
    return visit.see_other(_path(found))


def deliver(visit: Visit, account_id: str, dispatch_id: str) -> Response:
    """Note the day a parcel was received: it starts the withdrawal period (P10)."""
    found = visit.services.equipment.dispatches.get(account_id, dispatch_id)
    try:
        form = read_form(ReceiptForm, visit.fields)
        visit.services.equipment.dispatches.deliver(
            account_id, dispatch_id, on=form.received_on, by=_by(visit)
        )
    except DomainError as refused:
        return visit.form_again(_DISPATCH, refused, **_shown(visit, found))
    return visit.see_other(_path(found))


def bring_back(visit: Visit, account_id: str, dispatch_id: str) -> Response:
    """Note a parcel that came back; a wrong address is billed with its evidence (ORD-6)."""
    found = visit.services.equipment.dispatches.get(account_id, dispatch_id)
    try:
        form = read_form(FailureForm, visit.fields)
        visit.services.equipment.failed_deliveries.bring_back(
            account_id,
            dispatch_id,
            on=form.failed_on,
            evidence=form.evidence,
            cost_cents=form.cost_cents(),
            by=_by(visit),
            document=visit.files["document"].content if "document" in visit.files else b"",
        )
    except DomainError as refused:
        return visit.form_again(_DISPATCH, refused, **_shown(visit, found))
    return visit.see_other(_path(found))


def evidence(visit: Visit, account_id: str, dispatch_id: str, name: str) -> Response:
    """Send to a document that proves a failed delivery (ORD-6)."""
    link = visit.services.equipment.failed_deliveries.evidence_link(account_id, dispatch_id, name)
    return visit.see_other(link)


def correct_address(visit: Visit, account_id: str, dispatch_id: str) -> Response:
    """Send what is not sent yet to another address."""
    found = visit.services.equipment.dispatches.get(account_id, dispatch_id)
    names = ("line1", "line2", "postal_code", "city")
    line1, line2, postal_code, city = (visit.fields.get(name, "").strip()[:100] for name in names)
    try:
        visit.services.equipment.failed_deliveries.correct_address(
            account_id,
            dispatch_id,
            PostalAddress(line1, line2, postal_code, city, found.address.country),
            _by(visit),
        )
    except DomainError as refused:
        return visit.form_again(_DISPATCH, refused, **_shown(visit, found))
    return visit.see_other(_path(found))


def fill(visit: Visit) -> Response:
    """Reserve at once what is in stock for whoever waits."""
    visit.services.equipment.reservations.fill_shortages()
    return visit.see_other("/operator/dispatches")


def _shown(visit: Visit, found: Dispatch) -> dict[str, Any]:
    services = visit.services
    on_way = any(slot.shipped_on and slot.is_awaited for slot in found.slots)
    return {
        "dispatch": found,
        "client": services.accounts.service.account(AccountId(found.account_id)),
        "on_way": on_way,
        "day": today(services.base.clock),
        "desktops": {
            each.id: each.name for each in services.desktops.service.of_account(found.account_id)
        },
    }


def _path(found: Dispatch) -> str:
    return f"/operator/dispatches/{found.account_id}/{found.id}"


def _accounts(visit: Visit, ids: set[str]) -> dict[str, Account]:
    return {each: visit.services.accounts.service.account(AccountId(each)) for each in ids}


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
