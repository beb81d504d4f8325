"""Routes of orders."""

from chalicelib.console.framework.access import MANAGER, OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/order", MANAGER, "orders.order_pages.order_form"),
    Route("GET", "/order/summary", MANAGER, "orders.order_pages.summary"),
    Route("POST", "/orders", MANAGER, "orders.order_pages.place"),
    Route("GET", "/orders", MANAGER, "orders.order_pages.orders"),
    Route("GET", "/orders/{order_id}", MANAGER, "orders.order_pages.order"),
    Route("GET", "/orders/{order_id}/document", MANAGER, "orders.order_pages.document"),
    Route("POST", "/orders/{order_id}/card", MANAGER, "orders.order_pages.save_card"),
    Route("POST", "/orders/{order_id}/cancellation", MANAGER, "orders.order_pages.cancel"),
    Route("POST", "/orders/{order_id}/start", MANAGER, "orders.order_pages.start"),
    Route("GET", "/operator/orders", OPERATOR, "orders.operator_pages.queue"),
    Route("GET", "/operator/orders/{order_id}", OPERATOR, "orders.operator_pages.order"),
    Route(
        "POST", "/operator/orders/{order_id}/validation", OPERATOR, "orders.operator_pages.validate"
    ),
    Route("POST", "/operator/orders/{order_id}/refusal", OPERATOR, "orders.operator_pages.refuse"),
)
