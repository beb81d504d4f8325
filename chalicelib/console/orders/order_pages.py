"""Pages on which a client orders, and follows their orders (ORD-1, ORD-2, LEG-3, CON-3)."""

import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.catalogue.catalogue import Application, Catalogue
from chalicelib.console.billing_reading import billed_from_confirmation
from chalicelib.console.framework.visit import Visit
from chalicelib.console.orders.order_forms import OPTION, line_count, order_fields, read_order
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, GatewayError, NotFoundError
from chalicelib.orders.model.commitments import commitment_on
from chalicelib.orders.model.order import AcceptedTerms, Order, OrderState
from chalicelib.orders.model.request import (
    MOST_DESKTOPS,
    MOST_LINES,
    OrderRequest,
    line_prefix,
    needs_delivery,
)
from chalicelib.orders.placing.summary import OrderSummary, SummaryChangedError

_ORDER_KEY = re.compile(r"[0-9a-f]{32}")


def order_form(visit: Visit) -> Response:
    """Show the form; the address may carry what was typed before."""
    return _form(visit, order_fields(visit.query))


def summary(visit: Visit) -> Response:
    """Show everything the law wants shown before the click, on one page (LEG-3)."""
    fields = order_fields(visit.query)
    try:
        request = read_order(fields, visit.account)
        shown = visit.services.orders.service.summarise(visit.account, request)
    except FieldErrors as refused:
        return _form(visit, fields, refused)
    return _summary(visit, fields, shown, secrets.token_hex(16))


def place(visit: Visit) -> Response:
    """Place the order; then towards the card where one is needed (ORD-1, ORD-2)."""
    fields = order_fields(visit.fields)
    order_key = visit.fields.get("order_key", "")
    if not _ORDER_KEY.fullmatch(order_key):
        raise DomainError("Ce récapitulatif n’est plus valable\u00a0: recommencez la commande.")
    orders = visit.services.orders.service
    try:
        request = read_order(fields, visit.account)
        order = orders.place(
            visit.account, visit.user, request, order_key, shown=visit.fields.get("shown", "")
        )
    except SummaryChangedError as changed:
        again = orders.summarise(visit.account, read_order(fields, visit.account))
        return _summary(visit, fields, again, order_key, changed)
    except FieldErrors as refused:
        return _form(visit, fields, refused)
    if order.state is OrderState.AWAITING_CARD:
        return _towards_card(visit, order)
    return visit.see_other(f"/orders/{order.id}")


def save_card(visit: Visit, order_id: str) -> Response:
    """Go back to the card page of an order that still waits for one (ORD-2)."""
    order = visit.services.orders.service.resume(visit.account, order_id)
    if order.state is not OrderState.AWAITING_CARD:
        return visit.see_other(f"/orders/{order.id}")
    return _towards_card(visit, order)


def cancel(visit: Visit, order_id: str) -> Response:
    """Give up an order whose desktops are not launched yet."""
    order = visit.services.orders.service.cancel(visit.account.id, order_id, visit.user.id)
    return visit.see_other(f"/orders/{order.id}")


def start(visit: Visit, order_id: str) -> Response:
    """Start without waiting for the end of the withdrawal period, expressly (law §5)."""
    visit.services.orders.service.get(visit.account.id, order_id)
    asked, known = (visit.fields.get(f"express_{name}") for name in ("request", "acknowledged"))
    try:
        visit.services.orders.service.start_now(
            visit.account.id,
            order_id,
            requested=asked == "yes",
            acknowledged=known == "yes",
            by=visit.user.id,
        )
    except FieldErrors as refused:
        return _order(visit, order_id, refused)
    return visit.see_other(f"/orders/{order_id}")


def orders(visit: Visit) -> Response:
    """List the account's orders."""
    return visit.page(
        "orders/orders.html",
        orders=visit.services.orders.service.of_account(visit.account.id),
        names=visit.services.catalogue.current().names,
    )


def order(visit: Visit, order_id: str) -> Response:
    """Show an order, and how far it is (CON-3)."""
    return _order(visit, order_id)


def _order(visit: Visit, order_id: str, refused: FieldErrors | None = None) -> Response:
    found = visit.services.orders.service.get(visit.account.id, order_id)
    desktops = [
        desktop
        for desktop in visit.services.desktops.service.of_account(visit.account.id)
        if desktop.order_id == found.id
    ]
    return visit.page(
        "orders/order.html",
        422 if refused else 200,
        order=found,
        dispatches=[
            each
            for each in visit.services.equipment.dispatches.of_account(found.account_id)
            if each.order_id == found.id
        ],
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
        desktops=desktops,
        ready=sum(1 for desktop in desktops if desktop.ready_at),
        # "running" and the like name desktops; an order is done when each is ready or gone.
        moving=found.is_open or _is_under_way(found, desktops),
        names=visit.services.catalogue.current().names,
        titles=_titles(visit, found.terms),
        now_on=today(visit.services.base.clock),
        from_confirmation=billed_from_confirmation(visit),
    )


