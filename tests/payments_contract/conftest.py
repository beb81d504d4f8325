"""The two card processors that one contract holds for: the fake, and Stripe's gateway."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest
import requests
import stripe

from chalicelib.payments.stripe.processor import CardProcessor
from chalicelib.payments.stripe.stripe_gateway import StripeGateway
from simulators.stripe import StripeSimulator
from tests.fakes.card_processor import FakeCardProcessor
from tests.fakes.clock import StoppedClock
from tests.simulator.webhook_receiver import SECRET, Receiver


class Side(Protocol):
    """A processor, and the hands of the client, of the bank and of time."""

    processor: CardProcessor

    def type_card(self, session_id: str, number: str) -> None: ...
    def authenticate(self, intent_id: str, *, allowed: bool) -> None: ...
    def decline_next(self, reason: str) -> None: ...
    def refund(self, intent_id: str, cents: int) -> None: ...
    def fail_refund(self, refund_id: str) -> None: ...
    def open_dispute(self, intent_id: str) -> None: ...
    def close_dispute(self, intent_id: str, outcome: str) -> None: ...
    def cancel(self, intent_id: str) -> None: ...
    def now(self) -> datetime: ...
    def forget_keys(self) -> None: ...
    def notices(self) -> list[tuple[bytes, str]]: ...


class FakeSide:
    """The fake."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.fake = FakeCardProcessor(self.clock)
        self.processor: CardProcessor = self.fake

    def type_card(self, session_id: str, number: str) -> None:
        self.fake.type_card(session_id, number)

    def authenticate(self, intent_id: str, *, allowed: bool) -> None:
        self.fake.authenticate(intent_id, allowed=allowed)

    def decline_next(self, reason: str) -> None:
        self.fake.decline_next.append(reason)

    def refund(self, intent_id: str, cents: int) -> None:
        self.fake.give_back(intent_id, cents)

    def fail_refund(self, refund_id: str) -> None:
        self.fake.fail_refund(refund_id)

    def open_dispute(self, intent_id: str) -> None:
        self.fake.open_dispute(intent_id)

    def close_dispute(self, intent_id: str, outcome: str) -> None:
        self.fake.close_dispute(intent_id, outcome)

    def cancel(self, intent_id: str) -> None:
        self.fake.cancel(intent_id)

    def now(self) -> datetime:
        return self.clock.now()

    def forget_keys(self) -> None:
        self.fake.forget_keys()

    def notices(self) -> list[tuple[bytes, str]]:
        notices = [self.fake.notice(event) for event in self.fake.events]
        return [(notice.raw, notice.signature) for notice in notices]


class StripeSide:
    """The gateway, through the real SDK, on the simulator."""

    def __init__(self, simulator: StripeSimulator, receiver: Receiver) -> None:
        self.simulator = simulator
        self.receiver = receiver
        self.processor: CardProcessor = StripeGateway("sk_test_simulated", SECRET, simulator.url)
        self.api = stripe.StripeClient("sk_test_simulated", base_addresses={"api": simulator.url})

    def ask(self, command: str, **body: Any) -> dict[str, Any]:
        """Send a control request."""
        url = f"{self.simulator.url}/_simulator/{command}"
        answer = requests.post(url, json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def type_card(self, session_id: str, number: str) -> None:
        assert self.ask("checkout/complete", session=session_id, number=number)["refused"] is None

    def authenticate(self, intent_id: str, *, allowed: bool) -> None:
        self.ask("authenticate", intent=intent_id, authorize=allowed)

    def decline_next(self, reason: str) -> None:
        self.ask("charges/next", outcome=reason)

    def refund(self, intent_id: str, cents: int) -> None:
        self.api.v1.refunds.create({"payment_intent": intent_id, "amount": cents})

    def fail_refund(self, refund_id: str) -> None:
        self.ask("refunds/fail", refund=refund_id)

    def open_dispute(self, intent_id: str) -> None:
        self.ask("disputes/open", payment_intent=intent_id)

    def close_dispute(self, intent_id: str, outcome: str) -> None:
        (dispute,) = self.api.v1.disputes.list({"payment_intent": intent_id}).data
        self.ask("disputes/move", dispute=dispute.id, status=outcome)

    def cancel(self, intent_id: str) -> None:
        self.api.v1.payment_intents.cancel(intent_id)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def forget_keys(self) -> None:
        self.ask("idempotency/forget")

    def notices(self) -> list[tuple[bytes, str]]:
        assert self.simulator.drain()
        return list(self.receiver.received)

    def types(self) -> list[str]:
        """The kinds of the notices received."""
        return [str(json.loads(raw)["type"]) for raw, _ in self.notices()]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Receives the simulator's notices."""
    started = Receiver()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def running(receiver: Receiver) -> Iterator[StripeSimulator]:
    """One simulator for the module."""
    with StripeSimulator(
        webhook_url=receiver.url, webhook_secret=SECRET, first_wait_seconds=0.01
    ) as started:
        yield started


@pytest.fixture
def stripe_side(running: StripeSimulator, receiver: Receiver) -> StripeSide:
    """The gateway on an empty simulator."""
    side = StripeSide(running, receiver)
    assert running.drain()
    side.ask("reset")
    receiver.received.clear()
    receiver.answers.clear()
    return side


@pytest.fixture(params=["fake", "stripe"])
def side(request: pytest.FixtureRequest) -> Side:
    """Each of the two in turn."""
    if request.param == "fake":
        return FakeSide()
    found: StripeSide = request.getfixturevalue("stripe_side")
    return found
