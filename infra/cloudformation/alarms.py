"""What must wake somebody up, as data; each alarm names its section of docs/operations.md.

The functions, queues and jobs are read from the code that declares them, so that a new one comes
with its alarms.  The business metrics are those of `chalicelib/foundation/measures.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.foundation.emf import NAMESPACE
from chalicelib.foundation.measures import Measure
from chalicelib.foundation.messages import Queue
from infra.cloudformation.resources import dead_letter_name

MINUTE = 60
API_STAGE = "api"
RUNBOOKS = "docs/operations.md"
# Oldest message, in seconds, beyond which a queue does not follow: what waits there is a client.
QUEUE_AGE_SECONDS = 15 * MINUTE


@dataclass(frozen=True)
class Alarm:
    """One thing watched; ``section`` is the title of its runbook."""

    logical_id: str
    says: str
    section: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, Any], ...]
    threshold: float
    statistic: str = "Sum"
    period: int = 5 * MINUTE
    periods: int = 1
    comparison: str = "GreaterThanOrEqualToThreshold"
    missing: str = "notBreaching"

    @property
    def resource(self) -> dict[str, Any]:
        """The CloudFormation resource."""
        return {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": {"Fn::Sub": f"omny-${{Stage}}-{self.logical_id}"},
                "AlarmDescription": f"{self.says} See {RUNBOOKS}, “{self.section}”.",
                "Namespace": self.namespace,
                "MetricName": self.metric,
                "Dimensions": [{"Name": n, "Value": v} for n, v in self.dimensions],
                "Statistic": self.statistic,
                "Period": self.period,
                "EvaluationPeriods": self.periods,
                "Threshold": self.threshold,
                "ComparisonOperator": self.comparison,
                "TreatMissingData": self.missing,
                "AlarmActions": [{"Ref": "AlarmTopic"}],
                "OKActions": [{"Ref": "AlarmTopic"}],
            },
        }


def function_alarms(functions: dict[str, str]) -> Iterator[Alarm]:
    """Watch each function; ``functions`` gives its name by its logical id in the template."""
    for logical_id, name in functions.items():
        dimensions = (("FunctionName", {"Ref": logical_id}),)
        yield Alarm(
            f"{logical_id}Errors",
            f"The function {name} failed.",
            "A function fails",
            "AWS/Lambda",
            "Errors",
            dimensions,
            threshold=1,
        )
        yield Alarm(
            f"{logical_id}Throttles",
            f"Calls of the function {name} were turned away.",
            "A function is throttled",
            "AWS/Lambda",
            "Throttles",
            dimensions,
            threshold=5,
        )


def queue_alarms() -> Iterator[Alarm]:
    """Watch each queue's oldest message, and its dead letters."""
    for queue in Queue:
        title = _title(queue)
        yield Alarm(
            f"{title}QueueAge",
            f"A message of the queue {queue.value} has waited for a quarter of an hour.",
            "A queue does not follow",
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            (("QueueName", _named(queue.value)),),
            threshold=QUEUE_AGE_SECONDS,
            statistic="Maximum",
        )
        yield Alarm(
            f"{title}DeadLetters",
            f"A message of the queue {queue.value} failed three times.",
            "Dead letters",
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            (("QueueName", _named(dead_letter_name(queue.value))),),
            threshold=1,
            statistic="Maximum",
        )
    yield Alarm(
        "FailedEventsDeadLetters",
        "A job could not be woken, or an event of the cloud not handed over.",
        "A schedule does not fire",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        (("QueueName", _named("failed-events")),),
        threshold=1,
        statistic="Maximum",
    )


def business_alarms() -> Iterator[Alarm]:
    """Watch what the business counts, and what must never stop."""
    stage = (("stage", {"Ref": "Stage"}),)
    yield Alarm(
        "Failures",
        "Pages, messages or jobs broke.",
        "Something broke",
        NAMESPACE,
        Measure.FAILURES.value,
        stage,
        threshold=1,
    )
    yield Alarm(
        "PaymentsDeclined",
        "Many cards were declined within an hour.",
        "Many cards are declined",
        NAMESPACE,
        Measure.PAYMENTS_DECLINED.value,
        stage,
        threshold=20,
        period=60 * MINUTE,
    )
    yield Alarm(
        "PaymentDifferences",
        "Stripe's list of payments and ours differ.",
        "Payments differ from Stripe's",
        NAMESPACE,
        Measure.PAYMENT_DIFFERENCES.value,
        stage,
        threshold=1,
    )
    yield Alarm(
        "RelaySilent",
        "The relay of messages has not run for a quarter of an hour.",
        "A schedule does not fire",
        "AWS/Lambda",
        "Invocations",
        (("FunctionName", {"Ref": "RelayOutbox"}),),
        threshold=1,
        period=15 * MINUTE,
        comparison="LessThanThreshold",
        missing="breaching",
    )
    yield Alarm(
        "MeteringSilent",
        "The usage of yesterday was not recorded.",
        "A schedule does not fire",
        "AWS/Lambda",
        "Invocations",
        (("FunctionName", {"Ref": "MeterUsage"}),),
        threshold=1,
        period=24 * 60 * MINUTE,
        comparison="LessThanThreshold",
        missing="breaching",
    )


def api_alarms() -> Iterator[Alarm]:
    """Watch the answers of the API, whatever the functions say of themselves."""
    yield Alarm(
        "ApiErrors",
        "The API answered 5xx.",
        "A function fails",
        "AWS/ApiGateway",
        "5XXError",
        (("ApiName", _named("console")), ("Stage", API_STAGE)),
        threshold=3,
    )


def all_alarms(functions: dict[str, str]) -> list[Alarm]:
    """Give every alarm of a stage."""
    return [
        *function_alarms(functions),
        *queue_alarms(),
        *api_alarms(),
        *business_alarms(),
    ]


def _named(name: str) -> dict[str, str]:
    return {"Fn::Sub": f"omny-${{Stage}}-{name}"}


def _title(queue: Queue) -> str:
    return queue.value.removesuffix(".fifo").title()
