"""Everything the simulator remembers: one dictionary, one lock, one JSON file."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.stripe.foundation.errors import Json

KINDS = (
    "customer",
    "payment_method",
    "setup_intent",
    "checkout.session",
    "payment_intent",
    "charge",
    "refund",
    "dispute",
    "balance_transaction",
    "event",
    "webhook_endpoint",
)
_VERSION = 1


def empty() -> Json:
    """Return the state of an account to which nothing happened."""
    return {
        "version": _VERSION,
        "clock_offset_seconds": 0,
        "objects": {kind: {} for kind in KINDS},
        # What Stripe knows and does not show in its objects.
        "cards": {},  # payment method -> {"number", "set_up", "spent"}
        "authentications": {},  # token of a hosted authentication page -> what it decides
        "line_items": {},  # checkout session -> its lines
        "session_details": {},  # checkout session -> data for the intent it will create
        "endpoint_secrets": {},  # webhook endpoint -> signing secret
        "idempotency": {},  # key -> first answer
        "deliveries": [],  # webhooks still to send, in order
        "delivery_mode": {"held": False, "copies": 1},
        "forced_outcomes": [],  # what the next charges answer
    }


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# What is numerous and hardly ever changes, with all that ever changes in it once it is made.
_MARKS: dict[str, Callable[[Json], Any]] = {
    "event": lambda one: one["pending_webhooks"],
    "charge": lambda one: (one["amount_refunded"], one["disputed"]),
    "balance_transaction": lambda one: None,
    "idempotency": lambda one: (one["at"], one["body"]),
}


class _Written:
    """Writes the state as JSON, keeping the text of what did not change since the last time."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, tuple[Any, str]]] = {name: {} for name in _MARKS}

    def whole(self, data: Json) -> str:
        """Return the state as one JSON text."""
        objects = data["objects"]
        kinds = [f"{_dumped(kind)}:{self._kind(kind, found)}" for kind, found in objects.items()]
        answers = self._kind("idempotency", data["idempotency"])
        rest = {name: part for name, part in data.items() if name not in ("objects", "idempotency")}
        return f'{_dumped(rest)[:-1]},"idempotency":{answers},"objects":{{{",".join(kinds)}}}}}'

    def _kind(self, name: str, items: dict[str, Json]) -> str:
        if name not in _MARKS:
            return _dumped(items)
        known = self._texts[name]
        now: dict[str, tuple[Any, str]] = {}
        for key, item in items.items():
            mark = _MARKS[name](item)
            kept = known.get(key)
            if kept is None or kept[0] != mark:
                kept = (mark, f"{_dumped(key)}:{_dumped(item)}")
            now[key] = kept
        self._texts[name] = now
        return "{" + ",".join(text for _, text in now.values()) + "}"


class State:
    """The state, reloaded from its file at start and written whole after each change."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.path = path
        self.data = empty()
        self._written = _Written()
        if path is not None and path.exists():
            loaded = json.loads(path.read_text(encoding="utf-8"))
            if loaded.get("version") != _VERSION:
                raise ValueError(f"{path} was written by another version of the simulator")
            self.data.update(loaded)

    def objects(self, kind: str) -> dict[str, Json]:
        """Return the objects of a kind by id, oldest first."""
        found: dict[str, Json] = self.data["objects"][kind]
        return found

    def part(self, name: str) -> Any:
        """Return one of the other parts, by its name in `empty`."""
        return self.data[name]

    def clear(self) -> None:
        """Forget everything but the webhook endpoints and the clock."""
        kept = (self.data["objects"]["webhook_endpoint"], self.data["endpoint_secrets"])
        offset = self.data["clock_offset_seconds"]
        self.data = empty()
        self.data["objects"]["webhook_endpoint"], self.data["endpoint_secrets"] = kept
        self.data["clock_offset_seconds"] = offset

    def save(self) -> None:
        """Write the file beside, then put it in place, so that a reader sees all or nothing.

        It survives the end of this process, not a power cut: no fsync, which would slow each
        request of a demonstration down.
        """
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(self.path.name + ".new")
        beside.write_text(self._written.whole(self.data), encoding="utf-8")
        beside.replace(self.path)