def document(visit: Visit, order_id: str) -> Response:
    """Send the browser to the order's PDF (LEG-4)."""
    found = visit.services.orders.service.get(visit.account.id, order_id)
    if not found.confirmed_at:
        raise NotFoundError
    documents = visit.services.base.adapters.documents
    return visit.see_other(documents.link(found.document_key, f"commande-{found.number}.pdf"))


def _titles(visit: Visit, terms: tuple[AcceptedTerms, ...]) -> dict[str, str]:
    """Name the documents accepted, as they were titled."""
    library = visit.services.legal.documents
    return {each.kind: library.version(each.kind, each.version).title for each in terms}


def _is_under_way(order: Order, desktops: list[Desktop]) -> bool:
    if order.state is OrderState.AWAITING_START:
        return not order.confirmed_at
    if order.state is not OrderState.VALIDATED:
        return False
    settled = [one for one in desktops if one.ready_at or one.failed_at or one.deleted_at]
    return len(settled) < order.desktop_count or not order.confirmed_at


def _other_licences(shown: OrderSummary) -> list[Application]:
    """Give the licences that are read on their editors' own sites, each once."""
    licences = [each for configuration in shown.configurations for each in configuration.licences]
    elsewhere = (each for each in licences if not each.licence_url.startswith("/legal/"))
    return list(dict.fromkeys(elsewhere))


def _towards_card(visit: Visit, order: Order) -> Response:
    back = f"/orders/{order.id}"
    query = f"session_id={{CHECKOUT_SESSION_ID}}&next={back}"
    try:
        page = visit.services.payments.cards.start_saving(
            visit.account.id,
            success_url=visit.absolute_url(f"/cards/return?{query}"),
            cancel_url=visit.absolute_url(back),
            language=visit.language,
        )
    except GatewayError:
        # The order waits; its page offers the card again.
        return visit.see_other(back)
    return visit.see_other(page)


def _form(visit: Visit, fields: Mapping[str, str], refused: FieldErrors | None = None) -> Response:
    services, account = visit.services, visit.account
    day = today(services.base.clock)
    catalogue = services.catalogue.current()
    offers = catalogue.on_sale(day)
    users = services.accounts.service.users_of(account.id)
    request, estimate = _estimate(visit, fields)
    address = (request.delivery_address if request else None) or account.address
    numbered = sum(order.desktop_count for order in services.orders.service.of_account(account.id))
    return visit.page(
        "orders/form.html",
        422 if refused else 200,
        fields=fields,
        errors=refused.errors if refused else {},
        refusal=refused,
        catalogue=catalogue,
        offers=offers,
        day=day,
        rows=_rows(fields, request, numbered, catalogue, refused.errors if refused else {}),
        most_lines=MOST_LINES,
        names=catalogue.names,
        users=users,
        people=[(user.id, user.full_name) for user in users],
        delivers=bool(request and needs_delivery(request, catalogue)),
        address=address,
        estimate=estimate,
        from_confirmation=billed_from_confirmation(visit),
        most=MOST_DESKTOPS,
    )


def _rows(
    fields: Mapping[str, str],
    request: OrderRequest | None,
    numbered: int,
    catalogue: Catalogue,
    errors: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Give, for each line of the form, its prefix, its desktops with the names proposed, options.

    An option that the chosen configuration cannot have is left out, but where it was refused.
    """
    rows = []
    for number in range(1, line_count(fields) + 1):
        prefix = line_prefix(number)
        possible = catalogue.options_with(fields.get(prefix + "configuration", ""))
        wanted = request.lines[number - 1].quantity if request else 1
        places = range(1, min(max(wanted, 1), MOST_DESKTOPS) + 1)
        rows.append(
            {
                "number": number,
                "prefix": prefix,
                "places": [(place, numbered + place) for place in places],
                "options": [
                    option
                    for option in catalogue.options
                    if option in possible or f"{prefix}{OPTION}{option.code}" in errors
                ],
            }
        )
        numbered += len(places)
    return rows


def _estimate(
    visit: Visit, fields: Mapping[str, str]
) -> tuple[OrderRequest | None, OrderSummary | None]:
    """Price what is filled in so far, if it can be ordered at all."""
    try:
        request = read_order(fields, visit.account)
    except FieldErrors:
        return None, None
    try:
        return request, visit.services.orders.service.estimate(visit.account, request)
    except DomainError:
        return request, None


def _summary(
    visit: Visit,
    fields: Mapping[str, str],
    shown: OrderSummary,
    order_key: str,
    changed: SummaryChangedError | None = None,
) -> Response:
    services = visit.services
    catalogue = services.catalogue.current()
    return visit.page(
        "orders/summary.html",
        409 if changed else 200,
        changed=changed,
        summary=shown,
        fields=fields,
        order_key=order_key,
        back="/order?" + urlencode(fields),
        licences=_other_licences(shown),
        names=catalogue.names,
        disks_gib=[
            catalogue.storage_gib(line.configuration_code, line.option_codes)
            for line in shown.lines
        ],
        people={
            user.id: user.full_name for user in services.accounts.service.users_of(visit.account.id)
        },
        titles=_titles(visit, shown.terms),
        commitment=commitment_on(shown.on),
        from_confirmation=billed_from_confirmation(visit),
        card_needed=shown.payment_mode == "card"
        and not services.payments.cards.has_card(visit.account.id),
    )
