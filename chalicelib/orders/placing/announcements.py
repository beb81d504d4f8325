"""What is told of an order when its state changes: to the journal, to workers, to the client."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from chalicelib.accounts.clients.account import Account
from chalicelib.foundation.instants import iso
from chalicelib.foundation.messages import Message
from chalicelib.notifications.mails import mail
from chalicelib.orders.messages import ConfirmOrder, CreateDesktops, ReleasePods, ReservePods
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.texts.mails import MailName


def facts_of(order: Order) -> dict[str, Any]:
    """What the journal keeps of an order: what was agreed, and under which documents (EVD-1)."""
    return {
        "order_id": order.id,
        "number": order.number,
        "accepted_at": iso(order.accepted_at),
        "placed_at": iso(order.placed_at) if order.placed_at else None,
        "billable_at": iso(order.billable_at) if order.billable_at else None,
        "lines": [asdict(line) for line in order.lines],
        "monthly_excl_vat_cents": order.monthly_excl_vat_cents,
        "monthly_incl_vat_cents": order.monthly_incl_vat_cents,
        "vat_rate_percent": order.vat_rate_percent,
        "billing_plan": order.billing_plan,
        "payment_mode": order.payment_mode,
        "express_request": order.express_request,
        "terms": [asdict(each) for each in order.terms],
        "starts_on": order.starts_on.isoformat() if order.starts_on else None,
        "limit_cents": order.limit_cents,
        "rented_cents": order.rented_cents,
        "validated_by": order.validated_by,
        "refused_reason": order.refused_reason,
        "desktop_due_on": order.desktop_due_on.isoformat() if order.desktop_due_on else None,
    }


def messages_of(order: Order, account: Account, *, from_confirmation: bool = True) -> list[Message]:
    """Give the messages that follow from an order reaching its state (ORD-3).

    A confirmed order reserves its OmnyPods (POD-1); one given up lets them go.  A mail says
    whether a later confirmation begins the billing (``from_confirmation``; P2).
    """
    messages = []
    if order.state is OrderState.VALIDATED:
        messages.append(CreateDesktops(order_id=order.id).message(f"create:{order.id}"))
    if order.is_confirmed and not order.confirmed_at:
        messages.append(ConfirmOrder(order_id=order.id).message(f"order:{order.id}"))
    if order.pod_due_on and order.is_confirmed:
        messages.append(ReservePods(order_id=order.id).message(f"pods:{order.id}"))
    if order.pod_due_on and order.state is OrderState.CANCELLED and order.validated_at:
        messages.append(ReleasePods(order_id=order.id).message(f"release:{order.id}"))
    return [*messages, *_mails(order, account, from_confirmation)]


def desktops_text(order: Order) -> str:
    """Say how many desktops of each configuration an order is for: "8 × Essentiel, 4 × Pro"."""
    counts: Counter[str] = Counter()
    for line in order.lines:
        counts[line.name] += line.quantity
    return ", ".join(f"{count} × {name}" for name, count in counts.items())


def _mails(order: Order, account: Account, from_confirmation: bool) -> list[Message]:
    template = {
        OrderState.AWAITING_VALIDATION: MailName.ORDER_RECEIVED,
        OrderState.REFUSED: MailName.ORDER_REFUSED,
        OrderState.CANCELLED: MailName.ORDER_CANCELLED if order.placed_at else None,
        # Confirmed earlier, and waiting since: the confirmation itself is another mail.
        OrderState.VALIDATED: MailName.ORDER_STARTED if order.confirmed_at else None,
    }.get(order.state)
    if template is None:
        return []
    context = {
        "order_id": order.id,
        "number": order.number,
        "desktops": desktops_text(order),
        "monthly_excl_vat_cents": order.monthly_excl_vat_cents,
        "monthly_incl_vat_cents": order.monthly_incl_vat_cents,
        "reason": order.refused_reason,
        "from_confirmation": from_confirmation,
        "desktop_due_on": order.desktop_due_on.isoformat() if order.desktop_due_on else "",
    }
    key = f"{template}:{order.id}"
    return [mail(template, account.email, account.language, context, key=key)]
