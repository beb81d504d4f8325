"""The state survives a restart; the clock is given; the program runs alone."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator

ROOT = Path(__file__).parents[2]
CREATION = {"idempotency_key": "customer:1"}


def client_of(simulator_url: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_x", base_addresses={"api": simulator_url})


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    # given a state with a customer, a card, an open page and a moved clock
    state = tmp_path / "deep" / "stripe.json"
    with StripeSimulator(state_file=state) as first:
        client = client_of(first.url)
        customer = client.v1.customers.create({"name": "Atelier Lumen"}, CREATION).id
        client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
        session = client.v1.checkout.sessions.create(
            {"mode": "setup", "currency": "eur", "success_url": "https://console.example/"}
        ).id
        requests.post(
            f"{first.url}/_simulator/clock", json={"advance_seconds": 3600}, timeout=60
        ).raise_for_status()

    # when the simulator starts again, at another address
    with StripeSimulator(state_file=state) as second:
        client = client_of(second.url)

        # then all of it is there, what Stripe hides included
        assert client.v1.customers.create({"name": "Atelier Lumen"}, CREATION).id == customer
        assert len(client.v1.customers.list().data) == 1
        found = client.v1.payment_methods.list({"customer": customer}).data[0]
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.create(
                {
                    "amount": 1000,
                    "currency": "eur",
                    "customer": customer,
                    "payment_method": found.id,
                    "confirm": True,
                    "off_session": True,
                }
            )
        page = str(client.v1.checkout.sessions.retrieve(session).url)
        assert page.startswith(second.url)
        assert requests.get(page, timeout=60).status_code == 200
        shown = requests.get(f"{second.url}/_simulator/state", timeout=60).json()
        assert shown["clock_offset_seconds"] == 3600


def test_the_file_is_whole_after_each_change(tmp_path: Path) -> None:
    state = tmp_path / "stripe.json"
    with StripeSimulator(state_file=state) as started:
        made = client_of(started.url).v1.customers.create({"name": "A"}).id

        written: Any = json.loads(state.read_text(encoding="utf-8"))

        assert list(written["objects"]["customer"]) == [made]
        assert list(tmp_path.iterdir()) == [state]


def test_the_file_says_what_is_in_memory(tmp_path: Path) -> None:
    # given events sent in vain, an answer kept, forgotten and kept anew
    state = tmp_path / "stripe.json"
    nowhere = "http://127.0.0.1:9/webhook"
    with StripeSimulator(state_file=state, webhook_url=nowhere) as started:
        client = client_of(started.url)
        made = [client.v1.customers.create({"name": "A"}, CREATION).id]
        requests.post(f"{started.url}/_simulator/idempotency/forget", timeout=60)
        made.append(client.v1.customers.create({"name": "A"}, CREATION).id)
        event = client.v1.events.list().data[0].id
        requests.post(
            f"{started.url}/_simulator/events/redeliver", json={"event": event}, timeout=60
        )

        # when the file is read
        written: Any = json.loads(state.read_text(encoding="utf-8"))

        # then it has the last of each
        kept = json.loads(written["idempotency"]["customer:1"]["body"])
        assert kept["id"] == made[1]
        assert written["objects"]["event"][event]["pending_webhooks"] == 2
        assert list(written["objects"]["customer"]) == made


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "stripe.json"
    state.write_text('{"version": 0}', encoding="utf-8")

    with pytest.raises(ValueError, match="another version"):
        StripeSimulator(state_file=state)


def test_the_simulator_lives_in_the_time_it_is_given() -> None:
    clock = Clock()
    with StripeSimulator(now=clock) as started:
        client = client_of(started.url)
        first = client.v1.customers.create({"name": "A"}, CREATION)
        assert first.created == int(clock.at.timestamp())

        # A key is kept for a day of that time.
        clock.at += timedelta(hours=25)
        second = client.v1.customers.create({"name": "A"}, CREATION)
        assert second.id != first.id

        # The clock can also be set from outside.
        moved = requests.post(
            f"{started.url}/_simulator/clock", json={"now": "2026-06-01T00:00:00+02:00"}, timeout=60
        ).json()
        assert moved["now"] == "2026-05-31T22:00:00+00:00"


def test_a_taken_port_is_an_error() -> None:
    with StripeSimulator() as started:
        port = int(started.url.rsplit(":", 1)[1])

        with pytest.raises(OSError, match="in use"):
            StripeSimulator(port=port)


def test_what_expires_while_reading_is_written(tmp_path: Path) -> None:
    # given a session that expired since
    clock, state = Clock(), tmp_path / "stripe.json"
    with StripeSimulator(state_file=state, now=clock) as started:
        client = client_of(started.url)
        client.v1.checkout.sessions.create(
            {"mode": "setup", "currency": "eur", "success_url": "https://console.example/"}
        )
        clock.at += timedelta(days=2)

        # when something else is read
        client.v1.customers.list()

        # then the file knows it
        written: Any = json.loads(state.read_text(encoding="utf-8"))
        sessions = written["objects"]["checkout.session"].values()
        assert [one["status"] for one in sessions] == ["expired"]


def test_requests_are_counted_by_endpoint() -> None:
    with StripeSimulator() as started:
        client = client_of(started.url)
        made = client.v1.customers.create({"name": "A"}).id
        client.v1.customers.retrieve(made)
        client.v1.customers.retrieve(made)

        counted = requests.get(f"{started.url}/_simulator/requests", timeout=60).json()

    assert counted == {"GET /v1/customers/{customer}": 2, "POST /v1/customers": 1}


def test_it_runs_as_a_program_until_it_is_asked_to_end(tmp_path: Path) -> None:
    # given the program started by itself
    state = tmp_path / "stripe.json"
    program = subprocess.Popen(
        [sys.executable, "-m", "simulators.stripe", "--state", str(state)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    url = program.stdout.readline().split()[-1]

    # when it is used, then asked to end
    made = client_of(url).v1.customers.create({"name": "A"}).id
    assert requests.get(f"{url}/_simulator/health", timeout=60).json()["status"] == "ok"
    program.send_signal(signal.SIGTERM)

    # then it ends by itself and its state is there
    assert program.wait(timeout=120) == 0
    program.stdout.close()
    assert made in state.read_text(encoding="utf-8")
    assert url.startswith("http://127.0.0.1:")
