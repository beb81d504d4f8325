"""What each function gets beyond Chalice's part: name, environment, log group, failures."""

import sys

from chalicelib.foundation.messages import Queue
from chalicelib.queues import WORKERS
from infra.cloudformation.names import (
    API_FUNCTION,
    DOCUMENTS_BUCKET,
    EXCHANGE_BUCKET,
    PREFIX,
    Resource,
    Resources,
    function_id,
    get,
    named,
    ref,
    sub,
)
from infra.cloudformation.parameters import CONSOLE_URL

TIMEOUT_SECONDS = 60
API_TIMEOUT_SECONDS = 29  # API Gateway gives up then
JOB_TIMEOUT_SECONDS = 900
MEMORY_MB = 1024
KEPT_DAYS = 365  # logs of connections and failures, twelve months
ARCHITECTURE = "x86_64"
DESKTOP_EVENTS = "desktop-events"


def function_names() -> list[str]:
    """Name every Lambda function of app.py, the API's first."""
    import app as application

    return [API_FUNCTION, *(each.name for each in application.app.pure_lambda_functions)]


def worker_of(queue: Queue) -> str:
    """Name the function that handles a queue's messages."""
    return WORKERS[queue].name.replace("_", "-")


def is_asynchronous(name: str) -> bool:
    """Tell whether a function is called by a schedule or an event, and nobody waits for it."""
    from chalicelib.schedule import SCHEDULE

    jobs = {job.name.replace("_", "-") for job in SCHEDULE}
    return name in jobs or name == DESKTOP_EVENTS


def environment() -> Resource:
    """Give the plain settings; secrets are never here."""
    return {
        "STAGE": ref("Stage"),
        "CONSOLE_URL": CONSOLE_URL,
        "DOCUMENTS_BUCKET": ref(DOCUMENTS_BUCKET),
        "EXCHANGE_BUCKET": ref(EXCHANGE_BUCKET),
        "KMS_KEY_ID": get("AccessCodesKey"),
        "SIGNING_KEY_ID": get("SigningKey"),
        "MAIL_FROM": ref("MailFrom"),
        "DESKTOP_SUBNETS": sub("${DesktopSubnetA},${DesktopSubnetB}"),
        "DESKTOP_SECURITY_GROUP": ref("DesktopNormalGroup"),
        "DESKTOP_INSTANCE_PROFILE": ref("DesktopInstanceProfile"),
        # A machine may read the secret that bears its ARN (network.py).
        "MACHINE_ARNS": sub("arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/"),
        "WORKSPACES_DIRECTORY": ref("WorkspacesDirectory"),
        "POWERTOOLS_SERVICE_NAME": "omny-console",
    }


def functions(runtime: str | None = None) -> Resources:
    """Give the parts to merge into Chalice's functions, and their log groups."""
    version = runtime or f"python{sys.version_info.major}.{sys.version_info.minor}"
    resources: Resources = {}
    for name in function_names():
        resources[function_id(name)] = _function(name, version)
        resources[f"{function_id(name)}Logs"] = log_group(f"/aws/lambda/{PREFIX}{name}")
    return resources


def log_group(name: str) -> Resource:
    """Give a log group kept twelve months, and beyond the stack's life."""
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": sub(name),
            "RetentionInDays": KEPT_DAYS,
            "KmsKeyId": get("DataKey"),
        },
    }


def _function(name: str, runtime: str) -> Resource:
    timeout = TIMEOUT_SECONDS
    if is_asynchronous(name):
        timeout = JOB_TIMEOUT_SECONDS
    elif name == API_FUNCTION:
        timeout = API_TIMEOUT_SECONDS
    return {
        "DependsOn": [f"{function_id(name)}Logs"],  # else Lambda makes one that is kept for ever
        "Properties": {
            "FunctionName": named(name),
            "Runtime": runtime,
            "Architectures": [ARCHITECTURE],
            "Timeout": timeout,
            "MemorySize": MEMORY_MB,
            "Tracing": "PassThrough",
            "Environment": {"Variables": environment()},
            **_concurrency(name),
            **(_ASYNCHRONOUS if is_asynchronous(name) else {}),
        },
    }


# Scheduler and EventBridge hand over and go: what then fails Lambda tries twice more, and keeps.
_ASYNCHRONOUS: Resource = {
    "DeadLetterQueue": {"Type": "SQS", "TargetArn": get("FailedEvents")},
    "EventInvokeConfig": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
}


def _concurrency(name: str) -> Resource:
    """Keep those apart that must not meet, or must not take everybody's place."""
    issuing = name == worker_of(Queue.ISSUE)
    return {"ReservedConcurrentExecutions": 2} if issuing else {}
