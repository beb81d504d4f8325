"""The front door: the offers for a stranger, the desk of work for whoever is signed in (CON-4)."""

from chalice.app import Response

from chalicelib.console.catalogue.price_pages import public_rate
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.orders.placing.summary import price_incl_vat


def home(visit: Visit) -> Response:
    """Show the offers, or send a signed-in visitor to the page they work on."""
    if visit.visitor:
        role = visit.visitor.user.role
        return visit.see_other("/operator/today" if role == "operator" else "/dashboard")
    day = today(visit.services.base.clock)
    catalogue = visit.services.catalogue.current()
    rate = public_rate(day)
    return visit.page(
        "catalogue/home.html",
        catalogue=catalogue,
        offers=catalogue.on_sale(day),
        day=day,
        incl_vat=lambda cents: price_incl_vat(cents, rate),
    )
