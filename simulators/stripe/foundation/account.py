"""The simulated Stripe account: its objects, its clock, and the events its changes make."""

import copy
import threading
import time
from dataclasses import dataclass

from simulators.stripe.foundation.clock import SimulatedClock
from simulators.stripe.foundation.errors import Json, no_such
from simulators.stripe.foundation.identifiers import new_id, random_text
from simulators.stripe.foundation.state import State

API_VERSION = "2026-10-28.endive"
_EVENT_LIFETIME_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class RequestIdentity:
    """Which API request causes a change; events name it."""

    id: str | None = None
    idempotency_key: str | None = None


class Account:
    """Holds what every endpoint needs. Its methods expect the state's lock to be held."""

    def __init__(self, state: State, clock: SimulatedClock, base_url: str) -> None:
        self.state = state
        self.clock = clock
        self.base_url = base_url
        self.request = RequestIdentity()
        self.something_to_deliver = threading.Event()

    def now(self) -> int:
        """Return the simulated instant, in seconds of the epoch."""
        return self.clock.timestamp()

    def add(self, made: Json) -> Json:
        """Keep a new object."""
        self.state.objects(made["object"])[made["id"]] = made
        return made

    def own(self, kind: str, identifier: str, param: str = "id") -> Json:
        """Return the object a URL names, or raise 404."""
        found = self.state.objects(kind).get(identifier)
        if found is None:
            raise no_such(kind, identifier, param, in_path=True)
        return found

    def named(self, kind: str, identifier: str, param: str) -> Json:
        """Return the object a parameter names, or raise 400."""
        found = self.state.objects(kind).get(identifier)
        if found is None:
            raise no_such(kind, identifier, param, in_path=False)
        return found

    def emit(self, kind: str, changed: Json, previous: Json | None = None) -> None:
        """Record that something happened to an object, and queue its webhooks."""
        data: Json = {"object": copy.deepcopy(changed)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = self.add(
            {
                "id": new_id("event"),
                "object": "event",
                "api_version": API_VERSION,
                "created": self.now(),
                "data": data,
                "livemode": False,
                "pending_webhooks": 0,
                "request": {
                    "id": self.request.id,
                    "idempotency_key": self.request.idempotency_key,
                },
                "type": kind,
            }
        )
        self._forget_old_events()
        for endpoint in self.state.objects("webhook_endpoint").values():
            wanted = endpoint["enabled_events"]
            if endpoint["status"] == "enabled" and ("*" in wanted or kind in wanted):
                self.queue(event, endpoint["id"], self.state.part("delivery_mode")["copies"])

    def queue(self, event: Json, endpoint: str, copies: int = 1) -> None:
        """Put an event last among those to send to an endpoint."""
        held = self.state.part("delivery_mode")["held"]
        for _ in range(copies):
            event["pending_webhooks"] += 1
            self.state.part("deliveries").append(
                {
                    "id": random_text(12),
                    "event": event["id"],
                    "endpoint": endpoint,
                    "attempts": 0,
                    "refusals": 0,
                    # Real time: a moved clock must not hold a retry back.
                    "due": time.time(),
                    "held": held,
                }
            )
        self.something_to_deliver.set()

    def _forget_old_events(self) -> None:
        events = self.state.objects("event")
        oldest_kept = self.now() - _EVENT_LIFETIME_SECONDS
        for event in list(events.values()):
            if event["created"] >= oldest_kept:
                break
            if event["pending_webhooks"] == 0:
                del events[event["id"]]
