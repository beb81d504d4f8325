"""SQS behind the ``Queues`` port."""

import json
import secrets
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError
from chalicelib.foundation.messages import CORRELATION, Message, Queue

_AT_ONCE = 10  # of one SendMessageBatch


class SqsQueues:
    """Sends to the queues of one stage, named ``{prefix}{queue}``."""

    def __init__(self, access: AwsAccess, prefix: str) -> None:
        self._access = access
        self._prefix = prefix
        self._urls: dict[Queue, str] = {}

    @cached_property
    def _client(self) -> Any:
        return self._access.client("sqs")

    def send(self, *messages: Message) -> None:
        """Hand messages of one queue over, ten to a call.

        Raises TemporaryGatewayError when it did not take them all; those it took may come again.
        """
        for start in range(0, len(messages), _AT_ONCE):
            self._send(messages[start : start + _AT_ONCE])

    def _send(self, messages: Sequence[Message]) -> None:
        queue = messages[0].queue
        entries = [_entry(number, message) for number, message in enumerate(messages)]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._url(queue), Entries=entries)
        except (ClientError, BotoCoreError) as fault:
            raise TemporaryGatewayError(f"queue {queue}: {fault}") from fault
        if refused := answer.get("Failed"):
            raise TemporaryGatewayError(f"queue {queue}: {refused[0]['Code']}")

    def _url(self, queue: Queue) -> str:
        if queue not in self._urls:
            name = queue_name(self._prefix, queue)
            self._urls[queue] = self._client.get_queue_url(QueueName=name)["QueueUrl"]
        return self._urls[queue]


def _entry(number: int, message: Message) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Id": str(number),
        "MessageBody": json.dumps({"key": message.key, **message.body}),
    }
    if message.correlation:
        carried = {"DataType": "String", "StringValue": message.correlation}
        entry["MessageAttributes"] = {CORRELATION: carried}
    if message.queue.is_fifo:
        # Every send counts: consumers notice duplicates by natural keys, whereas SQS would also
        # swallow a deliberate retry within five minutes.
        entry["MessageGroupId"] = message.group
        entry["MessageDeduplicationId"] = secrets.token_hex(16)
    elif message.delay_seconds:
        entry["DelaySeconds"] = message.delay_seconds
    return entry


def queue_name(prefix: str, queue: Queue) -> str:
    """Give the name of a queue on AWS."""
    return prefix + queue.value
