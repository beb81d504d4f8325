"""SQS behind the ``Queues`` port."""

import secrets
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError
from chalicelib.foundation.messages import CORRELATION, KEY, Message, Queue

_AT_ONCE, _BYTES_AT_ONCE = 10, 200_000  # of one SendMessageBatch, which takes 256 KB in all


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
        """Hand messages of one queue over, as many to a call as it may hold.

        Raises TemporaryGatewayError when it did not take them all; those it took may come again.
        """
        entries: list[dict[str, Any]] = []
        size = 0
        for message in messages:
            length = len(message.text.encode())
            if len(entries) == _AT_ONCE or size + length > _BYTES_AT_ONCE:
                self._send(message.queue, entries)
                entries, size = [], 0
            entries.append(_entry(str(len(entries)), message))
            size += length
        self._send(messages[0].queue, entries)

    def _send(self, queue: Queue, entries: list[dict[str, Any]]) -> None:
        if not entries:
            return
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


def _entry(number: str, message: Message) -> dict[str, Any]:
    told = {KEY: message.key, CORRELATION: message.correlation}
    entry: dict[str, Any] = {
        "Id": number,
        "MessageBody": message.text,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in told.items()
            if value
        },
    }
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
