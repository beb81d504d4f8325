"""Routes of the accredited platform."""

from chalicelib.console.framework.access import OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/operator/platform", OPERATOR, "platform.operator_pages.documents"),
    Route("POST", "/operator/platform", OPERATOR, "platform.operator_pages.take_back"),
    Route("GET", "/operator/platform/{number}", OPERATOR, "platform.operator_pages.document"),
    Route("POST", "/operator/platform/{number}", OPERATOR, "platform.operator_pages.record"),
)
