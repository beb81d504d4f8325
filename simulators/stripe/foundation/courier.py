"""Sends the webhooks: signed as Stripe signs them, in order, again while the receiver fails."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json

_TIMEOUT_SECONDS = 10
_LONGEST_WAIT = 40  # times the first one
_MOST_REFUSALS = 12
_IDLE_SECONDS = 1.0
_SUCCESS = range(200, 300)


def signature(payload: str, secret: str, at: int) -> str:
    """Return the Stripe-Signature header of a payload sent at an instant."""
    digest = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """A thread that empties the queue of deliveries, one endpoint's after the other.

    A receiver that cannot be reached is tried for ever; one that answers with an error is given
    up after 12 tries, so that one event it refuses does not hold all those behind it.
    """

    def __init__(self, account: Account, first_wait_seconds: float = 0.25) -> None:
        self._account = account
        self._first_wait = first_wait_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe-webhooks", daemon=True)
        self.log: deque[Json] = deque(maxlen=500)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery in progress; what is queued stays in the state."""
        self._stopping.set()
        self._account.something_to_deliver.set()
        self._thread.join()

    def _run(self) -> None:
        wake = self._account.something_to_deliver
        while not self._stopping.is_set():
            wake.clear()
            job, wait = self._next()
            if job is None:
                wake.wait(wait)
            else:
                self._finish(job, self._send(job))

    def _next(self) -> tuple[Json | None, float]:
        """Return the first delivery that may leave, else how long to wait for one, in seconds."""
        state = self._account.state
        with state.lock:
            blocked: set[str] = set()
            wait = _IDLE_SECONDS
            for delivery in state.part("deliveries"):
                if delivery["held"] or delivery["endpoint"] in blocked:
                    continue
                left = delivery["due"] - time.time()
                if left <= 0:
                    return self._job(delivery), 0.0
                # In order: those behind it wait for it.
                blocked.add(delivery["endpoint"])
                wait = min(wait, left)
            return None, wait

    def _job(self, delivery: Json) -> Json:
        state = self._account.state
        event = state.objects("event")[delivery["event"]]
        return {
            "delivery": delivery,
            "type": event["type"],
            "url": state.objects("webhook_endpoint")[delivery["endpoint"]]["url"],
            "secret": state.part("endpoint_secrets")[delivery["endpoint"]],
            "payload": json.dumps(event, indent=2),
        }

    def _send(self, job: Json) -> int | None:
        """Post the event; return the status answered, None when nobody answered."""
        address = urlsplit(job["url"])
        make = (
            http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        )
        connection = make(address.netloc, timeout=_TIMEOUT_SECONDS)
        path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            # Real time: receivers compare it with their own clock.
            "Stripe-Signature": signature(job["payload"], job["secret"], int(time.time())),
        }
        try:
            connection.request("POST", path, job["payload"].encode(), headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _finish(self, job: Json, status: int | None) -> None:
        delivery = job["delivery"]
        state = self._account.state
        with state.lock:
            self.log.append(
                {"event": delivery["event"], "type": job["type"], "url": job["url"]}
                | {"status": status, "at": time.time()}
            )
            if delivery not in state.part("deliveries"):
                return  # Its endpoint was deleted meanwhile.
            delivery["attempts"] += 1
            delivery["refusals"] += status is not None
            if status in _SUCCESS or (status and delivery["refusals"] >= _MOST_REFUSALS):
                self._remove(delivery)
            else:
                longer = min(2 ** min(delivery["attempts"] - 1, 10), _LONGEST_WAIT)
                delivery["due"] = time.time() + self._first_wait * longer
            state.save()

    def _remove(self, delivery: Json) -> None:
        state = self._account.state
        deliveries: list[Any] = state.part("deliveries")
        deliveries[:] = [one for one in deliveries if one["id"] != delivery["id"]]
        event = state.objects("event").get(delivery["event"])
        if event is not None:
            event["pending_webhooks"] -= 1

    def drain(self, timeout_seconds: float = 10.0) -> bool:
        """Wait until nothing is left to send but what is held; tell whether it came to that."""
        until = time.monotonic() + timeout_seconds
        while time.monotonic() < until:
            with self._account.state.lock:
                if all(one["held"] for one in self._account.state.part("deliveries")):
                    return True
            time.sleep(0.01)
        return False
