"""Starting and stopping the simulator: the state, the HTTP server, the webhooks' thread."""

import socket
import threading
from pathlib import Path
from typing import Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from simulators.stripe.application import Application
from simulators.stripe.control import Control
from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.clock import Now, SimulatedClock, real_now
from simulators.stripe.foundation.courier import Courier
from simulators.stripe.foundation.faults import Faults
from simulators.stripe.foundation.state import State
from simulators.stripe.objects import events
from simulators.stripe.pages.hosted_pages import HostedPages

_HOST = "127.0.0.1"
_CONFIGURED = "configured at start"


class _QuietHandler(WSGIRequestHandler):
    """Does not print a line per request, and closes each connection.

    A connection kept open would go on being answered after `stop`.
    """

    protocol_version = "HTTP/1.0"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class StripeSimulator:
    """Stripe on this machine: `start()`, then drive `url` with the real SDK, then `stop()`.

    `now` returns the instant to live in, aware and in UTC. With a state file, what happened
    survives a restart. With a webhook address, every event is sent to it.
    """

    def __init__(  # noqa: PLR0913 - the settings of one program
        self,
        *,
        port: int = 0,
        state_file: Path | str | None = None,
        webhook_url: str | None = None,
        webhook_secret: str = "whsec_simulator",  # noqa: S107 - a local secret, nothing to keep
        now: Now = real_now,
        first_wait_seconds: float = 0.25,
    ) -> None:
        self._state = State(Path(state_file) if state_file else None)
        self.webhook_secret = webhook_secret
        clock = SimulatedClock(now, self._state.part("clock_offset_seconds"))
        self._server = _bind(port)
        self.url = f"http://{_HOST}:{self._server.port}"
        self._account = Account(self._state, clock, self.url)
        self._courier = Courier(self._account, first_wait_seconds)
        faults = Faults()
        self._server.app = Application(
            self._account,
            HostedPages(self._account),
            Control(self._account, self._courier, faults),
            faults,
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._configure_webhook(webhook_url)
        self._move_addresses()

    def _configure_webhook(self, url: str | None) -> None:
        """Point the endpoint given at start, made at the first start, to its address."""
        endpoints = self._state.objects("webhook_endpoint").values()
        known = next((one for one in endpoints if one["description"] == _CONFIGURED), None)
        if url is None:
            if known is not None:
                known["status"] = "disabled"
            return
        if known is None:
            known = events.make_endpoint(self._account, url, self.webhook_secret, ["*"])
            known["description"] = _CONFIGURED
        known.update(url=url, status="enabled")
        self._state.part("endpoint_secrets")[known["id"]] = self.webhook_secret

    def _move_addresses(self) -> None:
        """Give the pages of a reloaded state the address of this start."""
        for session in self._state.objects("checkout.session").values():
            if session["status"] == "open":
                session["url"] = f"{self.url}/checkout/{session['id']}"
        for token, asked in self._state.part("authentications").items():
            action = self._state.objects(asked["kind"])[asked["intent"]]["next_action"] or {}
            if "redirect_to_url" in action:
                action["redirect_to_url"]["url"] = f"{self.url}/authenticate/{token}"

    def start(self) -> Self:
        """Answer requests and send webhooks, in threads of this process."""
        self._state.save()
        self._thread.start()
        self._courier.start()
        return self

    def stop(self) -> None:
        """Stop at once; what is still to send stays in the state file."""
        self._courier.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def drain(self, timeout_seconds: float = 10.0) -> bool:
        """Wait until every webhook that is not held is delivered; tell whether they are."""
        return self._courier.drain(timeout_seconds)

    def __enter__(self) -> Self:
        """Start, in a `with` block."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop at the end of the block."""
        self.stop()


def _not_ready(_environ: object, _start_response: object) -> list[bytes]:
    raise RuntimeError("the application is set before the server starts")


def _bind(port: int) -> BaseWSGIServer:
    """Listen on a port of this machine alone; raise OSError when it is taken."""
    with socket.create_server((_HOST, port), backlog=128) as listening:
        # The server listens on a duplicate of this socket.
        return make_server(
            _HOST,
            listening.getsockname()[1],
            _not_ready,
            threaded=True,
            request_handler=_QuietHandler,
            fd=listening.fileno(),
        )
