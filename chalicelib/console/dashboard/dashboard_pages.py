"""The dashboard: desktops, cost so far and to come, what needs attention (CON-2)."""

from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import Role
from chalicelib.console.dashboard.attention import attention_of
from chalicelib.console.desktops.desktop_pages import cards_shown
from chalicelib.console.framework.visit import Visit
from chalicelib.console.usage.usage_shown import costs_shown
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.orders.model.order import Order, OrderState


def dashboard(visit: Visit) -> Response:
    """Show everything at a glance; a plain user sees their desktops only."""
    shown = cards_shown(visit)
    running = [each for each in shown["desktops"] if each.state is State.RUNNING]
    sees_costs = visit.user.role is not Role.USER
    return visit.page(
        "dashboard/dashboard.html",
        **shown,
        running_count=len(running),
        moving_count=sum(1 for each in shown["desktops"] if each.is_moving),
        on=today(visit.services.base.clock),
        money=_money(visit) if sees_costs else None,
        orders=_open_orders(visit) if shown["manager"] else [],
        attention=attention_of(visit, shown["desktops"]),
    )


def _money(visit: Visit) -> dict[str, Any]:
    services, account = visit.services, visit.account
    now = today(services.base.clock)
    month = BillingMonth.of(now)
    so_far = services.metering.service.usage_so_far(account.id, month)
    agreed = services.billing.contracts.agreed_of(account.id)
    return {
        "month": month,
        "draft": services.billing.service.priced(account.id, month, so_far),
        **costs_shown(services, account, month, visit.language, agreed),
        "issued_from": month.next.first_day,
        "card": services.payments.cards.default_card(account.id),
    }


def _open_orders(visit: Visit) -> list[Order]:
    orders = visit.services.orders.service.of_account(visit.account.id)
    return [order for order in orders if order.is_open or order.state is OrderState.AWAITING_START]
