"""The pump: what a worker fails on comes back alone, and rests in the dead-letter queue at last."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.sqs import SqsQueues, queue_name
from infra.cloudformation.resources import TRIES_BEFORE_DEAD_LETTER, dead_letter_name
from infra.local.outside.provisioning import PREFIX, local_access, provision
from infra.local.programs.processes import Ministack, free_port
from infra.local.stack.queue_pump import Arrivals, QueuePump


@pytest.fixture(scope="module")
def ministack() -> Iterator[Ministack]:
    with Ministack(free_port()) as running:
        provision(local_access(running.url, ""))
        yield running


@pytest.mark.parametrize("queue", [Queue.MAIL, Queue.ISSUE])
def test_a_failed_message_comes_back_then_rests(ministack: Ministack, queue: Queue) -> None:
    # Given a worker that fails on one message of two
    access = local_access(ministack.url, "")
    sqs = access.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_name(PREFIX, queue))["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    seen: list[str] = []

    def worker(event: dict[str, Any], context: Any) -> dict[str, Any]:
        seen.extend(record["body"] for record in event["Records"])
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]}
                for record in event["Records"]
                if "bad" in record["body"]
            ]
        }

    pump = QueuePump(sqs, PREFIX, {queue: worker}, Arrivals())
    for key in ("good", "bad"):
        SqsQueues(access, PREFIX).send(Message(queue, key, f'{{"n": "{key}"}}', group=key))
    # When the queue is emptied
    pump.look()
    pump.drain()
    # Then the good one was handed over once, the bad one as often as is allowed
    assert sum("good" in body for body in seen) == 1
    assert sum("bad" in body for body in seen) == TRIES_BEFORE_DEAD_LETTER
    # and rests where an operator finds it
    dead = dead_letter_name(queue_name(PREFIX, queue))
    resting = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName=dead)["QueueUrl"])
    assert ["bad" in message["Body"] for message in resting["Messages"]] == [True]


def test_provisioning_again_changes_nothing(ministack: Ministack) -> None:
    # Given everything made
    access = local_access(ministack.url, "")
    ssm = access.client("ssm")
    name = "/omny/local/console/session_key"
    key = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    # When it is made again, as at each start
    provision(access)
    # Then the secrets drawn at the first start are the same
    assert ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == key
