"""The operator's orders: the queue to validate or refuse, and the latest ones (ORD-3, OPS-1)."""

from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.accounts.clients.account import Account, searchable
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.model.order import Order, OrderState

_QUEUE = "/operator/orders"
_LATEST, _SHOWN = 300, 50
_DIGITS = 7
_WAITS = OrderState.AWAITING_VALIDATION


def queue(visit: Visit) -> Response:
    """Show what waits for the company, oldest first, then the latest orders, or a month's."""
    orders, month = visit.services.orders.service, _month(visit.query.get("month", ""))
    wanted, text = visit.query.get("state", ""), visit.query.get("q", "").strip()[:100]
    waiting = orders.queue()
    others = orders.accepted_in(month) if month else orders.recent(_LATEST)
    latest = [*orders.awaiting_start(), *others]
    accounts = _accounts(visit, [*waiting, *latest])

    def shown(order: Order) -> bool:
        names = f"{order.number} {accounts[order.account_id].name}"
        in_time = month is None or paris_day(order.accepted_at) in month
        return in_time and wanted in {"", order.state} and searchable(text) in searchable(names)

    latest.sort(key=lambda order: (order.accepted_at, order.id), reverse=True)
    found = [order for order in latest if shown(order)]
    number = _page_number(visit.query.get("page", ""), len(found))
    kept = {"q": text, "state": wanted, "month": str(month or "")}
    return visit.page(
        "orders/operator_orders.html",
        waiting=waiting,
        recent=found[(number - 1) * _SHOWN : number * _SHOWN],
        page_number=number,
        page_count=_page_count(len(found)),
        filter_query=urlencode(kept),
        month_wanted=kept["month"],
        accounts=accounts,
        q=text,
        state_wanted=wanted,
        states=[state.value for state in OrderState if state is not _WAITS],
        names=visit.services.catalogue.current().names,
        now=visit.services.base.clock.now(),
        today=today(visit.services.base.clock),
    )


def _month(typed: str) -> BillingMonth | None:
    try:
        return BillingMonth.parse(typed)
    except ValueError:
        return None


def _page_count(found: int) -> int:
    return max(1, -(-found // _SHOWN))


def _page_number(typed: str, found: int) -> int:
    """Read which page is asked for; the first one when there is no such page."""
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _DIGITS else 1
    return number if 1 <= number <= _page_count(found) else 1


def order(visit: Visit, order_id: str) -> Response:
    """Show one order, with the decision to take."""
    return _order(visit, visit.services.orders.service.any(order_id))


def validate(visit: Visit, order_id: str) -> Response:
    """Confirm an order: its desktops are launched."""
    visit.services.orders.service.validate(order_id, f"operator:{visit.user.id}")
    return visit.see_other(_QUEUE)


def refuse(visit: Visit, order_id: str) -> Response:
    """Refuse an order; the client is sent the reason."""
    orders = visit.services.orders.service
    try:
        orders.refuse(order_id, visit.fields.get("reason", ""), f"operator:{visit.user.id}")
    except FieldErrors as refused:
        return _order(visit, orders.any(order_id), refused)
    return visit.see_other(_QUEUE)


def _order(visit: Visit, found: Order, refused: FieldErrors | None = None) -> Response:
    services = visit.services
    account = services.accounts.service.account(AccountId(found.account_id))
    return visit.page(
        "orders/operator_order.html",
        422 if refused else 200,
        order=found,
        client=account,
        limit_use=services.orders.service.limit_use(account),
        undelivered=services.orders.deliveries.of_order(found),
        dispatches=[
            each
            for each in services.equipment.dispatches.of_account(account.id)
            if each.order_id == found.id
        ],
        waits=found.state is _WAITS,
        names=services.catalogue.current().names,
        people={user.id: user.full_name for user in services.accounts.service.users_of(account.id)},
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
        refusal=refused,
        now=services.base.clock.now(),
        today=today(services.base.clock),
    )


def _accounts(visit: Visit, orders: list[Order]) -> dict[str, Account]:
    ids = {order.account_id for order in orders}
    return {each: visit.services.accounts.service.account(AccountId(each)) for each in ids}
