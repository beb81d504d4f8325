"""The operator's orders: the queue to validate or refuse, and the latest ones (ORD-3, OPS-1)."""

from chalice.app import Response

from chalicelib.accounts.account import Account, searchable
from chalicelib.console.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.order import Order, OrderState

_QUEUE = "/operator/orders"
_LATEST, _SHOWN = 300, 50
_WAITS = OrderState.AWAITING_VALIDATION


def queue(visit: Visit) -> Response:
    """Show what waits for the company, oldest first, then the latest orders, filtered or not."""
    orders = visit.services.orders
    wanted, text = visit.query.get("state", ""), visit.query.get("q", "").strip()[:100]
    waiting = orders.queue()
    latest = [*orders.awaiting_start(), *orders.recent(_LATEST)]
    accounts = _accounts(visit, [*waiting, *latest])

    def shown(order: Order) -> bool:
        names = f"{order.number} {accounts[order.account_id].name}"
        return wanted in {"", order.state} and searchable(text) in searchable(names)

    latest.sort(key=lambda order: (order.accepted_at, order.id), reverse=True)
    recent = [order for order in latest if shown(order)][:_SHOWN]
    return visit.page(
        "operator/orders.html",
        waiting=waiting,
        recent=recent,
        accounts=accounts,
        q=text,
        state_wanted=wanted,
        states=[state.value for state in OrderState if state is not _WAITS],
        names=visit.services.catalogue.current().names,
        now=visit.services.clock.now(),
        today=today(visit.services.clock),
    )


def order(visit: Visit, order_id: str) -> Response:
    """Show one order, with the decision to take."""
    return _order(visit, visit.services.orders.any(order_id))


def validate(visit: Visit, order_id: str) -> Response:
    """Confirm an order: its desktops are launched."""
    visit.services.orders.validate(order_id, f"operator:{visit.user.id}")
    return visit.see_other(_QUEUE)


def refuse(visit: Visit, order_id: str) -> Response:
    """Refuse an order; the client is sent the reason."""
    orders = visit.services.orders
    try:
        orders.refuse(order_id, visit.fields.get("reason", ""), f"operator:{visit.user.id}")
    except FieldErrors as refused:
        return _order(visit, orders.any(order_id), refused)
    return visit.see_other(_QUEUE)


def _order(visit: Visit, found: Order, refused: FieldErrors | None = None) -> Response:
    services = visit.services
    account = services.accounts.account(AccountId(found.account_id))
    return visit.page(
        "operator/order.html",
        422 if refused else 200,
        order=found,
        client=account,
        limit_use=services.orders.limit_use(account),
        undelivered=services.deliveries.of_order(found),
        dispatches=[
            each for each in services.dispatches.of_account(account.id) if each.order_id == found.id
        ],
        waits=found.state is _WAITS,
        names=services.catalogue.current().names,
        people={user.id: user.full_name for user in services.accounts.users_of(account.id)},
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
        refusal=refused,
        now=services.clock.now(),
        today=today(services.clock),
    )


def _accounts(visit: Visit, orders: list[Order]) -> dict[str, Account]:
    ids = {order.account_id for order in orders}
    return {each: visit.services.accounts.account(AccountId(each)) for each in ids}
