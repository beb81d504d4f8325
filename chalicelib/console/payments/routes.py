"""Routes of payments, and Stripe’s webhook."""

from chalicelib.console.framework.access import BILLING, OPERATOR, STRIPE, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/cards", BILLING, "payments.card_pages.cards"),
    Route("POST", "/cards", BILLING, "payments.card_pages.add"),
    Route("GET", "/cards/return", BILLING, "payments.card_pages.come_back"),
    Route("POST", "/cards/{card_id}/default", BILLING, "payments.card_pages.choose"),
    Route("POST", "/cards/{card_id}/removal", BILLING, "payments.card_pages.remove"),
    Route("POST", "/invoices/{invoice_id}/pay", BILLING, "payments.payment_pages.pay"),
    Route("GET", "/invoices/{invoice_id}/payment", BILLING, "payments.payment_pages.come_back"),
    Route("GET", "/statement", BILLING, "payments.statement_pages.statement"),
    Route("GET", "/statement.csv", BILLING, "payments.statement_pages.statement_csv"),
    Route("POST", "/statement/objection", BILLING, "payments.statement_pages.contest"),
    Route("POST", "/claims/{claim_id}/pay", BILLING, "payments.statement_pages.pay_claim"),
    Route("GET", "/claims/{claim_id}/payment", BILLING, "payments.statement_pages.come_back"),
    Route("POST", "/stripe/webhook", STRIPE, "payments.webhook_pages.receive", "application/json"),
    Route("GET", "/operator/payments", OPERATOR, "payments.operator_pages.payments"),
    Route(
        "POST",
        "/operator/payments/{invoice_id}/retry",
        OPERATOR,
        "payments.operator_pages.try_again",
    ),
    Route(
        "GET",
        "/operator/payments/transfers",
        OPERATOR,
        "payments.operator_transfer_pages.transfers",
    ),
    Route(
        "POST",
        "/operator/payments/transfers/{transfer_id}/reversal",
        OPERATOR,
        "payments.operator_transfer_pages.reverse",
    ),
    Route("GET", "/operator/payments/refunds", OPERATOR, "payments.operator_refund_pages.refunds"),
    Route(
        "POST",
        "/operator/payments/refunds/{account_id}/{refund_id}/made",
        OPERATOR,
        "payments.operator_refund_pages.made",
    ),
    Route(
        "POST",
        "/operator/payments/refunds/{account_id}/{refund_id}/kept",
        OPERATOR,
        "payments.operator_refund_pages.keep",
    ),
    Route(
        "GET", "/operator/payments/disputes", OPERATOR, "payments.operator_refund_pages.disputes"
    ),
    Route(
        "POST",
        "/operator/payments/disputes/{account_id}/{dispute_id}/seen",
        OPERATOR,
        "payments.operator_refund_pages.dispute_seen",
    ),
    Route("GET", "/operator/payments/late", OPERATOR, "payments.operator_late_pages.late_payers"),
    Route("POST", "/operator/payments/late", OPERATOR, "payments.operator_late_pages.run"),
    Route(
        "POST",
        "/operator/payments/late/{account_id}/decision",
        OPERATOR,
        "payments.operator_late_pages.decide",
    ),
    Route("GET", "/operator/payments/terms", OPERATOR, "payments.operator_terms_pages.terms"),
    Route(
        "POST",
        "/operator/payments/terms/rates",
        OPERATOR,
        "payments.operator_terms_pages.publish_rate",
    ),
    Route(
        "POST",
        "/operator/payments/terms/delays",
        OPERATOR,
        "payments.operator_terms_pages.publish_terms",
    ),
    Route(
        "POST",
        "/operator/payments/terms/days",
        OPERATOR,
        "payments.operator_terms_pages.publish_days",
    ),
    Route(
        "GET",
        "/operator/payments/comparison",
        OPERATOR,
        "payments.operator_comparison_pages.comparison",
    ),
    Route(
        "POST",
        "/operator/payments/comparison",
        OPERATOR,
        "payments.operator_comparison_pages.compare",
    ),
    Route(
        "POST",
        "/operator/payments/comparison/{difference_name}/closing",
        OPERATOR,
        "payments.operator_comparison_pages.close",
    ),
    Route(
        "GET", "/operator/payments/closings", OPERATOR, "payments.operator_closing_pages.closings"
    ),
    Route(
        "GET",
        "/operator/payments/closings/{year}",
        OPERATOR,
        "payments.operator_closing_pages.export",
    ),
    Route(
        "GET",
        "/operator/accounts/{account_id}/statement",
        OPERATOR,
        "payments.operator_transfer_pages.statement",
    ),
    Route(
        "GET",
        "/operator/accounts/{account_id}/statement.csv",
        OPERATOR,
        "payments.operator_transfer_pages.statement_csv",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/transfers",
        OPERATOR,
        "payments.operator_transfer_pages.record",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/balance-refund",
        OPERATOR,
        "payments.operator_transfer_pages.refund_balance",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/claims/{claim_id}/waiver",
        OPERATOR,
        "payments.operator_transfer_pages.waive",
    ),
)
