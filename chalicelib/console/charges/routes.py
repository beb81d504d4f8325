"""Routes of one-off charges and service credits."""

from chalicelib.console.framework.access import OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/operator/charges", OPERATOR, "charges.operator_pages.charges"),
    Route(
        "GET", "/operator/accounts/{account_id}/charges", OPERATOR, "charges.operator_pages.account"
    ),
    Route(
        "POST", "/operator/accounts/{account_id}/charges", OPERATOR, "charges.operator_pages.add"
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/charges/{charge_id}/cancel",
        OPERATOR,
        "charges.operator_pages.cancel",
    ),
    Route(
        "POST", "/operator/accounts/{account_id}/credits", OPERATOR, "charges.operator_pages.grant"
    ),
)
