"""The tables and queues of a stage: one list for the local stack, the tests and the template."""

from typing import Any

from chalicelib.foundation.messages import Queue
from chalicelib.foundation.records import LISTING_INDEX
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
TRIES_BEFORE_DEAD_LETTER = 3
VISIBILITY_SECONDS = 60


def table_definition(prefix: str, table: str) -> dict[str, Any]:
    """Give CreateTable's parameters of a table."""
    names = ("pk", "sk", "list_key", "list_sort")
    return {
        "TableName": prefix + table,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"}
            for name in (names if table not in {"outbox", "notifications"} else names[:2])
        ],
        "KeySchema": _keys("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
        **({} if table in {"outbox", "notifications"} else {"GlobalSecondaryIndexes": [_LISTING]}),
    }


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


_LISTING = {
    "IndexName": LISTING_INDEX,
    "KeySchema": _keys("list_key", "list_sort"),
    "Projection": {"ProjectionType": "ALL"},
}


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
