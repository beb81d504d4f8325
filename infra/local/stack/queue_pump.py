"""Carries messages from the queues to the workers of app.py: what Lambda's event sources do.

Messages come through real SQS calls, as real Lambda events, and only those that a worker did not
name as failed are deleted: the others come back when their visibility ends, and after three tries
rest in the dead-letter queue.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.foundation.aws import REGION
from chalicelib.foundation.messages import Queue
from chalicelib.foundation.sqs import queue_name
from chalicelib.queues import WORKERS

log = logging.getLogger(__name__)
Worker = Callable[[dict[str, Any], Any], dict[str, Any]]

BATCH = 10
# Everything sent from this process wakes the pump; only messages held back or coming back after a
# failure are found by looking.
LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class LambdaContext:
    """What a Lambda function is told of its call."""

    function_name: str
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:000000000000:function:local"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        """Nobody counts here."""
        return 60_000


class Arrivals:
    """Names the queues into which something was sent."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queues: dict[Queue, None] = {}

    def announce(self, queue: Queue) -> None:
        """Say that a message was sent."""
        with self._changed:
            self._queues[queue] = None
            self._changed.notify_all()

    def take(self) -> Queue | None:
        """Give the queue announced first, and forget it."""
        with self._changed:
            if not self._queues:
                return None
            queue = next(iter(self._queues))
            del self._queues[queue]
            return queue

    def wait(self, seconds: float) -> bool:
        """Wait for an announcement; tell whether there is one."""
        with self._changed:
            return bool(self._queues) or self._changed.wait(seconds)

    def wake(self) -> None:
        """End a waiting."""
        with self._changed:
            self._changed.notify_all()


class QueuePump:
    """A thread that empties the queues as they fill."""

    def __init__(
        self, sqs: Any, prefix: str, workers: dict[Queue, Worker], arrivals: "Arrivals"
    ) -> None:
        self._sqs = sqs
        self._urls = {
            queue: sqs.get_queue_url(QueueName=queue_name(prefix, queue))["QueueUrl"]
            for queue in workers
        }
        self._workers = workers
        self._arrivals = arrivals
        self._draining = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue-pump")

    def start(self) -> None:
        """Start carrying."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch under way."""
        self._stopping.set()
        self._arrivals.wake()
        if self._thread.is_alive():
            self._thread.join()

    def drain(self) -> int:
        """Carry every message that was sent, and those they cause; tell how many."""
        carried = 0
        with self._draining:
            while (queue := self._arrivals.take()) is not None:
                count = self._carry(queue)
                carried += count
                if count:
                    self._arrivals.announce(queue)  # there may be more than a batch
        return carried

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the batch under way end, and no other begin, until the end of a `with` block."""
        with self._draining:
            yield

    def carry_from(self, sqs: Any) -> None:
        """Read the same queues elsewhere from now on; the pump is paused."""
        self._sqs = sqs

    def look(self) -> None:
        """Look into every queue: a message held back, or one that failed, comes unannounced."""
        for queue in self._urls:
            self._arrivals.announce(queue)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.drain()
            except Exception:
                # An emulator that stumbles must not leave the queues unattended for good.
                log.exception("the queues could not be read")
            if not self._arrivals.wait(LOOK_EVERY_SECONDS):
                self.look()

    def _carry(self, queue: Queue) -> int:
        """Hand one batch over and delete what succeeded; tell how many messages it had."""
        if self._stopping.is_set():
            return 0
        url = self._urls[queue]
        messages = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=BATCH,
            WaitTimeSeconds=0,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            return 0
        failed = self._work(queue, [_record(queue, message) for message in messages])
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            self._sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(done)
                ],
            )
        return len(messages)

    def _work(self, queue: Queue, records: list[dict[str, Any]]) -> set[str]:
        """Call the worker as Lambda does; give the ids of the messages that failed."""
        try:
            answer = self._workers[queue]({"Records": records}, LambdaContext(WORKERS[queue].name))
        except Exception:
            # As Lambda: a worker that raises has failed with its whole batch.
            log.exception("%s failed", WORKERS[queue].name)
            return {record["messageId"] for record in records}
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message_id in failed:
            log.error("%s failed on message %s", WORKERS[queue].name, message_id)
        return failed


def _record(queue: Queue, message: dict[str, Any]) -> dict[str, Any]:
    """Write a received message as a record of Lambda's SQS event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {"dataType": value["DataType"], "stringValue": value["StringValue"]}
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:{queue.value}",
        "awsRegion": REGION,
    }
