"""The choice of language, kept in a cookie and, when signed in, with the user."""

from chalice.app import Response

from chalicelib.console.visit import LANGUAGES, Visit

_YEAR = 365 * 24 * 3600


def choose_language(visit: Visit) -> Response:
    """Remember the language and go back to the page the choice was made on."""
    chosen = visit.fields.get("language", "")
    if chosen in LANGUAGES:
        visit.set_cookie("language", chosen, max_age=_YEAR)
        if visit.visitor:
            visit.services.accounts.update_language(visit.user.id, chosen)
    back = visit.fields.get("back", "/")
    # Ours only: "//elsewhere" and "/\elsewhere" are other sites to a browser.
    ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    return visit.see_other(back if ours else "/")
