"""What a request must pass before its view runs: who it comes from, and that it meant to.

Every POST of a browser carries a token bound to its cookie and session, and an Origin that is ours;
what fails is refused before anything is read of the form.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from chalicelib.console.framework.access import ROLES, Access
from chalicelib.console.framework.visit import SeeOther, Visit
from chalicelib.foundation.errors import DomainError, NotFoundError


class ForgedFormError(DomainError):
    """A form that did not come from one of our pages, or whose page is too old."""

    def __init__(self) -> None:
        super().__init__(
            "Ce formulaire a expiré ou ne vient pas de cette console. "
            "Rechargez la page, puis recommencez."
        )


def let_in(visit: Visit) -> None:
    """Let the request through to its view.

    Raises SeeOther towards the sign-in page for a visitor who is not signed in, NotFoundError for
    one who may not know of the route, ForgedFormError for a POST that our pages did not make.
    """
    if visit.route.access is Access.STRIPE:
        return
    if visit.route.method == "POST":
        check_form(visit)
    if visit.route.access is Access.PUBLIC:
        return
    if visit.visitor is None:
        raise SeeOther(visit.sign_in_path())
    if visit.visitor.user.role not in ROLES[visit.route.access]:
        raise NotFoundError


def check_form(visit: Visit) -> None:
    """Check the origin and the token of a POST.  Raises ForgedFormError."""
    source = visit.header("origin") or visit.header("referer")
    if not source or _origin(source) != _origin(visit.services.base.settings.console_url):
        raise ForgedFormError
    sent = visit.fields.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), form_token(visit).encode()):
        raise ForgedFormError


def form_token(visit: Visit) -> str:
    """Give the token of the forms shown to this browser, bound to its cookie and session."""
    key = visit.services.base.settings.secrets.session_key.encode()
    if not visit.browser_id:
        visit.browser_id = secrets.token_urlsafe(16)
        visit.set_cookie("browser", visit.browser_id)
    bound = f"{visit.browser_id}|{visit.session_token}"
    return hmac.new(key, bound.encode(), hashlib.sha256).hexdigest()


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket left open, and the like
        return "", ""
    return parts.scheme, parts.netloc
