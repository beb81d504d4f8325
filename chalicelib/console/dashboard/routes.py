"""Routes of the dashboard and of the operator’s day."""

from chalicelib.console.framework.access import CLIENT, OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/dashboard", CLIENT, "dashboard.dashboard_pages.dashboard"),
    Route("GET", "/operator/today", OPERATOR, "dashboard.operator_today_pages.today"),
)
