"""Idempotency keys, lost answers, faults."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator

HEADERS = {"Authorization": "Bearer sk_test_simulated"}
DAY = 24 * 3600


@pytest.fixture
def key() -> str:
    return f"invoice:{uuid.uuid4()}"


def post(simulator: StripeSimulator, key: str, **form: str) -> requests.Response:
    return requests.post(
        f"{simulator.url}/v1/customers",
        data=form,
        headers={**HEADERS, "Idempotency-Key": key},
        timeout=60,
    )


def test_the_same_key_replays_the_first_answer(simulator: StripeSimulator, key: str) -> None:
    first = post(simulator, key, name="Atelier Lumen")
    second = post(simulator, key, name="Atelier Lumen")

    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.json() == first.json()


def test_the_same_key_with_other_parameters_is_an_error(
    client: stripe.StripeClient, key: str
) -> None:
    client.v1.customers.create({"name": "A"}, {"idempotency_key": key})

    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.customers.create({"name": "B"}, {"idempotency_key": key})

    assert refused.value.http_status == 400
    assert len(client.v1.customers.list().data) == 1


def test_the_same_key_at_another_address_is_an_error(
    client: stripe.StripeClient, customer: str, key: str
) -> None:
    client.v1.customers.create({"name": "A"}, {"idempotency_key": key})

    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.update(customer, {"name": "A"}, {"idempotency_key": key})


def test_a_decline_is_replayed_too(
    client: stripe.StripeClient,
    control: Callable[..., Any],
    charge: Callable[..., Any],
    key: str,
) -> None:
    # given a decline under a key
    control("charges/next", outcome="insufficient_funds")
    with pytest.raises(stripe.CardError):
        charge(1200, options={"idempotency_key": key})

    # when the same request is sent again, though the card is now good
    with pytest.raises(stripe.CardError) as again:
        charge(1200, options={"idempotency_key": key})

    # then the first answer is replayed and there is one intent
    assert again.value.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.payment_intents.list().data) == 1


def test_what_validation_refuses_is_not_kept(simulator: StripeSimulator, key: str) -> None:
    refused = post(simulator, key, nickname="x")
    accepted = post(simulator, key, name="x")

    assert (refused.status_code, accepted.status_code) == (400, 200)


@pytest.mark.parametrize(("later", "same"), [(DAY - 60, True), (DAY + 60, False)])
def test_a_key_is_forgotten_after_a_day(
    control: Callable[..., Any], charge: Callable[..., Any], key: str, later: int, same: bool
) -> None:
    first = charge(1200, options={"idempotency_key": key})

    control("clock", advance_seconds=later)
    second = charge(1200, options={"idempotency_key": key})

    assert (first.id == second.id) == same


def test_a_key_can_be_forgotten_at_once(
    client: stripe.StripeClient,
    control: Callable[..., Any],
    charge: Callable[..., Any],
    key: str,
) -> None:
    first = charge(1200, options={"idempotency_key": key})
    control("idempotency/forget", key=key)

    assert charge(1200, options={"idempotency_key": key}).id != first.id


def test_the_same_key_at_the_same_time_is_a_conflict(
    simulator: StripeSimulator, control: Callable[..., Any], key: str
) -> None:
    # given a first request that takes its time
    control("faults", kind="delay", seconds=0.4, path="/v1/customers")
    answers: list[requests.Response] = []
    slow = threading.Thread(target=lambda: answers.append(post(simulator, key, name="A")))
    slow.start()
    while simulator_faults(simulator):
        pass  # until the delay is taken, that is, the first request is in

    # when the same key comes meanwhile
    meanwhile = post(simulator, key, name="A")
    slow.join()

    # then it is told so, and afterwards gets the first answer
    assert meanwhile.status_code == 409
    assert meanwhile.json()["error"]["code"] == "idempotency_key_in_use"
    assert answers[0].status_code == 200
    assert post(simulator, key, name="A").json() == answers[0].json()


def simulator_faults(simulator: StripeSimulator) -> list[Any]:
    state = requests.get(f"{simulator.url}/_simulator/state", timeout=60).json()
    return list(state["faults"])


def test_many_at_once_make_one_customer(
    client: stripe.StripeClient, simulator: StripeSimulator, key: str
) -> None:
    answers: list[requests.Response] = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(simulator, key, name="A")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {one.status_code for one in answers} <= {200, 409}
    assert len({one.json()["id"] for one in answers if one.status_code == 200}) == 1
    assert len(client.v1.customers.list().data) == 1


def test_a_lost_answer_is_found_again_by_the_sdk(
    simulator: StripeSimulator, control: Callable[..., Any], client: stripe.StripeClient
) -> None:
    # given a connection that breaks after the work is done
    control("faults", kind="crash_after", path="/v1/customers")
    retrying = stripe.StripeClient(
        "sk_test_x", base_addresses={"api": simulator.url}, max_network_retries=2
    )

    # when the SDK retries by itself with its own key
    made = retrying.v1.customers.create({"name": "Atelier Lumen"})

    # then the work was done once
    assert [one.id for one in client.v1.customers.list().data] == [made.id]


@pytest.mark.parametrize(("kind", "made"), [("crash_after", 1), ("crash_before", 0)])
def test_a_broken_connection_is_an_error_without_retries(
    client: stripe.StripeClient, control: Callable[..., Any], kind: str, made: int
) -> None:
    control("faults", kind=kind)

    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"name": "A"})

    assert len(client.v1.customers.list().data) == made


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, stripe.APIError), (503, stripe.APIError), (429, stripe.RateLimitError)],
)
def test_the_next_request_can_fail(
    client: stripe.StripeClient,
    control: Callable[..., Any],
    status: int,
    error: type[stripe.StripeError],
) -> None:
    control("faults", kind="error", status=status)

    with pytest.raises(error) as failed:
        client.v1.customers.create({"name": "A"})

    assert failed.value.http_status == status
    assert client.v1.customers.list().data == []
