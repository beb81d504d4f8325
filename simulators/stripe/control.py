"""Control of the simulator under /_simulator/, which Stripe does not have: JSON in, JSON out."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.courier import Courier
from simulators.stripe.foundation.errors import Json, StripeError
from simulators.stripe.foundation.faults import KINDS, Fault, Faults
from simulators.stripe.objects import cards, disputes, payment_methods, refunds
from simulators.stripe.pages import hosted_checkout

_DISPUTE_MOVES = ("under_review", "won", "lost")
_FAULT_MEMBERS = {"kind", "method", "path", "times", "status", "seconds"}


class Control:
    """What tests and the local desk may ask. The state's lock is held during each answer."""

    def __init__(self, account: Account, courier: Courier, faults: Faults) -> None:
        self._account = account
        self._courier = courier
        self._faults = faults
        self.requests: Counter[str] = Counter()
        self.commands: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "health"): self._health,
            ("GET", "state"): self._state,
            ("GET", "requests"): lambda _: dict(sorted(self.requests.items())),
            ("POST", "requests/clear"): self._clear_requests,
            ("POST", "events/hold"): self._hold,
            ("POST", "events/release"): self._release,
            ("POST", "events/shuffle"): self._shuffle,
            ("POST", "events/duplicate"): self._duplicate,
            ("POST", "events/redeliver"): self._redeliver,
            ("POST", "charges/next"): self._force_outcomes,
            ("POST", "disputes/open"): self._open_dispute,
            ("POST", "disputes/move"): self._move_dispute,
            ("POST", "refunds/fail"): self._fail_refund,
            ("POST", "cards"): self._save_card,
            ("POST", "checkout/complete"): self._complete_checkout,
            ("POST", "authenticate"): self._authenticate,
            ("POST", "clock"): self._move_clock,
            ("POST", "idempotency/forget"): self._forget_keys,
            ("POST", "faults"): self._add_fault,
            ("POST", "reset"): self._reset,
        }

    def _health(self, _: Json) -> Json:
        return {"status": "ok", "now": self._account.clock.now().isoformat()}

    def _state(self, _: Json) -> Json:
        state = self._account.state
        return {
            "objects": {kind: len(found) for kind, found in state.data["objects"].items()},
            "now": self._account.clock.now().isoformat(),
            "clock_offset_seconds": self._account.clock.offset_seconds,
            "deliveries": [
                {name: one[name] for name in ("event", "endpoint", "attempts", "held")}
                for one in state.part("deliveries")
            ],
            "delivery_mode": dict(state.part("delivery_mode")),
            "deliveries_attempted": list(self._courier.log),
            "forced_outcomes": list(state.part("forced_outcomes")),
            "faults": self._faults.listed(),
            "idempotency_keys": len(state.part("idempotency")),
        }

    def _clear_requests(self, _: Json) -> Json:
        self.requests.clear()
        return {}

    def _hold(self, _: Json) -> Json:
        """Keep the webhooks back from now on, those still to send included."""
        self._account.state.part("delivery_mode")["held"] = True
        for delivery in self._account.state.part("deliveries"):
            delivery["held"] = True
        return self._queue_length()

    def _release(self, asked: Json) -> Json:
        """Let go of the named events, or of all and stop holding; `order` may reverse them."""
        wanted = asked.get("events")
        deliveries = self._account.state.part("deliveries")
        chosen = [one for one in deliveries if wanted is None or one["event"] in wanted]
        order = asked.get("order", "fifo")
        if order == "reverse":
            chosen.reverse()
        elif order == "shuffle":
            random.Random(asked.get("seed")).shuffle(chosen)  # noqa: S311 - an order of tests
        elif order != "fifo":
            raise StripeError("order is fifo, reverse or shuffle", param="order")
        for one in chosen:
            one["held"] = False
        deliveries[:] = chosen + [one for one in deliveries if one not in chosen]
        if wanted is None:
            self._account.state.part("delivery_mode")["held"] = False
        self._account.something_to_deliver.set()
        return self._queue_length()

    def _shuffle(self, asked: Json) -> Json:
        """Mix the webhooks still to send."""
        random.Random(asked.get("seed")).shuffle(  # noqa: S311 - an order of tests
            self._account.state.part("deliveries")
        )
        return self._queue_length()

    def _duplicate(self, asked: Json) -> Json:
        """Send each later event this many times; 1 is the normal way."""
        self._account.state.part("delivery_mode")["copies"] = max(1, int(asked.get("copies", 2)))
        return dict(self._account.state.part("delivery_mode"))

    def _redeliver(self, asked: Json) -> Json:
        """Send an event again, to every endpoint."""
        event = self._account.named("event", asked.get("event", ""), "event")
        for endpoint in self._account.state.objects("webhook_endpoint"):
            self._account.queue(event, endpoint, int(asked.get("copies", 1)))
        return self._queue_length()

    def _queue_length(self) -> Json:
        return {"pending": len(self._account.state.part("deliveries"))}

    def _force_outcomes(self, asked: Json) -> Json:
        """Decide what the next charges answer, whatever the card."""
        outcome = asked.get("outcome", "")
        if outcome != "succeeded" and outcome not in cards.DECLINES:
            known = ", ".join(["succeeded", *cards.DECLINES])
            raise StripeError(f"outcome is one of {known}", param="outcome")
        forced = self._account.state.part("forced_outcomes")
        forced.extend([outcome] * int(asked.get("times", 1)))
        return {"forced_outcomes": list(forced)}

    def _open_dispute(self, asked: Json) -> Json:
        charge = asked.get("charge", "")
        if "payment_intent" in asked:
            found = self._account.named("payment_intent", asked["payment_intent"], "payment_intent")
            charge = found["latest_charge"]
        disputed = self._account.named("charge", charge, "charge")
        reason = asked.get("reason", "fraudulent")
        return disputes.open_dispute(self._account, disputed, asked.get("amount"), reason)

    def _move_dispute(self, asked: Json) -> Json:
        dispute = self._account.named("dispute", asked.get("dispute", ""), "dispute")
        if asked.get("status") not in _DISPUTE_MOVES:
            raise StripeError(f"status is one of {', '.join(_DISPUTE_MOVES)}", param="status")
        return disputes.move_dispute(self._account, dispute, asked["status"])

    def _fail_refund(self, asked: Json) -> Json:
        """Have a refund fail, days after it was made."""
        refund = self._account.named("refund", asked.get("refund", ""), "refund")
        return refunds.fail(self._account, refund, asked.get("reason", "expired_or_canceled_card"))

    def _save_card(self, asked: Json) -> Json:
        """Save a test card for a customer, authenticated, without the hosted page."""
        customer = self._account.named("customer", asked.get("customer", ""), "customer")
        number = _test_number(asked)
        method = payment_methods.from_number(
            self._account,
            number,
            exp_month=asked.get("exp_month"),
            exp_year=asked.get("exp_year"),
            name=asked.get("name") or customer["name"],
        )
        payment_methods.attach_to(self._account, method["id"], customer)
        self._account.state.part("cards")[method["id"]]["set_up"] = True
        return method

    def _complete_checkout(self, asked: Json) -> Json:
        """Do what a person does on the hosted page, authentication included."""
        session = self._account.named("checkout.session", asked.get("session", ""), "session")
        if session["status"] != "open":
            raise StripeError(f"This session is {session['status']}.", param="session")
        now = self._account.clock.now()
        typed = hosted_checkout.TypedCard(
            _test_number(asked),
            asked.get("exp_month", now.month),
            asked.get("exp_year", now.year + 4),
            asked.get("name", "Test"),
        )
        following = hosted_checkout.submit_card(self._account, session, typed)
        address = following.address
        if address is not None and address.startswith("/authenticate/"):
            token = address.removeprefix("/authenticate/")
            allowed = bool(asked.get("authorize", True))
            address = hosted_checkout.decide(self._account, token, allowed=allowed)
        refusal = following.refusal
        return {"address": address, "refused": refusal.code if refusal else None}

    def _authenticate(self, asked: Json) -> Json:
        """Answer the authentication an intent waits for."""
        pages = self._account.state.part("authentications")
        wanted = asked.get("intent")
        token = next((one for one, page in pages.items() if page["intent"] == wanted), None)
        if token is None:
            raise StripeError("This intent waits for no authentication.", param="intent")
        allowed = bool(asked.get("authorize", True))
        return {"address": hosted_checkout.decide(self._account, token, allowed=allowed)}

    def _move_clock(self, asked: Json) -> Json:
        """Move the clock: `advance_seconds`, `offset_seconds` or `now` (ISO 8601, UTC)."""
        clock = self._account.clock
        if "now" in asked:
            instant = datetime.fromisoformat(asked["now"])
            if instant.tzinfo is None:
                raise StripeError("now needs its offset from UTC", param="now")
            clock.set_to(instant)
        elif "offset_seconds" in asked:
            clock.offset_seconds = int(asked["offset_seconds"])
        else:
            clock.offset_seconds += int(asked.get("advance_seconds", 0))
        self._account.state.data["clock_offset_seconds"] = clock.offset_seconds
        return self._health(asked)

    def _forget_keys(self, asked: Json) -> Json:
        """Forget one idempotency key, or all."""
        kept = self._account.state.part("idempotency")
        if "key" in asked:
            kept.pop(asked["key"], None)
        else:
            kept.clear()
        return {"idempotency_keys": len(kept)}

    def _add_fault(self, asked: Json) -> Json:
        """Break the next requests; see `Fault`."""
        if asked.get("kind") not in KINDS or not set(asked) <= _FAULT_MEMBERS:
            raise StripeError(f"kind is one of {', '.join(KINDS)}", param="kind")
        self._faults.add(Fault(**asked))
        return {"faults": self._faults.listed()}

    def _reset(self, _: Json) -> Json:
        """Forget everything but the clock and the webhook endpoints."""
        self._account.state.clear()
        self._faults.clear()
        self.requests.clear()
        return {}


def _test_number(asked: Json) -> str:
    number = str(asked.get("number", "4242424242424242"))
    if number not in cards.BY_NUMBER:
        raise StripeError("number is one of the test numbers", param="number")
    return number
