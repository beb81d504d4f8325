"""Every route of the operator’s back office (OPS-1): all below ``/operator/``, for operators only.

Part of the one table of ``console/routes.py``, which says how views are named.
"""

from chalicelib.console.access import Access, Route


def _get(path: str, view: str) -> Route:
    return Route("GET", f"/operator/{path}", Access.OPERATOR, view)


def _post(path: str, view: str) -> Route:
    return Route("POST", f"/operator/{path}", Access.OPERATOR, view)


OPERATOR_ROUTES: tuple[Route, ...] = (
    # security
    _get("security", "account_pages.security"),
    _post("security/password", "account_pages.change_password"),
    _post("security/end", "account_pages.end_session"),
    _post("security/end-all", "account_pages.end_all_sessions"),
    # accounts
    _get("accounts", "operator.account_pages.accounts"),
    _get("accounts/{account_id}", "operator.account_pages.account"),
    _post("accounts/{account_id}/order-limit", "operator.account_pages.set_order_limit"),
    _post("accounts/{account_id}/payment-mode", "operator.account_pages.set_payment_mode"),
    # invoice-runs
    _get("invoice-runs", "operator.invoice_run_pages.runs"),
    _post("invoice-runs", "operator.invoice_run_pages.start"),
    _get("invoice-runs/{month}", "operator.invoice_run_pages.run"),
    _get("invoice-runs/{month}/progress", "operator.invoice_run_pages.progress"),
    _post("invoice-runs/{month}/retry", "operator.invoice_run_pages.retry"),
    # invoices
    _get("invoices/{invoice_id}", "operator.invoice_run_pages.invoice"),
    _get("invoices/{invoice_id}/pdf", "operator.invoice_run_pages.document"),
    # payments
    _get("payments", "operator.payment_pages.payments"),
    _post("payments/{invoice_id}/retry", "operator.payment_pages.try_again"),
    # orders
    _get("orders", "operator.order_pages.queue"),
    _get("orders/{order_id}", "operator.order_pages.order"),
    _post("orders/{order_id}/validation", "operator.order_pages.validate"),
    _post("orders/{order_id}/refusal", "operator.order_pages.refuse"),
    # catalogue
    _get("catalogue", "operator.catalogue_pages.catalogue"),
    _post("catalogue", "operator.catalogue_pages.publish"),
)
