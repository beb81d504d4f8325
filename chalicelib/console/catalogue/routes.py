"""Routes of the home page, of the prices and of the operator’s catalogue."""

from chalicelib.console.framework.access import OPERATOR, PUBLIC, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/", PUBLIC, "catalogue.home_pages.home"),
    Route("GET", "/prices", PUBLIC, "catalogue.price_pages.prices"),
    Route("GET", "/prices.json", PUBLIC, "catalogue.price_pages.prices_json"),
    Route("GET", "/operator/catalogue", OPERATOR, "catalogue.operator_pages.catalogue"),
    Route("POST", "/operator/catalogue", OPERATOR, "catalogue.operator_pages.publish"),
)
