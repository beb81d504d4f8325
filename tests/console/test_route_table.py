"""Who may use each route, tried on every one of them with another account's ids.

The table in ``console/routes.py`` says who is let in; this goes through it whole, so that a route
added tomorrow is tried too.
"""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chalice.app import Response

from chalicelib.console.framework.access import ROLES, Access, Route
from chalicelib.console.framework.visit import Visit
from chalicelib.console.routes import ROUTES
from tests.fakes.browsing import Browsing
from tests.fakes.two_clients import TwoClients, two_clients
from tests.fakes.world import World

VISITORS = ("anonymous", "owner", "user", "billing", "operator")
# Stripe signs its own: tests/console/test_webhook_pages.py
BY_PEOPLE = [route for route in ROUTES if route.access is not Access.STRIPE]
PLACE = re.compile(r"\{(\w+)\}")


def test_every_view_of_the_table_exists_and_every_page_is_in_it() -> None:
    named = {route.view for route in ROUTES}
    console = Path(importlib.import_module("chalicelib.console").__file__ or "").parent
    for file in console.rglob("*_pages.py"):
        module = ".".join(file.relative_to(console).with_suffix("").parts)
        views = {
            f"{module}.{name}"
            for name, function in inspect.getmembers(
                importlib.import_module(f"chalicelib.console.{module}"), inspect.isfunction
            )
            if function.__module__.endswith(module)
            and not name.startswith("_")
            and inspect.signature(function).return_annotation is Response
            and next(iter(inspect.signature(function).parameters), "") == "visit"
        }
        assert views <= named, f"not in routes.py: {sorted(views - named)}"
        named -= views
    assert not named, f"routes without a view: {sorted(named)}"


def test_no_route_is_declared_twice() -> None:
    declared = [(route.method, route.path) for route in ROUTES]
    assert len(set(declared)) == len(declared)


def test_routes_are_declared_in_the_table_alone() -> None:
    for source in [Path("app.py"), *Path("chalicelib").rglob("*.py")]:
        if source.name != "application.py":
            assert not re.search(r"@\w+\.route\(|\.route\(", source.read_text()), source


@pytest.fixture(scope="module")
def clients() -> TwoClients:
    """Two clients, each with users, an order, a desktop and an invoice; and an operator."""
    return two_clients(World("2026-11-05 10:00"))


@pytest.fixture(params=VISITORS)
def visitor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def browser(clients: TwoClients, visitor: str) -> Iterator[Browsing]:
    """A browser signed in as that kind of visitor, of the first client."""
    with Browsing(clients.world) as browsing:
        if visitor != "anonymous":
            clients.sign_in(browsing, visitor)
        yield browsing


def is_let_in(route: Route, visitor: str) -> bool:
    return route.access is Access.PUBLIC or visitor in ROLES.get(route.access, frozenset())


@pytest.mark.contract("ACC-4")
@pytest.mark.parametrize("route", BY_PEOPLE, ids=lambda route: f"{route.method} {route.path}")
def test_nobody_sees_or_changes_what_is_not_theirs(
    route: Route, visitor: str, browser: Browsing, clients: TwoClients
) -> None:
    # Given the other client's ids in every place of the route
    foreign = bool({*PLACE.findall(route.path)} - {"day"})  # a day is nobody’s
    path = PLACE.sub(lambda place: clients.foreign(place[1], route.path), route.path)
    before = clients.snapshot()
    # When the visitor asks for it
    browser.ask(route, path, clients.plausible_fields())
    # Then a stranger is sent to sign in, one who may not learn of it gets the 404 page
    if not is_let_in(route, visitor):
        if visitor == "anonymous":
            assert browser.status == 303
            assert browser.location.startswith("/sign-in")
        else:
            assert browser.status == 404
    elif foreign and route.access not in {Access.PUBLIC, Access.OPERATOR}:
        assert browser.status == 404, f"{visitor} reached {path}"
    # and nothing of the other client shows or moves
    if visitor != "operator":
        assert clients.secret_of_other not in browser.text
    if not is_let_in(route, visitor) or (foreign and visitor != "operator"):
        assert clients.snapshot() == before, f"{visitor} changed something by {path}"
    if route.method == "GET":
        assert clients.snapshot(sessions=False) == before_without_sessions(before)


def before_without_sessions(snapshot: frozenset[tuple[str, str, str, str]]) -> object:
    return frozenset(row for row in snapshot if not row[1].startswith("SESSION#"))


def test_a_view_gets_its_visit_first() -> None:
    for route in ROUTES:
        module, name = route.view.rsplit(".", 1)
        view = getattr(importlib.import_module(f"chalicelib.console.{module}"), name)
        parameters = inspect.signature(view).parameters
        places = PLACE.findall(route.path)
        assert next(iter(parameters)) == "visit"
        assert set(places) <= set(parameters), route.path
        assert inspect.get_annotations(view).get("visit") is Visit
