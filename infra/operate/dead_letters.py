"""Sends dead letters back to their queue, once what made them fail is repaired.

Each is sent before it is removed: should this command die in between, the message is in both
queues, and handlers notice a repeated fact by its natural key.  On a FIFO queue, SQS itself drops
the second copy of a message sent again within five minutes.  At most as many are moved as lie there
at the beginning, so that a message which fails again at once does not go round in circles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.foundation.messages import KEY, Queue
from chalicelib.foundation.sqs import queue_name
from infra.cloudformation.resources import dead_letter_name

_BATCH = 10
_HIDDEN_SECONDS = 60  # while it is moved; it is seen again if this command dies
# SQS answers a short poll from a sample of its servers: empty once does not mean empty.
_EMPTY_ANSWERS = 3


@dataclass(frozen=True)
class DeadLetter:
    """A message that failed three times; ``key`` names its fact, "?" when nobody here sent it."""

    message_id: str
    key: str
    first_sent_ms: int


class Redrive:
    """Moves the dead letters of the queues of one stage."""

    def __init__(self, sqs: Any, prefix: str) -> None:
        self._sqs = sqs
        self._prefix = prefix

    def waiting(self, queue: Queue) -> int:
        """Tell how many dead letters a queue has, about."""
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._dead(queue), AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def move(self, queue: Queue, *, only: str = "") -> Iterator[DeadLetter]:
        """Send dead letters back, those of fact ``only`` if it is given; name each once moved."""
        target = self._sqs.get_queue_url(QueueName=queue_name(self._prefix, queue))["QueueUrl"]
        dead = self._dead(queue)
        for message in self._received(dead, self.waiting(queue)):
            letter = _letter(message)
            if only and letter.key != only:
                continue  # seen again when its visibility ends
            self._sqs.send_message(
                QueueUrl=target,
                MessageBody=message["Body"],
                MessageAttributes=_attributes(message),
                **_order(queue, message),
            )
            self._sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            yield letter

    def _received(self, dead: str, at_most: int) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        empty = 0
        while len(seen) < at_most and empty < _EMPTY_ANSWERS:
            messages = self._sqs.receive_message(
                QueueUrl=dead,
                MaxNumberOfMessages=min(_BATCH, at_most - len(seen)),
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            empty = 0 if messages else empty + 1
            for message in messages:
                seen.add(message["MessageId"])
                yield message

    def _dead(self, queue: Queue) -> str:
        name = dead_letter_name(queue_name(self._prefix, queue))
        url: str = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return url


def _letter(message: dict[str, Any]) -> DeadLetter:
    key = message.get("MessageAttributes", {}).get(KEY, {}).get("StringValue", "?")
    return DeadLetter(message["MessageId"], key, int(message["Attributes"]["SentTimestamp"]))


def _attributes(message: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"DataType": value["DataType"], "StringValue": value["StringValue"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }


def _order(queue: Queue, message: dict[str, Any]) -> dict[str, str]:
    if not queue.is_fifo:
        return {}
    return {
        "MessageGroupId": message["Attributes"]["MessageGroupId"],
        "MessageDeduplicationId": f"redrive-{message['MessageId']}",
    }
