"""Every route of the console, who may use it and the view that answers (ACC-4, CON-1).

Views are named, not imported: a page's module, with pydantic and the rest, is loaded at its first
request, so that a Lambda starts quickly.  ``{id}`` places are given to the view by name.
"""

from chalicelib.console.access import Access, Route
from chalicelib.console.operator.routes import OPERATOR_ROUTES

PUBLIC, CLIENT, MANAGER = Access.PUBLIC, Access.CLIENT, Access.MANAGER
BILLING, STRIPE = Access.BILLING, Access.STRIPE

ROUTES: tuple[Route, ...] = (
    # framework
    Route("GET", "/static/{name}", PUBLIC, "static_pages.own_file"),
    Route("GET", "/static/vendor/{name}", PUBLIC, "static_pages.vendor_file"),
    Route("POST", "/language", PUBLIC, "language_pages.choose_language"),
    Route("GET", "/", PUBLIC, "home_pages.home"),
    # accounts: sign-up, sign-in, account, legal documents
    Route("GET", "/sign-up", PUBLIC, "sign_up_pages.sign_up_form"),
    Route("POST", "/sign-up", PUBLIC, "sign_up_pages.register"),
    Route("GET", "/sign-up/sent", PUBLIC, "sign_up_pages.mail_sent"),
    Route("GET", "/verify-email", PUBLIC, "sign_up_pages.new_link_form"),
    Route("POST", "/verify-email", PUBLIC, "sign_up_pages.send_new_link"),
    Route("GET", "/verify-email/{token}", PUBLIC, "sign_up_pages.verification_page"),
    Route("POST", "/verify-email/{token}", PUBLIC, "sign_up_pages.verify"),
    Route("GET", "/sign-in", PUBLIC, "sign_in_pages.sign_in_form"),
    Route("POST", "/sign-in", PUBLIC, "sign_in_pages.sign_in"),
    Route("POST", "/sign-out", PUBLIC, "sign_in_pages.sign_out"),
    Route("GET", "/forgotten-password", PUBLIC, "sign_in_pages.forgotten_form"),
    Route("POST", "/forgotten-password", PUBLIC, "sign_in_pages.send_reset"),
    Route("GET", "/forgotten-password/sent", PUBLIC, "sign_in_pages.reset_sent"),
    Route("GET", "/reset-password/{token}", PUBLIC, "sign_in_pages.reset_form"),
    Route("POST", "/reset-password/{token}", PUBLIC, "sign_in_pages.reset_password"),
    Route("GET", "/account", CLIENT, "account_pages.account"),
    Route("GET", "/account/tax", BILLING, "tax_pages.tax"),
    Route("POST", "/account/tax/check", BILLING, "tax_pages.check"),
    Route("GET", "/account/security", CLIENT, "account_pages.security"),
    Route("POST", "/account/security/password", CLIENT, "account_pages.change_password"),
    Route("POST", "/account/security/end", CLIENT, "account_pages.end_session"),
    Route("POST", "/account/security/end-all", CLIENT, "account_pages.end_all_sessions"),
    Route("GET", "/legal", PUBLIC, "legal_pages.documents"),
    Route("GET", "/legal-notice", PUBLIC, "legal_pages.notice"),
    Route("GET", "/legal/{kind}", PUBLIC, "legal_pages.document"),
    Route("GET", "/legal/{kind}/{version}", PUBLIC, "legal_pages.download"),
    # catalogue and orders
    Route("GET", "/prices", PUBLIC, "price_pages.prices"),
    Route("GET", "/prices.json", PUBLIC, "price_pages.prices_json"),
    Route("GET", "/order", MANAGER, "order_pages.order_form"),
    Route("GET", "/order/summary", MANAGER, "order_pages.summary"),
    Route("POST", "/orders", MANAGER, "order_pages.place"),
    Route("GET", "/orders", MANAGER, "order_pages.orders"),
    Route("GET", "/orders/{order_id}", MANAGER, "order_pages.order"),
    Route("GET", "/orders/{order_id}/document", MANAGER, "order_pages.document"),
    Route("POST", "/orders/{order_id}/card", MANAGER, "order_pages.save_card"),
    Route("POST", "/orders/{order_id}/cancellation", MANAGER, "order_pages.cancel"),
    Route("POST", "/orders/{order_id}/start", MANAGER, "order_pages.start"),
    # thin clients
    Route("GET", "/pods", MANAGER, "pod_pages.pods"),
    Route("GET", "/pods/{serial}/report", MANAGER, "pod_pages.report_form"),
    Route("POST", "/pods/{serial}/report", MANAGER, "pod_pages.report"),
    Route("POST", "/pods/{serial}/receipt", MANAGER, "pod_pages.confirm_receipt"),
    # desktops, access codes, usage, dashboard
    Route("GET", "/dashboard", CLIENT, "dashboard_pages.dashboard"),
    Route("GET", "/desktops", CLIENT, "desktop_pages.desktops"),
    Route("GET", "/desktops/states", CLIENT, "desktop_pages.states"),
    Route("GET", "/desktops/{desktop_id}", CLIENT, "desktop_pages.desktop"),
    Route("GET", "/desktops/{desktop_id}/state", CLIENT, "desktop_pages.state"),
    Route("POST", "/desktops/{desktop_id}/start", CLIENT, "desktop_pages.start"),
    Route("POST", "/desktops/{desktop_id}/stop", CLIENT, "desktop_pages.stop"),
    Route("POST", "/desktops/{desktop_id}/restart", CLIENT, "desktop_pages.restart"),
    Route("POST", "/desktops/{desktop_id}/access-code", CLIENT, "desktop_pages.renew_code"),
    Route("GET", "/desktops/{desktop_id}/connection", CLIENT, "desktop_pages.connection_file"),
    Route("POST", "/desktops/{desktop_id}/name", MANAGER, "desktop_pages.rename"),
    Route("POST", "/desktops/{desktop_id}/user", MANAGER, "desktop_pages.assign"),
    Route(
        "GET",
        "/desktops/{desktop_id}/configuration",
        MANAGER,
        "desktop_change_pages.configuration_form",
    ),
    Route(
        "POST",
        "/desktops/{desktop_id}/configuration",
        MANAGER,
        "desktop_change_pages.change_configuration",
    ),
    Route(
        "POST",
        "/desktops/{desktop_id}/configuration/cancel",
        MANAGER,
        "desktop_change_pages.cancel_change",
    ),
    Route("GET", "/desktops/{desktop_id}/options", MANAGER, "desktop_change_pages.options_form"),
    Route("POST", "/desktops/{desktop_id}/options", MANAGER, "desktop_change_pages.change_options"),
    Route("GET", "/desktops/{desktop_id}/deletion", MANAGER, "desktop_change_pages.deletion_form"),
    Route("POST", "/desktops/{desktop_id}/deletion", MANAGER, "desktop_change_pages.delete"),
    Route(
        "GET",
        "/desktops/{desktop_id}/reinstallation",
        MANAGER,
        "desktop_renewal_pages.reinstallation_form",
    ),
    Route(
        "POST", "/desktops/{desktop_id}/reinstallation", MANAGER, "desktop_renewal_pages.reinstall"
    ),
    Route(
        "GET",
        "/desktops/{desktop_id}/restoration",
        MANAGER,
        "desktop_renewal_pages.restoration_form",
    ),
    Route("POST", "/desktops/{desktop_id}/restoration", MANAGER, "desktop_renewal_pages.restore"),
    Route(
        "POST",
        "/desktops/{desktop_id}/measures/{measure_id}/contest",
        CLIENT,
        "desktop_renewal_pages.contest",
    ),
    Route("GET", "/access/{token}", CLIENT, "access_pages.access_page"),
    Route("POST", "/access/{token}", CLIENT, "access_pages.reveal"),
    Route("GET", "/usage", BILLING, "usage_pages.usage"),
    Route("GET", "/contract", BILLING, "contract_pages.contracts"),
    Route("POST", "/contract/{contract_id}/acceptance", MANAGER, "contract_pages.accept"),
    Route("POST", "/contract/{contract_id}/refusal", MANAGER, "contract_pages.refuse"),
    Route("GET", "/usage/days/{usage_day}", BILLING, "usage_pages.day"),
    Route("GET", "/calculation", PUBLIC, "calculation_pages.calculation"),
    Route("GET", "/usage.csv", BILLING, "usage_pages.usage_csv"),
    Route("GET", "/usage.json", BILLING, "usage_pages.usage_json"),
    # billing
    Route("GET", "/invoices", BILLING, "invoice_pages.invoices"),
    Route("GET", "/invoices/current", BILLING, "invoice_pages.current"),
    Route("GET", "/invoices/{invoice_id}", BILLING, "invoice_pages.invoice"),
    Route("GET", "/invoices.csv", BILLING, "invoice_pages.listed_csv"),
    Route("GET", "/invoices/{invoice_id}/pdf", BILLING, "invoice_pages.document"),
    Route("GET", "/invoices/{invoice_id}/xml", BILLING, "invoice_pages.xml"),
    Route("GET", "/credit-notes/{credit_note_id}", BILLING, "invoice_pages.credit_note"),
    Route(
        "GET", "/credit-notes/{credit_note_id}/pdf", BILLING, "invoice_pages.credit_note_document"
    ),
    Route("GET", "/credit-notes/{credit_note_id}/xml", BILLING, "invoice_pages.credit_note_xml"),
    Route("GET", "/invoices/{invoice_id}/paid-copy", BILLING, "invoice_pages.paid_copy"),
    # payments
    Route("GET", "/cards", BILLING, "card_pages.cards"),
    Route("POST", "/cards", BILLING, "card_pages.add"),
    Route("GET", "/cards/return", BILLING, "card_pages.come_back"),
    Route("POST", "/cards/{card_id}/default", BILLING, "card_pages.choose"),
    Route("POST", "/cards/{card_id}/removal", BILLING, "card_pages.remove"),
    Route("POST", "/invoices/{invoice_id}/pay", BILLING, "payment_pages.pay"),
    Route("GET", "/invoices/{invoice_id}/payment", BILLING, "payment_pages.come_back"),
    Route("GET", "/statement", BILLING, "statement_pages.statement"),
    Route("GET", "/statement.csv", BILLING, "statement_pages.statement_csv"),
    Route("POST", "/statement/objection", BILLING, "statement_pages.contest"),
    Route("POST", "/claims/{claim_id}/pay", BILLING, "statement_pages.pay_claim"),
    Route("GET", "/claims/{claim_id}/payment", BILLING, "statement_pages.come_back"),
    Route("POST", "/stripe/webhook", STRIPE, "webhook_pages.receive", "application/json"),
    # the operator’s back office
    *OPERATOR_ROUTES,
)
