"""The account as its users see it, their password and their sessions (ACC-3, ACC-4, EVD-1)."""

from typing import Any

from chalice.app import Response

from chalicelib.accounts.access.attempts import TooManyAttempts
from chalicelib.accounts.clients.account import manages
from chalicelib.console.framework.access import ROLES, Access
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import FieldErrors, NotFoundError

_SEEING_IDENTITY = ROLES[Access.BILLING]


def account(visit: Visit) -> Response:
    """Show who the client is; users and acceptances to those who manage the account only."""
    sees_identity = visit.user.role in _SEEING_IDENTITY
    acts_for_it = manages(visit.user.role)
    services, account = visit.services, visit.account
    return visit.page(
        "accounts/account.html",
        account=account if sees_identity else None,
        effective_on=services.accounts.service.effective_on(account.id) if sees_identity else None,
        users=services.accounts.service.users_of(account.id) if acts_for_it else [],
        acceptances=services.legal.acceptances.of_account(account.id) if acts_for_it else [],
    )


def security(visit: Visit) -> Response:
    """Show the form that changes the password, and the sessions open."""
    return visit.page(
        "accounts/security.html",
        fields={},
        errors={},
        refusal=None,
        **_sessions(visit),
        changed="changed" in visit.query,
    )


def change_password(visit: Visit) -> Response:
    """Change the password; the other sessions end, this browser gets a new one."""
    try:
        token = visit.services.accounts.sign_in.change_password(
            visit.user,
            visit.fields.get("current_password", ""),
            visit.fields.get("new_password", ""),
            visit.address,
            browser=visit.header("user-agent"),
        )
    except (FieldErrors, TooManyAttempts) as refused:
        return visit.form_again(
            "accounts/security.html", refused, **_sessions(visit), changed=False
        )
    visit.set_cookie("session", token)
    return visit.see_other(_home(visit) + "?changed=yes")


def end_session(visit: Visit) -> Response:
    """End one session of the user; ending this one signs out."""
    ended = visit.fields.get("session", "")
    visit.services.accounts.sign_in.end_session(visit.user, ended)
    if visit.visitor and visit.visitor.session_id == ended:
        visit.set_cookie("session", "", max_age=0)
        return visit.see_other("/sign-in")
    return visit.see_other(_home(visit))


def end_all_sessions(visit: Visit) -> Response:
    """End every session of the user, this one too."""
    visit.services.accounts.sign_in.sign_out_everywhere(visit.user.id)
    visit.set_cookie("session", "", max_age=0)
    return visit.see_other("/sign-in")


def _sessions(visit: Visit) -> dict[str, Any]:
    if visit.visitor is None:
        raise NotFoundError
    return {
        "sessions": visit.services.accounts.sign_in.sessions_of(visit.user),
        "this_session": visit.visitor.session_id,
        "home": _home(visit),
    }


def _home(visit: Visit) -> str:
    return "/operator/security" if visit.user.is_operator else "/account/security"
