"""The choice of language, kept in a cookie and, when signed in, with the user."""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit, own_path
from chalicelib.texts.languages import LANGUAGES

_YEAR = 365 * 24 * 3600


def choose_language(visit: Visit) -> Response:
    """Remember the language and go back to the page the choice was made on."""
    chosen = visit.fields.get("language", "")
    if chosen in LANGUAGES:
        visit.set_cookie("language", chosen, max_age=_YEAR)
        if visit.visitor:
            visit.services.accounts.service.update_language(visit.user.id, chosen)
    return visit.see_other(own_path(visit.fields.get("back", "/")))
