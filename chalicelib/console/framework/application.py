"""The console's Chalice application: what every page needs, and nothing of a page."""

import importlib
import logging
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, Request, Response

from chalicelib.console.framework.access import Route
from chalicelib.console.framework.invocations import Handler, observed, observed_invocation
from chalicelib.foundation import correlation, measures
from chalicelib.foundation.errors import DomainError, NotFoundError

if TYPE_CHECKING:
    from chalicelib.console.framework.visit import Visit
    from chalicelib.wiring import Services

log = logging.getLogger(__name__)
# Chalice keeps the request on the application; the local server has several threads.
_request: ContextVar[Request] = ContextVar("request")


class ConsoleApp(Chalice):
    """A Chalice application which carries its services, so that none is global."""

    def __init__(self, build_services: Callable[[], "Services"]) -> None:
        super().__init__(app_name="omny-console")
        self.api.binary_types = []  # static_pages.py encodes its fonts itself
        self._build_services = build_services

    @cached_property
    def services(self) -> "Services":
        """Built on first use: ``chalice package`` imports app.py without AWS settings."""
        return self._build_services()

    def register_routes(self, routes: Iterable[Route]) -> None:
        """Declare every route of the table to Chalice."""
        for route in routes:
            options = {"content_types": [route.content_type]} if route.method == "POST" else {}
            self.route(route.path, methods=[route.method], **options)(self._answering(route))

    def lambda_function(self, name: str | None = None) -> Callable[..., Any]:
        """Declare a function that Lambda calls, observed like the others."""
        declare = super().lambda_function(name)

        def declare_observed(handler: Handler) -> Any:
            return declare(observed(name or handler.__name__, handler, lambda: self.services))

        return declare_observed

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one request; Chalice's own errors get our headers and pages too."""
        from chalicelib.console.framework.responses import finish

        _request.set(Request(event, context))
        with observed_invocation("console", context, self.services):
            answer: dict[str, Any] = super().__call__(event, context)
            # The route, not the address: a link of a mail carries its token there.
            route = (
                f"{event['requestContext']['httpMethod']} {event['requestContext']['resourcePath']}"
            )
            log.info("%s", route, extra={"status": answer["statusCode"]})
            return finish(answer, self.services, _request.get())

    def _answering(self, route: Route) -> Callable[..., Response]:
        """Wrap a view: access, form token, and the contract's refusals as pages.

        Done here because Chalice hides a view's errors from middleware.
        """

        def answer(**path_values: str) -> Response:
            from chalicelib.console.framework.visit import Visit

            visit = Visit(self.services, _request.get(), route)
            try:
                return visit.finish(_answered(visit, path_values))
            except Exception:  # the one boundary: whatever broke, the client gets a page
                log.exception("view %s failed", route.view)
                measures.note(measures.Measure.FAILURES)
                return visit.failure(correlation.current())

        answer.__name__ = f"{route.method.lower()}_{route.view.replace('.', '_')}"
        return answer


def _answered(visit: "Visit", path_values: dict[str, str]) -> Response:
    """Let the visitor in, and give the view's answer or what stands for it."""
    from chalicelib.console.framework.guard import let_in
    from chalicelib.console.framework.visit import SeeOther

    try:
        let_in(visit)
        return _view(visit.route.view)(visit, **path_values)
    except SeeOther as elsewhere:
        return visit.see_other(elsewhere.path)
    except NotFoundError as missing:
        return visit.page("framework/not_found.html", 404, refusal=missing)
    except DomainError as refusal:
        return visit.refusal(refusal)


def _view(name: str) -> Callable[..., Response]:
    module, function = name.rsplit(".", 1)
    view: Callable[..., Response] = getattr(
        importlib.import_module(f"chalicelib.console.{module}"), function
    )
    return view
