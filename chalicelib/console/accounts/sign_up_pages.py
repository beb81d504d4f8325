"""Registration, and verification of the mailed address (CGV art. 4; ACC-1, ACC-2, ACC-3)."""

from typing import Any

from babel import Locale
from chalice.app import Response

from chalicelib.accounts.access.attempts import TooManyAttempts
from chalicelib.accounts.access.mail_links import LinkError
from chalicelib.accounts.clients.account import AccountKind
from chalicelib.accounts.clients.identifiers import COUNTRIES, Malformed, read_email
from chalicelib.accounts.registration.form import read_registration
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.legal.documents import CGV, CHARTER

_GONE = 410


def sign_up_form(visit: Visit) -> Response:
    """Show the form for the kind of client asked for."""
    if visit.visitor:
        return visit.see_other("/")
    kind = visit.query.get("kind", AccountKind.COMPANY)
    if kind not in list(AccountKind):
        kind = AccountKind.COMPANY
    fields = {"country": "FR"}
    return visit.page(
        "accounts/sign_up.html", fields=fields, errors={}, refusal=None, **_shown(visit, kind)
    )


def register(visit: Visit) -> Response:
    """Open the account and say that a mail is on its way, whoever's address it is (ACC-3)."""
    fields = {**visit.fields, "language": visit.language}
    try:
        registration = read_registration(fields)
        visit.services.accounts.service.register(registration, address=visit.address)
    except (FieldErrors, TooManyAttempts) as refused:
        kind = fields.get("kind", "")
        shown = _shown(visit, kind if kind in list(AccountKind) else AccountKind.COMPANY)
        return visit.form_again("accounts/sign_up.html", refused, **shown)
    return visit.see_other("/sign-up/sent")


def mail_sent(visit: Visit) -> Response:
    """Ask to look into the mailbox."""
    return visit.page("accounts/mail_sent.html")


def verification_page(visit: Visit, token: str) -> Response:
    """Show the button that verifies; following the link changes nothing by itself (ACC-3)."""
    try:
        user = visit.services.accounts.service.check_verification_link(token)
    except LinkError as refused:
        return _link_refused(visit, refused)
    return visit.page("accounts/verify_email.html", token=token, email=user.email)


def verify(visit: Visit, token: str) -> Response:
    """Verify the address, then let its user sign in."""
    try:
        visit.services.accounts.service.verify_email(token)
    except LinkError as refused:
        return _link_refused(visit, refused)
    return visit.see_other("/sign-in?verified=yes")


def new_link_form(visit: Visit) -> Response:
    """Ask where to mail a new link."""
    return visit.page("accounts/new_link.html", fields={}, errors={}, refusal=None)


def send_new_link(visit: Visit) -> Response:
    """Mail a new link; the answer is the same for an unknown address (ACC-3)."""
    try:
        visit.services.accounts.service.resend_verification(
            read_posted_email(visit), address=visit.address
        )
    except (FieldErrors, TooManyAttempts) as refused:
        return visit.form_again("accounts/new_link.html", refused)
    return visit.see_other("/sign-up/sent")


def read_posted_email(visit: Visit) -> str:
    """Read the address of a form of one field.  Raises FieldErrors."""
    try:
        return read_email(visit.fields.get("email", ""))
    except Malformed as wrong:
        raise FieldErrors({"email": str(wrong)}) from wrong


def _link_refused(visit: Visit, refused: DomainError) -> Response:
    return visit.page("accounts/new_link.html", _GONE, fields={}, errors={}, refusal=refused)


def _shown(visit: Visit, kind: str) -> dict[str, Any]:
    on = today(visit.services.base.clock)
    documents = visit.services.legal.documents
    return {
        "kind": str(kind),
        "countries": country_names(visit.language),
        "cgv": documents.in_force(CGV, on),
        "charter": documents.in_force(CHARTER, on),
    }


def country_names(language: str) -> list[tuple[str, str]]:
    """Name the countries of the form, France first, the others in alphabetical order."""
    names = Locale(language).territories
    others = sorted(((code, names[code]) for code in COUNTRIES[1:]), key=lambda pair: pair[1])
    return [("FR", names["FR"]), *others]
