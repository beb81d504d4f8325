"""What the log says of a whole story: which request caused what, and nothing of anybody."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.console.framework.invocations import InvocationFailed
from chalicelib.foundation import logs
from chalicelib.foundation.errors import FinalGatewayError
from chalicelib.foundation.measures import Measure
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.tables import Put
from chalicelib.metering.storage import ProgressRecord
from tests.fakes.accounts import PASSWORD, company_form
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import GOOD
from tests.fakes.lambdas import Lambdas, batch_event
from tests.fakes.paying import PayingClient
from tests.fakes.two_clients import two_clients
from tests.fakes.world import World

PERSONAL = (
    "@",  # in an address of a mail, or on the site of one
    ".example",
    "Camille",
    "Morel",
    "Lumen",
    "Vasseur",
    "Exemples",
    "01 99",
    "3319900",
    PASSWORD,
)


class Log:
    """The lines written since the test began."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Write the log as Lambda would, into the memory."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield Log(stream)
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_whole_story_leaves_nothing_personal_in_the_log(
    world: World, browsing: Browsing, log: Log
) -> None:
    # Given two companies from registration to invoice
    both = two_clients(world)
    lambdas = Lambdas(world)
    # and visits of all sorts, wrong ones too
    browsing.post("/sign-in", {"email": both.mine.owner.email, "password": "not it"})
    browsing.post("/sign-up", company_form(siren="123", email="pas une adresse"))
    both.sign_in(browsing, "owner")
    for path in ("/dashboard", "/desktops", "/invoices", "/usage", "/account", "/nowhere"):
        browsing.get(path)
    browsing.get(f"/desktops/{both.other.desktop.id}")
    browsing.get(f"/access/{both.mine.access_token}")
    both.sign_in(browsing, "operator")
    browsing.get(f"/operator/accounts/{both.mine.account.id}")
    # and mails that cannot go out, messages that nobody understands, a job that breaks
    world.mails.down = True
    browsing.post("/forgotten-password", {"email": both.mine.owner.email})
    broken = {"key": "k", "template": "Camille Morel", "to": both.mine.owner.email}
    lambdas.invoke("mail_worker", batch_event(Queue.MAIL, json.dumps(broken)))
    lambdas.invoke("mail_worker", batch_event(Queue.MAIL, f"not json {both.mine.owner.email}"))
    world.adapters.queues.send(Message(Queue.DOCUMENTS, "k", {"invoice_id": "Camille Morel"}))
    lambdas.pump()
    for job in ("meter_usage", "run_invoices", "relay_outbox", "watch_desktops", "retry_charges"):
        lambdas.invoke(job)
    # Then the log tells all of it
    routes = {line["message"] for line in log.lines}
    assert {"POST /sign-in", "GET /access/{token}", "GET /desktops/{desktop_id}"} <= routes
    assert any("exception_name" in line for line in log.lines)
    # and nothing of anybody
    assert both.mine.access_token not in log.text
    assert [word for word in PERSONAL if word in log.text] == []


def test_a_mail_is_joined_to_the_request_that_caused_it(
    world: World, browsing: Browsing, log: Log
) -> None:
    # Given somebody who asks for a page that sends a mail
    PayingClient(world)
    lambdas = Lambdas(world)
    lambdas.pump()
    before = len(world.mails.mails)
    browsing.post("/forgotten-password", {"email": company_form()["email"]})
    asked = next(line for line in log.lines if line["message"] == "POST /forgotten-password")
    # When the mail's worker fails on it once, then sends it
    world.mails.down = True
    (message,) = [each for each in world.adapters.queues.waiting if each.queue is Queue.MAIL]
    lambdas.pump()
    world.mails.down = False
    world.adapters.queues.send(message)
    lambdas.pump()
    # Then the request, the failure and the mail carry one id
    failure = next(line for line in log.lines if "of mail failed" in line["message"])
    (mail,) = world.mails.mails[before:]
    assert asked["correlation_id"]
    assert failure["correlation_id"] == asked["correlation_id"] == str(mail["X-Correlation-Id"])


def test_an_exception_is_told_without_its_words() -> None:
    # Given what a library says of what a client typed, behind an error of ours
    try:
        try:
            int("Camille Morel <camille@courriel.example>")
        except ValueError as fault:
            raise FinalGatewayError("SES: MessageRejected") from fault
    except FinalGatewayError as fault:
        told = logs.told(fault)
    # Then its kind and place are told, our words too, its own are not
    assert "FinalGatewayError: SES: MessageRejected" in told
    assert "ValueError\n" in told
    assert "test_logs.py:" in told
    assert "Camille" not in told


def test_causes_that_go_round_in_a_circle_are_told_once() -> None:
    # Given an exception that is, through another, its own cause
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__cause__ = second, first
    # When it is told, it ends
    assert logs.told(first).splitlines() == [
        "ValueError",
        "while handling",
        "KeyError",
        "while handling",
    ]


def test_what_the_business_counts_is_published(world: World) -> None:
    # Given a company with one desktop, and October over
    client = PayingClient(world)
    client.save_card(GOOD)
    lambdas = Lambdas(world)
    # When the night's and the morning's jobs run, their messages are carried, and Stripe tells
    for job in ("meter_usage", "measure_desktops", "run_invoices"):
        lambdas.invoke(job)
    lambdas.pump()
    client.deliver()
    # Then: 31 days metered; 29.00 × 31 / 31 + 20 % = 34.80 € invoiced and collected; 1 desktop
    total = world.adapters.metrics.total
    assert total(Measure.DAYS_METERED) == 31
    assert total(Measure.INVOICES_ISSUED) == 1
    assert total(Measure.AMOUNT_INVOICED) == pytest.approx(34.80)
    assert total(Measure.AMOUNT_COLLECTED) == pytest.approx(34.80)
    assert (total(Measure.DESKTOPS_RUNNING), total(Measure.DESKTOPS_RENTED)) == (1, 1)
    assert total(Measure.FAILURES) == 0


def test_a_failed_message_and_a_failed_job_are_counted_and_told(world: World, log: Log) -> None:
    lambdas = Lambdas(world)
    # When a message is malformed
    lambdas.invoke("mail_worker", batch_event(Queue.MAIL, "not json"))
    # and a job breaks on a record of which a library says what it holds
    record = ProgressRecord(pk="JOB", sk="METERED", day="Camille Morel")
    world.adapters.tables.commit(Put(record, always=True))
    with pytest.raises(InvocationFailed, match=r"^meter-usage failed: ValueError$") as raised:
        lambdas.invoke("meter_usage")
    # Then both count, the log says which job and where, and Lambda learns nothing of anybody
    assert world.adapters.metrics.total(Measure.FAILURES) == 2
    line = next(line for line in log.lines if line["message"] == "meter-usage failed")
    assert "metering/storage.py:" in line["exception"]
    assert "Camille" not in log.text
    assert raised.value.__suppress_context__
