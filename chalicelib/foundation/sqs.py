"""SQS behind the ``Queues`` port."""

import json
import secrets
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError
from chalicelib.foundation.messages import CORRELATION, Message, Queue


class SqsQueues:
    """Sends to the queues of one stage, named ``{prefix}{queue}``."""

    def __init__(self, access: AwsAccess, prefix: str) -> None:
        self._access = access
        self._prefix = prefix
        self._urls: dict[Queue, str] = {}

    @cached_property
    def _client(self) -> Any:
        return self._access.client("sqs")

    def send(self, message: Message) -> None:
        """Hand a message over.  Raises TemporaryGatewayError when the queue does not answer."""
        options: dict[str, Any] = {}
        attributes = {}
        if message.correlation:
            attributes = {CORRELATION: {"DataType": "String", "StringValue": message.correlation}}
        if message.queue.is_fifo:
            # Every send counts: consumers notice duplicates by natural keys, whereas SQS would also
            # swallow a deliberate retry within five minutes.
            options = {
                "MessageGroupId": message.group,
                "MessageDeduplicationId": secrets.token_hex(16),
            }
        elif message.delay_seconds:
            options = {"DelaySeconds": message.delay_seconds}
        body = json.dumps({"key": message.key, **message.body})
        try:
            self._client.send_message(
                QueueUrl=self._url(message.queue),
                MessageBody=body,
                MessageAttributes=attributes,
                **options,
            )
        except (ClientError, BotoCoreError) as fault:
            raise TemporaryGatewayError(f"queue {message.queue}: {fault}") from fault

    def _url(self, queue: Queue) -> str:
        if queue not in self._urls:
            name = queue_name(self._prefix, queue)
            self._urls[queue] = self._client.get_queue_url(QueueName=name)["QueueUrl"]
        return self._urls[queue]


def queue_name(prefix: str, queue: Queue) -> str:
    """Give the name of a queue on AWS."""
    return prefix + queue.value
