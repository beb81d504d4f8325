"""What a console page costs beside its template: routing, session, storage mapping, headers."""

import json
from typing import Any

from app import app
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.console.framework import rendering
from infra.bench.ratio import Figure, ratio, timed
from tests.fakes.accounts import signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.ordering import DEMO
from tests.fakes.two_clients import two_clients
from tests.fakes.world import World

# The first is the promise; the second, which reads a dozen records and works out costs, is told
# beside it.
PROMISED, READING = "/prices", "/desktops"


_render = rendering.page


class LastPage:
    """Keeps what the last page was rendered from, between ``with`` and its end."""

    ingredients: tuple[Any, ...] = ()

    def __enter__(self) -> "LastPage":
        rendering.page = self._kept
        return self

    def __exit__(self, *raised: object) -> None:
        rendering.page = _render

    def _kept(self, visit: Any, template: str, shown: dict[str, Any]) -> str:
        self.ingredients = (visit, template, shown)
        return _render(visit, template, shown)

    def render(self) -> str:
        """Render it again, and nothing else."""
        return _render(*self.ingredients)


def demo_catalogue() -> Catalogue:
    """Give the demo catalogue, as published."""
    world = World()
    world.services.catalogue.load_file(DEMO)
    return world.services.catalogue.current()


def page_figures() -> list[Figure]:
    """A whole request against the rendering of its own template, both in memory."""
    return [
        Figure(f"GET {PROMISED} / its template's rendering", page_ratio(PROMISED), 1.15),
        Figure(f"GET {READING} / its template's rendering", page_ratio(READING)),
    ]


def page_ratio(path: str) -> float:
    """Measure a page for the owner of an account with a desktop and an invoice."""
    world = World("2026-11-05 10:00")
    clients = two_clients(world)
    with Browsing(world) as browsing, LastPage() as last:
        signed_in(browsing, clients.mine.owner)
        event = event_of(path, browsing.cookies)
        answer = app(event, None)
        if answer["statusCode"] != 200:  # noqa: PLR2004
            raise RuntimeError(f"{path} answers {json.dumps(answer)[:300]}")
        return ratio(
            lambda: timed(lambda: [app(event, None) for _ in range(20)]),
            lambda: timed(lambda: [last.render() for _ in range(20)]),
            rounds=25,
        )


def event_of(path: str, cookies: dict[str, str]) -> dict[str, Any]:
    """Make the event API Gateway sends for a GET."""
    return {
        "requestContext": {
            "httpMethod": "GET",
            "resourcePath": path,
            "path": path,
            "identity": {"sourceIp": "203.0.113.7"},
        },
        "headers": {
            "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "accept": "text/html",
        },
        "multiValueQueryStringParameters": None,
        "pathParameters": {},
        "body": None,
        "stageVariables": None,
        "isBase64Encoded": False,
    }
