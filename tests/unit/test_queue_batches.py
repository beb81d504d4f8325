"""Batches from SQS: what fails comes back alone, the rest of its batch is done."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.foundation.messages import Queue, Task
from chalicelib.notifications.mails import SendMail, mail
from chalicelib.queues import HANDLERS, WORKERS, handle, handle_batch
from chalicelib.schedule import SCHEDULE


class Worker:
    """Stands for the notifications service: notes what it is given, fails on demand."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.base = self.notifications = self

    def deliver(self, asked: SendMail) -> None:
        if asked.key == "bad":
            raise KeyError("template")
        self.handled.append(asked.key)


def a_mail(key: str) -> str:
    return mail("receipt", "nom@exemple.example", "fr", {}, key=key).text


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
    event = records(a_mail("one"), a_mail("bad"), "not json", a_mail("four"))
    answer = handle_batch(Queue.MAIL, event, worker)  # type: ignore[arg-type]
    assert worker.handled == ["one", "four"]
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["m1", "m2"]


def test_a_batch_that_fails_whole_returns_whole() -> None:
    answer = handle_batch(Queue.MAIL, records(a_mail("bad")), Worker())  # type: ignore[arg-type]
    assert json.dumps(answer) == '{"batchItemFailures": [{"itemIdentifier": "m0"}]}'


def test_every_queue_has_its_worker_and_every_message_its_handler() -> None:
    assert set(WORKERS) == set(Queue) == {task.queue for task in HANDLERS}
    assert set(HANDLERS) == {task for task in tasks_of(Task) if hasattr(task, "queue")}


def tasks_of(kind: type[Task]) -> Iterator[type[Task]]:
    for task in kind.__subclasses__():
        yield task
        yield from tasks_of(task)


@pytest.mark.parametrize(
    ("queue", "text", "why"),
    [
        (Queue.MAIL, '{"type": "SendMoney", "key": "one"}', "SendMoney"),
        (Queue.MAIL, '{"key": "one"}', "type"),
        (Queue.MAIL, '{"type": "SendMail", "key": "one"}', "template"),
        (Queue.MAIL, '{"type": "DrawInvoice", "invoice_id": "inv_1"}', "DrawInvoice in mail"),
        (Queue.DOCUMENTS, '{"type": "DrawInvoice", "invoice_id": 1}', "str"),
    ],
)
def test_a_message_that_nobody_here_sends_is_refused(queue: Queue, text: str, why: str) -> None:
    worker = Worker()
    with pytest.raises(ValueError, match=why):
        handle(queue, text, worker)  # type: ignore[arg-type]
    assert worker.handled == []


def test_schedules_are_written_as_eventbridge_wants_them() -> None:
    assert {job.name: job.expression for job in SCHEDULE}["meter_usage"] == "cron(15 0 * * ? *)"
