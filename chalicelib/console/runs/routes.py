"""Routes of the month-end run."""

from chalicelib.console.framework.access import OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/operator/invoice-runs", OPERATOR, "runs.operator_pages.runs"),
    Route("POST", "/operator/invoice-runs", OPERATOR, "runs.operator_pages.start"),
    Route("GET", "/operator/invoice-runs/{month}", OPERATOR, "runs.operator_pages.run"),
    Route(
        "GET", "/operator/invoice-runs/{month}/progress", OPERATOR, "runs.operator_pages.progress"
    ),
    Route(
        "GET",
        "/operator/invoice-runs/{month}/comparison",
        OPERATOR,
        "runs.operator_pages.comparison",
    ),
    Route("GET", "/operator/invoice-runs/{month}/trial", OPERATOR, "runs.operator_pages.trial"),
    Route("POST", "/operator/invoice-runs/{month}/retry", OPERATOR, "runs.operator_pages.retry"),
)
