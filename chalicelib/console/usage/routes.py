"""Routes of usage."""

from chalicelib.console.framework.access import BILLING, OPERATOR, PUBLIC, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/usage", BILLING, "usage.usage_pages.usage"),
    Route("GET", "/usage/days/{usage_day}", BILLING, "usage.usage_pages.day"),
    Route("GET", "/calculation", PUBLIC, "usage.calculation_pages.calculation"),
    Route("GET", "/usage.csv", BILLING, "usage.usage_pages.usage_csv"),
    Route("GET", "/usage.json", BILLING, "usage.usage_pages.usage_json"),
    Route("GET", "/operator/accounts/{account_id}/usage", OPERATOR, "usage.operator_pages.usage"),
    Route(
        "POST", "/operator/accounts/{account_id}/usage", OPERATOR, "usage.operator_pages.correct"
    ),
)
