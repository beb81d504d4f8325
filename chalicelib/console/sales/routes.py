"""Routes of the sales journal."""

from chalicelib.console.framework.access import OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/operator/sales", OPERATOR, "sales.operator_pages.months"),
    Route("GET", "/operator/sales/{month}", OPERATOR, "sales.operator_pages.export"),
)
