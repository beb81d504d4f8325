"""One simulator and one webhook receiver per module, emptied between tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator
from tests.simulator.webhook_receiver import SECRET, Receiver

Json = dict[str, Any]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def running(
    receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StripeSimulator]:
    state = tmp_path_factory.mktemp("simulator") / "stripe.json"
    with StripeSimulator(
        state_file=state, webhook_url=receiver.url, webhook_secret=SECRET, first_wait_seconds=0.01
    ) as started:
        yield started


@pytest.fixture
def simulator(running: StripeSimulator, receiver: Receiver) -> StripeSimulator:
    requests.post(f"{running.url}/_simulator/reset", timeout=60).raise_for_status()
    requests.post(
        f"{running.url}/_simulator/clock", json={"offset_seconds": 0}, timeout=60
    ).raise_for_status()
    receiver.received.clear()
    receiver.answers.clear()
    return running


@pytest.fixture
def client(simulator: StripeSimulator) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_simulated", base_addresses={"api": simulator.url}, max_network_retries=0
    )


@pytest.fixture
def control(simulator: StripeSimulator) -> Callable[..., Json]:
    """Send a control request: `control("events/hold")`."""

    def send(command: str, **body: object) -> Json:
        url = f"{simulator.url}/_simulator/{command}"
        answer = requests.post(url, json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return send


@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"name": "Atelier Lumen", "email": "a@lumen.example"}).id


@pytest.fixture
def card(client: stripe.StripeClient, customer: str) -> str:
    """A card that is accepted, saved for the customer."""
    return client.v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id


@pytest.fixture
def charge(client: stripe.StripeClient, customer: str, card: str) -> Callable[..., Any]:
    """Charge the saved card off-session: `charge(1200, metadata={…})`."""

    def make(amount: int, payment_method: str = card, **more: Any) -> Any:
        options = more.pop("options", None)
        return client.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "eur",
                "customer": customer,
                "payment_method": payment_method,
                "confirm": True,
                "off_session": True,
                **more,
            },
            options,
        )

    return make
