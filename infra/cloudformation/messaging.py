"""Queues with their dead-letter queues, and what Lambda carries from them."""

from chalicelib.foundation.messages import Queue
from infra.cloudformation.functions import TIMEOUT_SECONDS, worker_of
from infra.cloudformation.keys import DATA_KEY
from infra.cloudformation.names import (
    PREFIX,
    Resource,
    Resources,
    dead_name,
    dead_queue_id,
    function_id,
    get,
    named,
    queue_id,
    ref,
    role_id,
)
from infra.cloudformation.resources import TRIES_BEFORE_DEAD_LETTER, queue_definitions

FAILED_EVENTS = "FailedEvents"
_DAYS_KEPT = 14
_KEPT_SECONDS = _DAYS_KEPT * 24 * 3600
# AWS asks for six times the function's time-out, so that throttling does not use up the tries.
VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS
_BATCH = 10
# Between charging again and again what a colleague does, and waiting for one invoice at a time.
_MOST_WORKERS = {Queue.COLLECTION: 5, Queue.DOCUMENTS: 10, Queue.DESKTOPS: 10, Queue.MAIL: 5}


def messaging() -> Resources:
    """Give every queue, its dead-letter queue and its event source mapping."""
    resources: Resources = {FAILED_EVENTS: _queue({"QueueName": named("failed-events")})}
    definitions = dict(queue_definitions(PREFIX))
    for queue in Queue:
        attributes = definitions[PREFIX + queue.value]
        fifo = {"FifoQueue": True} if attributes.get("FifoQueue") == "true" else {}
        dead = {"QueueName": named(dead_name(queue)), **fifo}
        resources[dead_queue_id(queue)] = _queue(dead)
        resources[queue_id(queue)] = _queue(
            {
                "QueueName": named(queue.value),
                "VisibilityTimeout": VISIBILITY_SECONDS,
                "RedrivePolicy": {
                    "deadLetterTargetArn": get(dead_queue_id(queue)),
                    "maxReceiveCount": TRIES_BEFORE_DEAD_LETTER,
                },
                **fifo,
            }
        )
        resources[f"{queue_id(queue)}Source"] = _source(queue)
    return resources


def _queue(properties: Resource) -> Resource:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "KmsMasterKeyId": ref(DATA_KEY),
            "MessageRetentionPeriod": _KEPT_SECONDS,
            **properties,
        },
    }


def _source(queue: Queue) -> Resource:
    worker = worker_of(queue)
    most = _MOST_WORKERS.get(queue)
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        # The role must be allowed to receive before the mapping is made.
        "DependsOn": [role_id(worker)],
        "Properties": {
            "EventSourceArn": get(queue_id(queue)),
            "FunctionName": ref(function_id(worker)),
            "BatchSize": _BATCH,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            **({"ScalingConfig": {"MaximumConcurrency": most}} if most else {}),
        },
    }
