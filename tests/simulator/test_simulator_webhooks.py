"""Webhooks: signed, in order, retried; held, doubled and mixed on demand."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator
from tests.simulator.webhook_receiver import SECRET, Receiver


def make_customers(client: stripe.StripeClient, count: int) -> list[str]:
    return [client.v1.customers.create({"name": str(n)}).id for n in range(count)]


def received_ids(receiver: Receiver) -> list[str]:
    return [event.data.object["id"] for event in receiver.events()]


def test_a_payment_tells_each_step_in_order(
    simulator: StripeSimulator, receiver: Receiver, charge: Callable[..., Any]
) -> None:
    paid = charge(1200, options={"idempotency_key": "invoice:1"})

    assert simulator.drain()
    assert receiver.types() == [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    last = receiver.events()[-1]
    assert last.data.object["id"] == paid.id
    assert last.request.idempotency_key == "invoice:1"


def test_a_signature_holds_for_its_body_and_secret_alone(
    simulator: StripeSimulator, receiver: Receiver, customer: str
) -> None:
    assert simulator.drain()
    body, signature = receiver.received[0]

    # The instant signed is the real one, whatever the simulated clock shows.
    assert abs(int(signature.split(",")[0].removeprefix("t=")) - time.time()) < 5
    stripe.Webhook.construct_event(body, signature, SECRET, api_key="sk_test_x")
    for forged, secret in ((body + b" ", SECRET), (body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(forged, signature, secret, api_key="sk_test_x")


def test_an_event_is_a_snapshot_of_its_instant(client: stripe.StripeClient, customer: str) -> None:
    client.v1.customers.update(customer, {"name": "Changed"})

    created = client.v1.events.list({"type": "customer.created"}).data[0]

    assert created.data.object["name"] == "Atelier Lumen"
    assert client.v1.events.retrieve(created.id).id == created.id


def test_a_refused_event_is_sent_again_before_the_next(
    simulator: StripeSimulator, receiver: Receiver, client: stripe.StripeClient
) -> None:
    receiver.answers = [500, 302]

    ids = make_customers(client, 2)

    assert simulator.drain()
    assert received_ids(receiver) == [ids[0]] * 3 + [ids[1]]
    assert client.v1.events.list().data[-1].pending_webhooks == 0


def test_an_event_refused_too_often_is_given_up() -> None:
    # given a receiver that refuses the first event for ever
    picky = Receiver()
    picky.answers = [400] * 12

    # when two events happen
    with StripeSimulator(
        webhook_url=picky.url, webhook_secret=SECRET, first_wait_seconds=0.001
    ) as started:
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": started.url})
        ids = make_customers(client, 2)
        assert started.drain()
    picky.stop()

    # then the first is given up after twelve tries and the second gets through
    assert received_ids(picky) == [ids[0]] * 12 + [ids[1]]


def test_a_receiver_that_is_down_gets_all_when_it_is_back(tmp_path: Any) -> None:
    # given a simulator whose receiver does not answer
    gone = Receiver()
    gone.stop()
    state = tmp_path / "stripe.json"
    with StripeSimulator(
        state_file=state, webhook_url=gone.url, webhook_secret=SECRET, first_wait_seconds=0.01
    ) as started:
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": started.url})
        ids = make_customers(client, 2)
        assert not started.drain(timeout_seconds=0.1)

    # when the simulator starts again with a receiver that does
    back = Receiver()
    with StripeSimulator(
        state_file=state, webhook_url=back.url, webhook_secret=SECRET, first_wait_seconds=0.01
    ) as started:
        assert started.drain()
    back.stop()

    # then it gets everything, in order
    assert received_ids(back) == ids


def test_events_are_held_then_released_one_by_one_or_reversed(
    simulator: StripeSimulator,
    receiver: Receiver,
    client: stripe.StripeClient,
    control: Callable[..., Any],
) -> None:
    # given three events held back
    control("events/hold")
    ids = make_customers(client, 3)
    time.sleep(0.05)
    assert receiver.received == []
    newest = client.v1.events.list().data[0].id

    # when the last is let go, then the others in reverse
    control("events/release", events=[newest])
    assert simulator.drain()
    control("events/release", order="reverse")
    assert simulator.drain()

    # then they came in that order, and later ones are not held
    assert received_ids(receiver) == [ids[2], ids[1], ids[0]]
    later = make_customers(client, 1)
    assert simulator.drain()
    assert received_ids(receiver)[-1:] == later


def test_held_events_are_mixed(
    simulator: StripeSimulator,
    receiver: Receiver,
    client: stripe.StripeClient,
    control: Callable[..., Any],
) -> None:
    control("events/hold")
    ids = make_customers(client, 6)

    control("events/shuffle", seed=1)
    control("events/release")

    assert simulator.drain()
    got = received_ids(receiver)
    assert got != ids
    assert sorted(got) == sorted(ids)


def test_events_are_doubled_and_redelivered(
    simulator: StripeSimulator,
    receiver: Receiver,
    client: stripe.StripeClient,
    control: Callable[..., Any],
) -> None:
    # when events are sent twice, and one is sent again afterwards
    control("events/duplicate", copies=2)
    made = make_customers(client, 1)
    assert simulator.drain()
    event = receiver.events()[0].id
    control("events/redeliver", event=event)
    assert simulator.drain()

    # then it is the same event three times
    assert received_ids(receiver) == made * 3
    assert {one.id for one in receiver.events()} == {event}


def test_an_endpoint_made_by_the_api_has_its_secret_and_its_events(
    simulator: StripeSimulator, client: stripe.StripeClient
) -> None:
    # given an endpoint that wants one type
    other = Receiver()
    endpoint = client.v1.webhook_endpoints.create(
        {"url": other.url, "enabled_events": ["customer.updated"]}
    )

    # when other events happen too
    made = make_customers(client, 1)[0]
    client.v1.customers.update(made, {"name": "B"})
    assert simulator.drain()
    client.v1.webhook_endpoints.delete(endpoint.id)
    other.stop()

    # then it got its own, signed with the secret shown at its creation
    events = [
        stripe.Webhook.construct_event(body, signature, str(endpoint.secret), api_key="sk_test_x")
        for body, signature in other.received
    ]
    assert [one.type for one in events] == ["customer.updated"]


def test_events_older_than_thirty_days_are_forgotten(
    simulator: StripeSimulator, client: stripe.StripeClient, control: Callable[..., Any]
) -> None:
    make_customers(client, 2)
    assert simulator.drain()

    control("clock", advance_seconds=31 * 24 * 3600)
    make_customers(client, 1)

    assert len(client.v1.events.list().data) == 1


def test_control_refuses_what_it_does_not_know(simulator: StripeSimulator) -> None:
    unknown = requests.post(f"{simulator.url}/_simulator/explode", timeout=60)
    wrong = requests.post(
        f"{simulator.url}/_simulator/charges/next", json={"outcome": "x"}, timeout=60
    )

    assert (unknown.status_code, wrong.status_code) == (404, 400)
