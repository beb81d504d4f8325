"""Routes of OmnyPods, their stock, dispatches and cases."""

from chalicelib.console.framework.access import MANAGER, OPERATOR, Route
from chalicelib.console.framework.uploads import MULTIPART

ROUTES: tuple[Route, ...] = (
    Route("GET", "/pods", MANAGER, "equipment.pod_pages.pods"),
    Route("GET", "/pods/{serial}/report", MANAGER, "equipment.pod_pages.report_form"),
    Route("POST", "/pods/{serial}/report", MANAGER, "equipment.pod_pages.report"),
    Route("POST", "/pods/{serial}/receipt", MANAGER, "equipment.pod_pages.confirm_receipt"),
    Route("GET", "/operator/deliveries", OPERATOR, "equipment.operator_dispatch_pages.deliveries"),
    Route("GET", "/operator/dispatches", OPERATOR, "equipment.operator_dispatch_pages.dispatches"),
    Route("POST", "/operator/dispatches", OPERATOR, "equipment.operator_dispatch_pages.fill"),
    Route(
        "GET",
        "/operator/dispatches/{account_id}/{dispatch_id}",
        OPERATOR,
        "equipment.operator_dispatch_pages.dispatch",
    ),
    Route(
        "POST",
        "/operator/dispatches/{account_id}/{dispatch_id}/shipping",
        OPERATOR,
        "equipment.operator_dispatch_pages.ship",
    ),
    Route(
        "POST",
        "/operator/dispatches/{account_id}/{dispatch_id}/delivery",
        OPERATOR,
        "equipment.operator_dispatch_pages.deliver",
    ),
    Route(
        "POST",
        "/operator/dispatches/{account_id}/{dispatch_id}/failure",
        OPERATOR,
        "equipment.operator_dispatch_pages.bring_back",
        MULTIPART,
    ),
    Route(
        "GET",
        "/operator/dispatches/{account_id}/{dispatch_id}/evidence/{name}",
        OPERATOR,
        "equipment.operator_dispatch_pages.evidence",
    ),
    Route(
        "POST",
        "/operator/dispatches/{account_id}/{dispatch_id}/address",
        OPERATOR,
        "equipment.operator_dispatch_pages.correct_address",
    ),
    Route("GET", "/operator/pods", OPERATOR, "equipment.operator_pod_pages.pods"),
    Route("GET", "/operator/pods/import", OPERATOR, "equipment.operator_pod_pages.import_form"),
    Route(
        "POST",
        "/operator/pods/import",
        OPERATOR,
        "equipment.operator_pod_pages.import_csv",
        MULTIPART,
    ),
    Route("GET", "/operator/pods/prices", OPERATOR, "equipment.operator_pod_pages.prices"),
    Route("POST", "/operator/pods/prices", OPERATOR, "equipment.operator_pod_pages.announce_price"),
    Route("GET", "/operator/pods/{serial}", OPERATOR, "equipment.operator_pod_pages.pod"),
    Route("POST", "/operator/pods/{serial}/{action}", OPERATOR, "equipment.operator_pod_pages.act"),
    Route("GET", "/operator/pod-cases", OPERATOR, "equipment.operator_case_pages.cases"),
    Route(
        "GET",
        "/operator/pod-cases/{account_id}/{case_id}",
        OPERATOR,
        "equipment.operator_case_pages.case",
    ),
    Route(
        "POST",
        "/operator/pod-cases/{account_id}/{case_id}/decision",
        OPERATOR,
        "equipment.operator_case_pages.decide",
    ),
)
