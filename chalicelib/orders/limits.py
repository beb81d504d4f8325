"""How far an account's orders validate themselves: by what it would rent in all (ORD-3).

Judged order by order, the limit would be passed by ordering twice.
"""

from collections.abc import Iterable, Mapping

from chalicelib.orders.order import Order, OrderState


def rented_cents(orders: Iterable[Order], ended: Mapping[str, int]) -> int:
    """Give the monthly cents excl. VAT of the desktops ordered and validated that still exist.

    ``ended`` tells how many desktops of an order are deleted or failed; of an order with several
    lines they count as its cheapest.
    """
    return sum(
        order.monthly_excl_vat_cents
        - ended.get(order.id, 0) * min(line.monthly_excl_vat_cents for line in order.lines)
        for order in orders
        if order.state is OrderState.VALIDATED
    )
