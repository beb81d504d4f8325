"""What the template holds to watch a stage: alarms, whom they tell, the dashboard."""

import json
from typing import Any

from chalicelib.foundation.aws import REGION
from chalicelib.foundation.emf import NAMESPACE
from chalicelib.foundation.measures import Measure
from chalicelib.foundation.messages import Queue
from infra.cloudformation.alarms import all_alarms
from infra.cloudformation.resources import dead_letter_name

_WIDTH, _HEIGHT = 12, 6
_ACCOUNT = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
_EUROS = ("AmountInvoiced", "AmountCredited", "AmountCollected", "AmountRefunded")


def parameters() -> dict[str, Any]:
    """Give the template's parameters about watching."""
    return {
        "AlarmEmail": {
            "Type": "String",
            "Default": "",
            "Description": "Address told of alarms; empty: subscribe to the topic later.",
        }
    }


def conditions() -> dict[str, Any]:
    """Give the template's conditions about watching."""
    return {"HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}}


def resources(functions: dict[str, str]) -> dict[str, Any]:
    """Give the template's resources about watching; ``functions``: names by logical id."""
    return {
        **_topic(),
        **{alarm.logical_id: alarm.resource for alarm in all_alarms(functions)},
        "OperationsDashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": {"Fn::Sub": "omny-${Stage}"},
                "DashboardBody": {"Fn::Sub": json.dumps(_dashboard(functions), indent=1)},
            },
        },
    }


def _topic() -> dict[str, Any]:
    """Make the topic, encrypted with a key that CloudWatch may use."""
    return {
        "AlarmKey": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "Description": {"Fn::Sub": "Alarms of the stage ${Stage}"},
                "EnableKeyRotation": True,
                "KeyPolicy": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Account",
                            "Effect": "Allow",
                            "Principal": {"AWS": {"Fn::Sub": _ACCOUNT}},
                            "Action": "kms:*",
                            "Resource": "*",
                        },
                        {
                            "Sid": "CloudWatch",
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
                            },
                        },
                    ],
                },
            },
        },
        "AlarmTopic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": {"Fn::Sub": "omny-${Stage}-alarms"},
                "KmsMasterKeyId": {"Ref": "AlarmKey"},
            },
        },
        "AlarmSubscription": {
            "Type": "AWS::SNS::Subscription",
            "Condition": "HasAlarmEmail",
            "Properties": {
                "TopicArn": {"Ref": "AlarmTopic"},
                "Protocol": "email",
                "Endpoint": {"Ref": "AlarmEmail"},
            },
        },
    }


def _dashboard(functions: dict[str, str]) -> dict[str, Any]:
    """Draw the business first, then what serves it."""
    widgets = [
        _graph(
            "Desktops",
            [_business(Measure.DESKTOPS_RUNNING), _business(Measure.DESKTOPS_RENTED)],
            statistic="Maximum",
            period=900,
        ),
        _graph("Money (€)", [_business(measure) for measure in Measure if measure in _EUROS]),
        _graph(
            "Counts",
            [
                _business(measure)
                for measure in (
                    Measure.ACCOUNTS_OPENED,
                    Measure.ORDERS_VALIDATED,
                    Measure.DAYS_METERED,
                    Measure.INVOICES_ISSUED,
                )
            ],
        ),
        _graph(
            "What failed",
            [
                _business(Measure.FAILURES),
                _business(Measure.PAYMENTS_DECLINED),
                _business(Measure.PAYMENT_DIFFERENCES),
            ],
            period=300,
        ),
        _graph("Errors of functions", [_of_function("Errors", each) for each in functions]),
        _graph(
            "Duration of functions (ms)",
            [_of_function("Duration", each) for each in functions],
            statistic="p95",
            period=300,
        ),
        _graph(
            "Oldest message (s)",
            [_of_queue("ApproximateAgeOfOldestMessage", queue.value) for queue in Queue],
            statistic="Maximum",
            period=300,
        ),
        _graph(
            "Dead letters",
            [
                _of_queue("ApproximateNumberOfMessagesVisible", dead_letter_name(queue.value))
                for queue in Queue
            ],
            statistic="Maximum",
            period=300,
        ),
    ]
    for number, widget in enumerate(widgets):
        widget |= {
            "x": _WIDTH * (number % 2),
            "y": _HEIGHT * (number // 2),
            "width": _WIDTH,
            "height": _HEIGHT,
        }
    return {"widgets": widgets}


def _graph(
    title: str, metrics: list[list[str]], *, statistic: str = "Sum", period: int = 3600
) -> dict[str, Any]:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "metrics": metrics,
            "stat": statistic,
            "period": period,
            "region": REGION,
            "view": "timeSeries",
        },
    }


def _business(measure: Measure) -> list[str]:
    return [NAMESPACE, measure.value, "stage", "${Stage}"]


def _of_function(metric: str, logical_id: str) -> list[str]:
    return ["AWS/Lambda", metric, "FunctionName", f"${{{logical_id}}}"]


def _of_queue(metric: str, name: str) -> list[str]:
    return ["AWS/SQS", metric, "QueueName", f"omny-${{Stage}}-{name}"]
