"""Every route of the console, who may use it and the view that answers (ACC-4, CON-1).

Views are named, not imported: a page's module, with pydantic and the rest, is loaded at its first
request, so that a Lambda starts quickly.  ``{id}`` places are given to the view by name.
"""

from chalicelib.console.access import Access, Route

PUBLIC, CLIENT, MANAGER = Access.PUBLIC, Access.CLIENT, Access.MANAGER
BILLING, OPERATOR, STRIPE = Access.BILLING, Access.OPERATOR, Access.STRIPE

ROUTES: tuple[Route, ...] = (
    # framework
    Route("GET", "/static/{name}", PUBLIC, "static_pages.own_file"),
    Route("GET", "/static/vendor/{name}", PUBLIC, "static_pages.vendor_file"),
    Route("POST", "/language", PUBLIC, "language_pages.choose_language"),
    # accounts: sign-up, sign-in, account, legal documents
    # catalogue and orders
    # desktops, access codes, usage, dashboard
    # billing
    # payments
    # operators
)
