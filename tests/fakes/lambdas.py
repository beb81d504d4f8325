"""The functions of app.py called as Lambda calls them, over the fakes of a world."""

import itertools
from dataclasses import dataclass
from typing import Any

from chalicelib.foundation.messages import CORRELATION, Message, Queue
from chalicelib.queues import WORKERS
from tests.fakes.world import World

_requests = itertools.count(1)


@dataclass(frozen=True)
class Context:
    """What a function is told of its call."""

    aws_request_id: str


class Lambdas:
    """Hands messages and schedules to the functions of app.py."""

    def __init__(self, world: World) -> None:
        import app as application

        self._module = application
        self._world = world
        application.app.services = world.services
        self.failed: list[dict[str, Any]] = []

    def invoke(self, function: str, event: Any = None) -> Any:
        """Call a function; it runs under an id of its own."""
        return getattr(self._module, function)(event or {}, Context(f"request-{next(_requests)}"))

    def pump(self) -> int:
        """Hand every waiting message over, and those they cause; tell how many."""
        carried = 0
        while (message := self._world.adapters.queues.take()) is not None:
            answer = self.invoke(WORKERS[message.queue].name, record_event(message))
            self.failed += answer["batchItemFailures"]
            carried += 1
        return carried


def record_event(message: Message) -> dict[str, Any]:
    """Write a message as Lambda's SQS event."""
    return batch_event(message.queue, message.text, message.correlation)


def batch_event(queue: Queue, body: str, correlation: str = "") -> dict[str, Any]:
    """Write a text as Lambda's SQS event of one record."""
    sent = {CORRELATION: {"dataType": "String", "stringValue": correlation}} if correlation else {}
    return {
        "Records": [
            {
                "messageId": f"message-{next(_requests)}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": sent,
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-west-3:123456789012:{queue.value}",
                "awsRegion": "eu-west-3",
            }
        ]
    }
