"""What an account rents and awaits, as orders ask it (CGV art. 3, 16; ORD-3, ORD-5)."""

from collections.abc import Iterable
from datetime import date

from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.orders.model.deliveries import Undelivered
from chalicelib.orders.model.limits import RentedDesktop
from chalicelib.orders.model.order import Order


def rented_desktops(
    desktops: Iterable[Desktop], catalogues: CatalogueService, day: date
) -> list[RentedDesktop]:
    """Give desktops at what they commit to a month, excl. VAT, on a Paris day (ORD-3)."""
    rented = list(desktops)
    if not rented:
        return []
    catalogue = catalogues.current()
    return [
        RentedDesktop(each.order_id, committed_cents(each, catalogue, day), each.is_active)
        for each in rented
    ]


def committed_cents(desktop: Desktop, catalogue: Catalogue, day: date) -> int:
    """Give the most a desktop costs a month, in cents excl. VAT, at the prices of a Paris day.

    What is asked for counts from the request on, now or at a chosen time: the dearest of the
    configurations it has, changes to and will change to, and the most of each option (ORD-3).
    """
    if not desktop.is_active:
        return 0
    codes = {desktop.configuration_code, desktop.wanted_code or desktop.configuration_code}
    if desktop.scheduled:
        codes.add(desktop.scheduled.configuration_code)
    most = dict(desktop.option_codes)
    for code, count in desktop.wanted_options or ():
        most[code] = max(count, most.get(code, 0))
    options = sum(
        count * (catalogue.known_price_on(code, day) or 0) for code, count in most.items()
    )
    return max(catalogue.known_price_on(code, day) or 0 for code in codes) + options


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
