"""Batches from SQS: what fails comes back alone, the rest of its batch is done."""

import json
from typing import Any

from chalicelib.foundation.messages import Queue
from chalicelib.queues import HANDLERS, handle_batch
from chalicelib.schedule import SCHEDULE


class Worker:
    """Stands for the notifications service: notes what it is given, fails on demand."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.notifications = self

    def deliver(self, body: dict[str, Any]) -> None:
        if body["key"] == "bad":
            raise KeyError("template")
        self.handled.append(body["key"])


def records(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{n}",
                "receiptHandle": f"r{n}",
                "body": body,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-3:123456789012:mail",
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
            }
            for n, body in enumerate(bodies)
        ]
    }


def test_a_failing_message_returns_alone() -> None:
    worker = Worker()
    event = records('{"key": "one"}', '{"key": "bad"}', "not json", '{"key": "four"}')
    answer = handle_batch(Queue.MAIL, event, worker)  # type: ignore[arg-type]
    assert worker.handled == ["one", "four"]
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["m1", "m2"]


def test_a_batch_that_fails_whole_returns_whole() -> None:
    answer = handle_batch(Queue.MAIL, records('{"key": "bad"}'), Worker())  # type: ignore[arg-type]
    assert json.dumps(answer) == '{"batchItemFailures": [{"itemIdentifier": "m0"}]}'


def test_every_queue_has_its_handler() -> None:
    assert set(HANDLERS) == set(Queue)


def test_schedules_are_written_as_eventbridge_wants_them() -> None:
    assert {job.name: job.expression for job in SCHEDULE}["meter_usage"] == "cron(15 0 * * ? *)"
