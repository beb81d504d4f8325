"""Every route of the operator’s back office (OPS-1): all below ``/operator/``, for operators only.

Part of the one table of ``console/routes.py``, which says how views are named.
"""

from chalicelib.console.access import Access, Route
from chalicelib.console.uploads import MULTIPART


def _get(path: str, view: str) -> Route:
    return Route("GET", f"/operator/{path}", Access.OPERATOR, view)


def _post(path: str, view: str) -> Route:
    return Route("POST", f"/operator/{path}", Access.OPERATOR, view)


def _post_files(path: str, view: str) -> Route:
    return Route("POST", f"/operator/{path}", Access.OPERATOR, view, MULTIPART)


OPERATOR_ROUTES: tuple[Route, ...] = (
    _get("today", "operator.today_pages.today"),
    # security
    _get("security", "account_pages.security"),
    _post("security/password", "account_pages.change_password"),
    _post("security/end", "account_pages.end_session"),
    _post("security/end-all", "account_pages.end_all_sessions"),
    # accounts
    _get("accounts", "operator.account_pages.accounts"),
    _get("accounts/{account_id}", "operator.account_pages.account"),
    _get("accounts/{account_id}/estate", "operator.estate_pages.estate"),
    _post("accounts/{account_id}/order-limit", "operator.account_pages.set_order_limit"),
    _post("accounts/{account_id}/payment-mode", "operator.account_pages.set_payment_mode"),
    _post("accounts/{account_id}/annual", "operator.account_pages.set_annual"),
    # invoice-runs
    _get("invoice-runs", "operator.invoice_run_pages.runs"),
    _post("invoice-runs", "operator.invoice_run_pages.start"),
    _get("invoice-runs/{month}", "operator.invoice_run_pages.run"),
    _get("invoice-runs/{month}/progress", "operator.invoice_run_pages.progress"),
    _get("invoice-runs/{month}/comparison", "operator.invoice_run_pages.comparison"),
    _get("invoice-runs/{month}/trial", "operator.invoice_run_pages.trial"),
    _post("invoice-runs/{month}/retry", "operator.invoice_run_pages.retry"),
    # sales journal
    _get("sales", "operator.sales_pages.months"),
    _get("sales/{month}", "operator.sales_pages.export"),
    # invoices
    _get("invoices/{invoice_id}", "operator.credit_note_pages.invoice"),
    _get("invoices/{invoice_id}/pdf", "operator.credit_note_pages.document"),
    _get("invoices/{invoice_id}/xml", "operator.credit_note_pages.xml"),
    _post("invoices/{invoice_id}/credit-notes", "operator.credit_note_pages.issue"),
    _get("credit-notes/{credit_note_id}", "operator.credit_note_pages.credit_note"),
    _get("credit-notes/{credit_note_id}/pdf", "operator.credit_note_pages.credit_note_document"),
    _get("credit-notes/{credit_note_id}/xml", "operator.credit_note_pages.credit_note_xml"),
    # charges and service credits
    _get("charges", "operator.charge_pages.charges"),
    _get("accounts/{account_id}/charges", "operator.charge_pages.account"),
    _post("accounts/{account_id}/charges", "operator.charge_pages.add"),
    _post("accounts/{account_id}/charges/{charge_id}/cancel", "operator.charge_pages.cancel"),
    _post("accounts/{account_id}/credits", "operator.charge_pages.grant"),
    # contracts, corrections of usage
    _get("contracts", "operator.contract_pages.contracts"),
    _get("accounts/{account_id}/contracts", "operator.contract_pages.account"),
    _post("accounts/{account_id}/contracts", "operator.contract_pages.propose"),
    _get("accounts/{account_id}/contracts/{contract_id}", "operator.contract_pages.contract"),
    _post(
        "accounts/{account_id}/contracts/{contract_id}/signature", "operator.contract_pages.sign"
    ),
    _post(
        "accounts/{account_id}/contracts/{contract_id}/withdrawal",
        "operator.contract_pages.withdraw",
    ),
    _post(
        "accounts/{account_id}/contracts/{contract_id}/termination",
        "operator.contract_pages.terminate",
    ),
    _get("accounts/{account_id}/usage", "operator.usage_pages.usage"),
    _post("accounts/{account_id}/usage", "operator.usage_pages.correct"),
    # policies
    _get("policies", "operator.policy_pages.policies"),
    _post("policies/{code}", "operator.policy_pages.publish"),
    # payments
    _get("payments", "operator.payment_pages.payments"),
    _post("payments/{invoice_id}/retry", "operator.payment_pages.try_again"),
    _get("payments/transfers", "operator.transfer_pages.transfers"),
    _post("payments/transfers/{transfer_id}/reversal", "operator.transfer_pages.reverse"),
    _get("payments/refunds", "operator.refund_pages.refunds"),
    _post("payments/refunds/{account_id}/{refund_id}/made", "operator.refund_pages.made"),
    _post("payments/refunds/{account_id}/{refund_id}/kept", "operator.refund_pages.keep"),
    _get("payments/disputes", "operator.refund_pages.disputes"),
    _get("payments/late", "operator.late_payer_pages.late_payers"),
    _post("payments/late", "operator.late_payer_pages.run"),
    _post("payments/late/{account_id}/decision", "operator.late_payer_pages.decide"),
    _get("payments/terms", "operator.late_terms_pages.terms"),
    _post("payments/terms/rates", "operator.late_terms_pages.publish_rate"),
    _post("payments/terms/days", "operator.late_terms_pages.publish_days"),
    _get("payments/comparison", "operator.comparison_pages.comparison"),
    _post("payments/comparison", "operator.comparison_pages.compare"),
    _post("payments/comparison/{difference_name}/closing", "operator.comparison_pages.close"),
    _get("payments/closings", "operator.closing_pages.closings"),
    _get("payments/closings/{year}", "operator.closing_pages.export"),
    _get("accounts/{account_id}/statement", "operator.transfer_pages.statement"),
    _get("accounts/{account_id}/statement.csv", "operator.transfer_pages.statement_csv"),
    _post("accounts/{account_id}/transfers", "operator.transfer_pages.record"),
    _post("accounts/{account_id}/balance-refund", "operator.transfer_pages.refund_balance"),
    _post("accounts/{account_id}/claims/{claim_id}/waiver", "operator.transfer_pages.waive"),
    # orders
    _get("orders", "operator.order_pages.queue"),
    _get("orders/{order_id}", "operator.order_pages.order"),
    _post("orders/{order_id}/validation", "operator.order_pages.validate"),
    _post("orders/{order_id}/refusal", "operator.order_pages.refuse"),
    # thin clients and deliveries
    _get("deliveries", "operator.dispatch_pages.deliveries"),
    _get("dispatches", "operator.dispatch_pages.dispatches"),
    _post("dispatches", "operator.dispatch_pages.fill"),
    _get("dispatches/{account_id}/{dispatch_id}", "operator.dispatch_pages.dispatch"),
    _post("dispatches/{account_id}/{dispatch_id}/shipping", "operator.dispatch_pages.ship"),
    _post("dispatches/{account_id}/{dispatch_id}/delivery", "operator.dispatch_pages.deliver"),
    _post_files(
        "dispatches/{account_id}/{dispatch_id}/failure", "operator.dispatch_pages.bring_back"
    ),
    _get(
        "dispatches/{account_id}/{dispatch_id}/evidence/{name}", "operator.dispatch_pages.evidence"
    ),
    _post(
        "dispatches/{account_id}/{dispatch_id}/address", "operator.dispatch_pages.correct_address"
    ),
    _get("pods", "operator.pod_pages.pods"),
    _get("pods/import", "operator.pod_pages.import_form"),
    _post_files("pods/import", "operator.pod_pages.import_csv"),
    _get("pods/prices", "operator.pod_pages.prices"),
    _post("pods/prices", "operator.pod_pages.announce_price"),
    _get("pods/{serial}", "operator.pod_pages.pod"),
    _post("pods/{serial}/{action}", "operator.pod_pages.act"),
    _get("pod-cases", "operator.pod_case_pages.cases"),
    _get("pod-cases/{account_id}/{case_id}", "operator.pod_case_pages.case"),
    _post("pod-cases/{account_id}/{case_id}/decision", "operator.pod_case_pages.decide"),
    # desktops
    _get("desktops", "operator.desktop_pages.desktops"),
    _get("desktops/{account_id}/{desktop_id}", "operator.desktop_pages.desktop"),
    _post("desktops/{account_id}/{desktop_id}/measures", "operator.desktop_pages.take_measure"),
    _post(
        "desktops/{account_id}/{desktop_id}/measures/{measure_id}/lift",
        "operator.desktop_pages.lift_measure",
    ),
    _post(
        "desktops/{account_id}/{desktop_id}/measures/{measure_id}/uphold",
        "operator.desktop_pages.uphold_measure",
    ),
    _post("desktops/{account_id}/{desktop_id}/machine", "operator.desktop_pages.make_again"),
    _get("measures", "operator.desktop_pages.measures"),
    _get("machines", "operator.machine_pages.findings"),
    _post("machines", "operator.machine_pages.compare"),
    _post("machines/{finding_id}/close", "operator.machine_pages.close"),
    # VAT and the accredited platform
    _get("vat", "operator.vat_pages.overview"),
    _get("vat/oss/{year}", "operator.vat_pages.oss_csv"),
    _get("vat/{account_id}", "operator.vat_pages.account"),
    _post("vat/{account_id}/check", "operator.vat_pages.check"),
    _post("vat/{account_id}/proofs", "operator.vat_pages.record_proof"),
    _get("platform", "operator.platform_pages.documents"),
    _post("platform", "operator.platform_pages.take_back"),
    _get("platform/{number}", "operator.platform_pages.document"),
    _post("platform/{number}", "operator.platform_pages.record"),
    # catalogue
    _get("catalogue", "operator.catalogue_pages.catalogue"),
    _post("catalogue", "operator.catalogue_pages.publish"),
)
