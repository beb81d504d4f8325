"""Routes of accounts: sign-up, sign-in, the account, its security."""

from chalicelib.console.framework.access import CLIENT, OPERATOR, PUBLIC, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/sign-up", PUBLIC, "accounts.sign_up_pages.sign_up_form"),
    Route("POST", "/sign-up", PUBLIC, "accounts.sign_up_pages.register"),
    Route("GET", "/sign-up/sent", PUBLIC, "accounts.sign_up_pages.mail_sent"),
    Route("GET", "/verify-email", PUBLIC, "accounts.sign_up_pages.new_link_form"),
    Route("POST", "/verify-email", PUBLIC, "accounts.sign_up_pages.send_new_link"),
    Route("GET", "/verify-email/{token}", PUBLIC, "accounts.sign_up_pages.verification_page"),
    Route("POST", "/verify-email/{token}", PUBLIC, "accounts.sign_up_pages.verify"),
    Route("GET", "/sign-in", PUBLIC, "accounts.sign_in_pages.sign_in_form"),
    Route("POST", "/sign-in", PUBLIC, "accounts.sign_in_pages.sign_in"),
    Route("POST", "/sign-out", PUBLIC, "accounts.sign_in_pages.sign_out"),
    Route("GET", "/forgotten-password", PUBLIC, "accounts.sign_in_pages.forgotten_form"),
    Route("POST", "/forgotten-password", PUBLIC, "accounts.sign_in_pages.send_reset"),
    Route("GET", "/forgotten-password/sent", PUBLIC, "accounts.sign_in_pages.reset_sent"),
    Route("GET", "/reset-password/{token}", PUBLIC, "accounts.sign_in_pages.reset_form"),
    Route("POST", "/reset-password/{token}", PUBLIC, "accounts.sign_in_pages.reset_password"),
    Route("GET", "/account", CLIENT, "accounts.account_pages.account"),
    Route("GET", "/account/security", CLIENT, "accounts.account_pages.security"),
    Route("POST", "/account/security/password", CLIENT, "accounts.account_pages.change_password"),
    Route("POST", "/account/security/end", CLIENT, "accounts.account_pages.end_session"),
    Route("POST", "/account/security/end-all", CLIENT, "accounts.account_pages.end_all_sessions"),
    Route("GET", "/operator/security", OPERATOR, "accounts.account_pages.security"),
    Route(
        "POST", "/operator/security/password", OPERATOR, "accounts.account_pages.change_password"
    ),
    Route("POST", "/operator/security/end", OPERATOR, "accounts.account_pages.end_session"),
    Route(
        "POST", "/operator/security/end-all", OPERATOR, "accounts.account_pages.end_all_sessions"
    ),
    Route("GET", "/operator/accounts", OPERATOR, "accounts.operator_pages.accounts"),
    Route("GET", "/operator/accounts/{account_id}", OPERATOR, "accounts.operator_pages.account"),
    Route(
        "GET",
        "/operator/accounts/{account_id}/estate",
        OPERATOR,
        "accounts.operator_estate_pages.estate",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/order-limit",
        OPERATOR,
        "accounts.operator_pages.set_order_limit",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/payment-mode",
        OPERATOR,
        "accounts.operator_pages.set_payment_mode",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/annual",
        OPERATOR,
        "accounts.operator_pages.set_annual",
    ),
)
