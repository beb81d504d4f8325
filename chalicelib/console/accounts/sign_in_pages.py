"""Signing in and out, and the forgotten password (ACC-3)."""

from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.accounts.access.attempts import TooManyAttempts
from chalicelib.accounts.access.mail_links import LinkError
from chalicelib.accounts.access.sign_in import SignInRefusedError
from chalicelib.console.accounts.sign_up_pages import read_posted_email
from chalicelib.console.framework.visit import Visit, own_path
from chalicelib.foundation.errors import FieldErrors

_GONE = 410


def sign_in_form(visit: Visit) -> Response:
    """Show the sign-in form."""
    if visit.visitor:
        return visit.see_other(own_path(visit.query.get("next", "")))
    return visit.page(
        "accounts/sign_in.html",
        fields={},
        errors={},
        refusal=None,
        next_page=visit.query.get("next", ""),
        verified="verified" in visit.query,
        changed="changed" in visit.query,
    )


def sign_in(visit: Visit) -> Response:
    """Open a session under a new id and go where the visitor was heading."""
    fields = visit.fields
    wanted = fields.get("next", "")
    try:
        token = visit.services.accounts.sign_in.sign_in(
            fields.get("email", ""),
            fields.get("password", ""),
            visit.address,
            browser=visit.header("user-agent"),
        )
    except (SignInRefusedError, TooManyAttempts) as refused:
        shown = {"next_page": wanted, "verified": False, "changed": False}
        return visit.form_again("accounts/sign_in.html", refused, **shown)
    if visit.session_token:  # the one this browser had: nobody can end it from here any more
        visit.services.accounts.sign_in.sign_out(visit.session_token)
    visit.set_cookie("session", token)
    return visit.see_other(own_path(wanted))


def sign_out(visit: Visit) -> Response:
    """End the session here and in the browser."""
    if visit.session_token:
        visit.services.accounts.sign_in.sign_out(visit.session_token)
    visit.set_cookie("session", "", max_age=0)
    return visit.see_other("/sign-in")


def forgotten_form(visit: Visit) -> Response:
    """Ask for the address of the account."""
    return visit.page("accounts/forgotten.html", fields={}, errors={}, refusal=None)


def send_reset(visit: Visit) -> Response:
    """Mail a link; the answer is the same for an unknown address."""
    try:
        email = read_posted_email(visit)
        visit.services.accounts.sign_in.request_password_reset(email, address=visit.address)
    except (FieldErrors, TooManyAttempts) as refused:
        return visit.form_again("accounts/forgotten.html", refused)
    return visit.see_other("/forgotten-password/sent")


def reset_sent(visit: Visit) -> Response:
    """Ask to look into the mailbox."""
    return visit.page("accounts/reset_sent.html")


def reset_form(visit: Visit, token: str) -> Response:
    """Ask for the new password; following the link changes nothing by itself."""
    try:
        user = visit.services.accounts.sign_in.check_reset_link(token)
    except LinkError as refused:
        return _link_refused(visit, refused)
    return visit.page(
        "accounts/reset_password.html",
        token=token,
        email=user.email,
        fields={},
        errors={},
        refusal=None,
    )


def reset_password(visit: Visit, token: str) -> Response:
    """Set the new password; every session of the user ends."""
    service = visit.services.accounts.sign_in
    try:
        user = service.check_reset_link(token)
        try:
            service.reset_password(token, visit.fields.get("password", ""))
        except FieldErrors as weak:
            shown = {"token": token, "email": user.email}
            return visit.form_again("accounts/reset_password.html", weak, **shown)
    except LinkError as refused:
        return _link_refused(visit, refused)
    visit.set_cookie("session", "", max_age=0)
    return visit.see_other("/sign-in?" + urlencode({"changed": "yes"}))


def _link_refused(visit: Visit, refused: LinkError) -> Response:
    return visit.page("accounts/forgotten.html", _GONE, fields={}, errors={}, refusal=refused)
