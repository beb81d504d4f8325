"""EventBridge Scheduler, in Europe/Paris, for every job; EC2's notices for those they serve."""

from chalicelib.foundation.civil_time import PARIS
from chalicelib.schedule import SCHEDULE
from infra.cloudformation.functions import DESKTOP_EVENTS, function_names
from infra.cloudformation.keys import DATA_KEY
from infra.cloudformation.messaging import FAILED_EVENTS
from infra.cloudformation.names import (
    PREFIX,
    Resource,
    Resources,
    arn,
    assumed_by,
    function_id,
    get,
    logical_id,
    named,
    policy,
    ref,
    statement,
)

GROUP, ROLE = "JobSchedules", "SchedulerRole"
_RETRIES = 3
_AN_HOUR = 3600


def schedules() -> Resources:
    """Give a schedule per job, the role that wakes them, and the rule on machines' states."""
    resources: Resources = {
        GROUP: {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": named("jobs")}},
        ROLE: _role(),
    }
    for job in SCHEDULE:
        function = job.name.replace("_", "-")
        resources[f"{logical_id(function)}Schedule"] = {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Name": named(function),
                "GroupName": ref(GROUP),
                "ScheduleExpression": job.expression,
                "ScheduleExpressionTimezone": PARIS.key,
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "KmsKeyArn": get(DATA_KEY),
                "State": "ENABLED",
                "Target": {
                    "Arn": get(function_id(function)),
                    "RoleArn": get(ROLE),
                    "RetryPolicy": {
                        "MaximumRetryAttempts": _RETRIES,
                        "MaximumEventAgeInSeconds": _AN_HOUR,
                    },
                    "DeadLetterConfig": {"Arn": get(FAILED_EVENTS)},
                },
            },
        }
    if DESKTOP_EVENTS in function_names():
        resources |= _machine_events()
    return resources


def _role() -> Resource:
    woken = [arn("lambda", f"function:{PREFIX}{job.name.replace('_', '-')}") for job in SCHEDULE]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": assumed_by(
                "scheduler", {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
            ),
            "Policies": [
                {
                    "PolicyName": "wake-jobs",
                    "PolicyDocument": policy(
                        statement(["lambda:InvokeFunction"], woken),
                        statement(["sqs:SendMessage"], get(FAILED_EVENTS)),
                        statement(["kms:Decrypt", "kms:GenerateDataKey"], get(DATA_KEY)),
                    ),
                }
            ],
        },
    }


def _machine_events() -> Resources:
    rule = "MachineEvents"
    return {
        rule: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": named("machine-states"),
                "EventPattern": {
                    "source": ["aws.ec2"],
                    "detail-type": ["EC2 Instance State-change Notification"],
                },
                "Targets": [
                    {
                        "Id": DESKTOP_EVENTS,
                        "Arn": get(function_id(DESKTOP_EVENTS)),
                        "RetryPolicy": {
                            "MaximumRetryAttempts": _RETRIES,
                            "MaximumEventAgeInSeconds": _AN_HOUR,
                        },
                        "DeadLetterConfig": {"Arn": get(FAILED_EVENTS)},
                    }
                ],
            },
        },
        f"{rule}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": ref(function_id(DESKTOP_EVENTS)),
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": get(rule),
            },
        },
        f"{rule}ToDeadLetters": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [ref(FAILED_EVENTS)],
                "PolicyDocument": policy(
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": get(FAILED_EVENTS),
                        "Condition": {"ArnEquals": {"aws:SourceArn": get(rule)}},
                    }
                ),
            },
        },
    }
