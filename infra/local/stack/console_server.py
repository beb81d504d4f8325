"""The console on 127.0.0.1: Chalice's local server, with what API Gateway does around it."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    ForbiddenError,
    LocalDevServer,
    LocalGatewayException,
    ThreadedHTTPServer,
)

from infra.local.programs.processes import HOST, PortTaken
from infra.local.stack.start_page import StartPage

log = logging.getLogger(__name__)
_WEBHOOK = "/stripe/webhook"
_HTML = "text/html; charset=utf-8"


class ConsoleServer:
    """Serves the console from threads of this process, one request at a time as a Lambda does.

    Until ``start_page`` is over, browsers see that page; webhooks reach the console all the same.
    """

    def __init__(self, app: Any, port: int, start_page: StartPage) -> None:
        self.url = f"http://{HOST}:{port}"
        try:
            self._server = LocalDevServer(
                app, Config(), HOST, port, handler_cls=_Handler, server_cls=_Server
            )
        except OSError as refused:
            raise PortTaken(port, "the console") from refused
        self._served = cast(_Server, self._server.server)
        self._served.start_page = start_page
        self._thread = threading.Thread(target=self._server.server.serve_forever, name="console")

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server.server_close()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the request under way end, and no other begin, until the end of a `with` block."""
        with self._served.one_at_a_time:
            yield


class _Server(ThreadedHTTPServer):
    """Threads that end with the program; a lock, because a Lambda answers one request at a time."""

    block_on_close = False
    start_page: StartPage

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write to the log: a line for a browser that went away, all of anything else."""
        fault = sys.exception()
        log.info("an answer was not taken", exc_info=not isinstance(fault, ConnectionError))

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        super().__init__(address, handler)
        self.one_at_a_time = threading.Lock()


class _Handler(ChaliceRequestHandler):
    """Chalice's handler, with the console's own 404 page and one address for cookies' sake."""

    timeout = 60

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._app: Chalice = options["app_object"]
        super().__init__(*arguments, **options)

    def log_message(self, format: str, *values: Any) -> None:
        """Write to the log file; the terminal stays readable."""
        log.info(format, *values)

    def answer(self) -> None:
        """Answer any request."""
        host = self.headers.get("host", "")
        port = cast(_Server, self.server).server_address[1]
        if host != f"{HOST}:{port}":
            # "localhost" above all: the browser would keep cookies and origin of another site.
            self.close_connection = True  # what was posted is left unread
            self._send(307, {"Location": f"http://{HOST}:{port}{self.path}"}, b"")
            return
        if not cast(_Server, self.server).start_page.is_over and self.path != _WEBHOOK:
            self._show_start()
            return
        with cast(_Server, self.server).one_at_a_time:
            status, headers, body = self._answer_of_the_app()
        self._send(status, headers, body)

    def _show_start(self) -> None:
        self.close_connection = True  # what was posted is left unread
        page = cast(_Server, self.server).start_page.html().encode()
        headers = {"Content-Type": _HTML, "Cache-Control": "no-store", "Retry-After": "1"}
        self._send(503, headers, page)

    # The names that http.server looks for.
    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815
    do_DELETE = do_PATCH = do_OPTIONS = answer  # noqa: N815

    def _answer_of_the_app(self) -> tuple[int, dict[str, Any], bytes]:
        headers, body = self._parse_payload()
        try:
            answer = self.local_gateway.handle_request(
                method="GET" if self.command == "HEAD" else self.command,
                path=self.path,
                headers=headers,
                body=body,
            )
        except ForbiddenError:
            return self._not_found(headers)
        except LocalGatewayException as refused:
            return refused.CODE, dict(refused.headers), refused.body or b""
        content = self._handle_binary(answer)["body"] or b""
        return (
            answer["statusCode"],
            {**answer["headers"], **answer.get("multiValueHeaders", {})},
            content.encode() if isinstance(content, str) else content,
        )

    def _not_found(self, headers: dict[str, str]) -> tuple[int, dict[str, Any], bytes]:
        """Answer an unknown route with the console's page, as the gateway response does."""
        from chalicelib.console.framework.rendering import plain_error
        from chalicelib.console.framework.responses import security_headers

        settings = self._app.services.base.settings  # type: ignore[attr-defined]
        wanted = {name.lower(): value for name, value in headers.items()}.get("accept-language", "")
        language = "en" if wanted.lower().startswith("en") else "fr"
        page = plain_error(settings.company, settings.console_url, language, 404)
        safe = security_headers(settings.stripe_pages_origin)
        return 404, {"Content-Type": _HTML, **safe}, page.encode()

    def _send(self, status: int, headers: dict[str, Any], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(name, str(each))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
