"""The tables and queues of a stage: one list for the local stack, the tests and the template."""

from typing import Any

from chalicelib.foundation.messages import Queue
from chalicelib.foundation.records import TABLE_SHAPE
from chalicelib.foundation.sqs import queue_name

# One table per domain, all of one shape (docs/data-model.md says what each holds).
TABLES = (
    "accounts",
    "billing",
    "catalogue",
    "desktops",
    "equipment",
    "journal",
    "legal",
    "metering",
    "notifications",
    "orders",
    "outbox",
    "payments",
)
_UNLISTED = {"outbox", "notifications"}
TRIES_BEFORE_DEAD_LETTER = 3
VISIBILITY_SECONDS = 60


def table_definition(prefix: str, table: str) -> dict[str, Any]:
    """Give CreateTable's parameters of a table."""
    definition = {"TableName": prefix + table, "BillingMode": "PAY_PER_REQUEST", **TABLE_SHAPE}
    if table in _UNLISTED:
        keys = ("pk", "sk")
        del definition["GlobalSecondaryIndexes"]
        definition["AttributeDefinitions"] = [
            one for one in TABLE_SHAPE["AttributeDefinitions"] if one["AttributeName"] in keys
        ]
    return definition


def queue_definitions(prefix: str) -> list[tuple[str, dict[str, str]]]:
    """Give the name and attributes of each queue (its dead-letter queue is ``{name}-dead``)."""
    definitions = []
    for queue in Queue:
        attributes = {"VisibilityTimeout": str(VISIBILITY_SECONDS)}
        if queue.is_fifo:
            attributes["FifoQueue"] = "true"
        definitions.append((queue_name(prefix, queue), attributes))
    return definitions


def dead_letter_name(name: str) -> str:
    """Give the name of a queue's dead-letter queue."""
    return name.removesuffix(".fifo") + "-dead" + (".fifo" if name.endswith(".fifo") else "")
