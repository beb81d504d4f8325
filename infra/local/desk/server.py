"""The local desk: the mails sent, the clock and its schedule, the addresses and sign-ins.

A small web server of its own on 127.0.0.1, which the package never contains.  Plain HTML and
forms; `/mails.json` and `/clock` in JSON serve the browser tests.
"""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from infra.local.clock.clock_keeper import ClockKeeper
from infra.local.clock.time_travel import target_of
from infra.local.desk.pages import DeskPages, Page
from infra.local.outside.mailbox import Mailbox
from infra.local.programs.processes import HOST
from infra.local.state_folder import Addresses

_JSON = "application/json"
_MOST_BYTES = 10_000


class Desk:
    """Serves the desk from a thread of this process, on a free port.

    ``addresses`` completes the addresses of all parts with the desk's own.
    """

    def __init__(
        self, mailbox: Mailbox, keeper: ClockKeeper, addresses: Callable[[str], Addresses]
    ) -> None:
        self._server = _Server((HOST, 0), _Handler)
        self.addresses = addresses(f"http://{HOST}:{self._server.server_address[1]}")
        self._server.keeper = keeper
        self._server.pages = DeskPages(mailbox, keeper, self.addresses)
        self._thread = threading.Thread(target=self._server.serve_forever, name="desk")

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    keeper: ClockKeeper
    pages: DeskPages

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: most often a browser that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *values: Any) -> None:
        """Say nothing."""

    @property
    def _desk(self) -> _Server:
        return cast(_Server, self.server)

    def do_GET(self) -> None:
        """Show a page."""
        self._answer(lambda path: self._desk.pages.get(path, dict(parse_qsl(self._query))))

    def do_POST(self) -> None:
        """Move the clock or run a job."""
        self._answer(self._post)

    @property
    def _query(self) -> str:
        return urlsplit(self.path).query

    def _answer(self, find: Callable[[str], Page]) -> None:
        own = f"{HOST}:{self._desk.server_address[1]}"
        origin = self.headers.get("origin")
        if self.headers.get("host") != own or origin not in {None, f"http://{own}"}:
            # Another site open in the same browser must not reach the desk.
            self.close_connection = True
            self._send(Page("Open the desk at its own address.", status=HTTPStatus.FORBIDDEN))
            return
        try:
            page = find(urlsplit(self.path).path)
        except (KeyError, IndexError, FileNotFoundError):
            page = Page("There is no such page.", status=HTTPStatus.NOT_FOUND)
        except ValueError as refused:
            page = Page(str(refused), status=HTTPStatus.BAD_REQUEST)
        self._send(page)

    def _post(self, path: str) -> Page:
        length = int(self.headers.get("content-length") or 0)
        if length > _MOST_BYTES:
            self.close_connection = True
            raise ValueError("This is too long.")
        sent = self.rfile.read(length).decode()
        if path.startswith("/jobs/"):
            self._desk.keeper.run(path.removeprefix("/jobs/"))
            return Page.elsewhere("/clock")
        if path != "/clock":
            raise KeyError(path)
        is_json = self.headers.get_content_type() == _JSON
        fields: dict[str, Any] = json.loads(sent) if is_json else dict(parse_qsl(sent))
        target = target_of(fields, self._desk.keeper.clock.now())
        if is_json:
            self._desk.keeper.move_to(target)
            return self._desk.pages.get("/clock.json", {})
        self._desk.keeper.begin_moving(target)
        return Page.elsewhere("/clock")

    def _send(self, page: Page) -> None:
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.content)))
        self.end_headers()
        self.wfile.write(page.content)
