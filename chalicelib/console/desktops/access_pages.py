"""The page of a mailed access link: a button first, then the code, once (ORD-4, DSK-7).

Opening the link changes nothing, for mail programs open links too.
"""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.model.access_code import AccessLinkError, UnknownLinkError


def access_page(visit: Visit, token: str) -> Response:
    """Show what the link is for, and the button that reveals the code."""
    codes = visit.services.desktops.access_codes
    try:
        desktop = codes.desktop_of(token, visit.account.id, visit.user)
    except AccessLinkError as refused:
        return _explained(visit, refused)
    return visit.page("desktops/access_ask.html", desktop=desktop, token=token)


def reveal(visit: Visit, token: str) -> Response:
    """Show the code, this one time."""
    codes = visit.services.desktops.access_codes
    try:
        revealed = codes.reveal(token, visit.account.id, visit.user)
    except AccessLinkError as refused:
        return _explained(visit, refused)
    return visit.page("desktops/access_code.html", revealed=revealed)


def _explained(visit: Visit, refused: AccessLinkError) -> Response:
    """Say why the link shows nothing, and where a new one is asked for."""
    status = 404 if isinstance(refused, UnknownLinkError) else 410
    return visit.page("desktops/access_refused.html", status, refusal=refused)
