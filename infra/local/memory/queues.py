"""SQS in memory, as far as our queues and the pump use it."""

import itertools
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.foundation.clock import Clock
from infra.cloudformation.resources import TRIES_BEFORE_DEAD_LETTER, dead_letter_name
from tests.fakes.aws_calls import asks


@dataclass
class _Waiting:
    """A message of a queue, and how often it was handed out."""

    message_id: str
    entry: dict[str, Any]
    sent_at: datetime
    due_at: datetime
    receives: int = field(default=0)


class MemorySqs:
    """Answers the calls of a boto3 client that ``SqsQueues`` and ``QueuePump`` make.

    A message held back is due by ``clock``, which is moved; one that failed comes back at the next
    look, and after three tries rests in the dead-letter queue.  What is left in the end is for the
    real queues.
    """

    def __init__(self, clock: Clock, prefix: str) -> None:
        self._clock = clock
        self._prefix = prefix
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._queues: dict[str, list[_Waiting]] = defaultdict(list)

    def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803 - boto3's names
        """Give the address of a queue: here, its name."""
        return {"QueueUrl": QueueName}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Take messages."""
        asks("SqsQueues.send", _name(QueueUrl).removeprefix(self._prefix))
        with self._lock:
            now = self._clock.now()
            for entry in Entries:
                due_at = now + timedelta(seconds=entry.get("DelaySeconds", 0))
                message_id = f"memory-{next(self._numbers)}"
                self._queues[_name(QueueUrl)].append(_Waiting(message_id, entry, now, due_at))
        return {"Successful": Entries}

    def receive_message(self, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Hand out the oldest messages that are due."""
        with self._lock:
            now = self._clock.now()
            queue = self._queues[_name(QueueUrl)]
            for spent in [one for one in queue if one.receives >= TRIES_BEFORE_DEAD_LETTER]:
                queue.remove(spent)
                self._queues[dead_letter_name(_name(QueueUrl))].append(spent)
            found = [one for one in queue if one.due_at <= now][:MaxNumberOfMessages]
            for one in found:
                one.receives += 1
            return {"Messages": [_received(one) for one in found]}

    def delete_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> None:  # noqa: N803
        """Forget messages that were handled."""
        done = {entry["ReceiptHandle"] for entry in Entries}
        with self._lock:
            name = _name(QueueUrl)
            kept = [one for one in self._queues[name] if one.message_id not in done]
            self._queues[name] = kept

    def left(self) -> list[tuple[str, dict[str, Any]]]:
        """Give what nobody handled: the queue of each message, and the message as it was sent."""
        with self._lock:
            return [(name, one.entry) for name, queue in self._queues.items() for one in queue]


def _name(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def _received(one: _Waiting) -> dict[str, Any]:
    sent = str(int(one.sent_at.timestamp() * 1000))
    attributes = {"ApproximateReceiveCount": str(one.receives), "SentTimestamp": sent}
    if "MessageGroupId" in one.entry:
        attributes["MessageGroupId"] = one.entry["MessageGroupId"]
    return {
        "MessageId": one.message_id,
        "ReceiptHandle": one.message_id,
        "Body": one.entry["MessageBody"],
        "MD5OfBody": "",
        "Attributes": attributes,
        "MessageAttributes": one.entry.get("MessageAttributes", {}),
    }
