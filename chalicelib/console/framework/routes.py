"""Routes of no subject: static files, the choice of a language."""

from chalicelib.console.framework.access import PUBLIC, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/static/{name}", PUBLIC, "framework.static_pages.own_file"),
    Route("GET", "/static/vendor/{name}", PUBLIC, "framework.static_pages.vendor_file"),
    Route("POST", "/language", PUBLIC, "framework.language_pages.choose_language"),
)
