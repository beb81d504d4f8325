"""What an account rents and awaits, as orders ask it (CGV art. 3, 16; ORD-3, ORD-5)."""

from collections.abc import Iterable
from datetime import date

from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.orders.model.deliveries import Undelivered
from chalicelib.orders.model.limits import RentedDesktop
from chalicelib.orders.model.order import Order


def rented_desktops(
    desktops: Iterable[Desktop], catalogues: CatalogueService, day: date
) -> list[RentedDesktop]:
    """Give desktops at what they cost a month, excl. VAT, on a Paris day (ORD-3)."""
    rented = list(desktops)
    if not rented:
        return []
    catalogue = catalogues.current()

    def monthly(desktop: Desktop) -> int:
        return sum(
            (catalogue.known_price_on(item.code, day) or 0) * item.quantity
            for item in charged_items(desktop, day)
        )

    return [RentedDesktop(each.order_id, monthly(each), each.is_active) for each in rented]


def awaited_desktops(order: Order, of_account: Iterable[Desktop]) -> list[Undelivered]:
    """Give the desktops of an order that are not ready, nor gone; also those not made (ORD-5)."""
    ours = [each for each in of_account if each.order_id == order.id]
    waiting = [
        Undelivered(each.id, each.name) for each in ours if each.is_active and each.ready_at is None
    ]
    names = [name for line in order.lines for name in line.desktop_names]
    missing = len(names) - len(ours)
    known = {each.name for each in ours}
    to_come = [name for name in names if name not in known][:missing] if missing > 0 else []
    return [*waiting, *(Undelivered(name, name) for name in to_come)]
