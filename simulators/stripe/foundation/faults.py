"""Faults asked for by a control request: lost answers, errors, slowness."""

import socket
import threading
from dataclasses import dataclass

from werkzeug.wrappers import Request

from simulators.stripe.foundation.errors import Json, StripeError

KINDS = ("crash_after", "crash_before", "error", "delay")
_SERVER_ERROR = 500
_TOO_MANY = 429


@dataclass
class Fault:
    """One kind of fault, for the next requests that match."""

    kind: str
    method: str = "POST"
    path: str | None = None  # None: any path
    times: int = 1
    status: int = _SERVER_ERROR
    seconds: float = 0.0

    def matches(self, request: Request) -> bool:
        """Tell whether a request gets this fault."""
        return request.method == self.method and self.path in (None, request.path)

    def error(self) -> StripeError:
        """Return the error to answer instead of doing what was asked."""
        if self.status == _TOO_MANY:
            return StripeError(
                "Too many requests hit the API too quickly.",
                status=_TOO_MANY,
                code="rate_limit",
                kept=False,
            )
        return StripeError(
            "An unknown error occurred", status=self.status, kind="api_error", kept=False
        )


class Faults:
    """The faults to come, in memory: a restart forgets them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Ask for a fault."""
        with self._lock:
            self._faults.append(fault)

    def take(self, request: Request) -> Fault | None:
        """Return the fault of this request, which counts as one of its times."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(request):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Forget the faults to come."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Json]:
        """Return the faults to come."""
        with self._lock:
            return [vars(fault).copy() for fault in self._faults]


def drop_connection(request: Request) -> None:
    """Close the client's connection, so that it never sees the answer."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
