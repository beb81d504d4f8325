"""What is looked at on a deployed stage, beside the story: routes, permissions, dead letters, logs.

An empty API can report success, and so can a role that allows everything: each is asked.
"""

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import requests

from chalicelib.console.framework.access import PUBLIC
from chalicelib.console.routes import ROUTES
from chalicelib.foundation.messages import Queue
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName
from infra.rehearsal.checks import require
from infra.rehearsal.cloud import STAGE, Cloud
from infra.rehearsal.deployment import Stack

_NOT_FOUND, _FAILURE = 404, 500
_PATIENCE_SECONDS = 120
_TRIES = 3
# Run with the role of the worker that sends mails.
_PROBE = """
import boto3
def handler(event, context):
    told = {}
    for name, service, call, given in event["calls"]:
        client = boto3.client(service, region_name="eu-west-3")
        try:
            getattr(client, call)(**given)
            told[name] = "allowed"
        except Exception as refused:
            answer = getattr(refused, "response", {"Error": {"Code": repr(refused)}})
            told[name] = answer["Error"]["Code"]
    return told
"""


class Inspection:
    """Looks at a deployed stage."""

    def __init__(self, cloud: Cloud, stack: Stack, gateway: str, code: Path) -> None:
        """``code`` is the package: what a probe imports."""
        self._cloud = cloud
        self._stack = stack
        self._gateway = gateway
        self._code = code

    def routes(self) -> str:
        """Compare the API's routes with the table, and visit those that are open to all."""
        api = self._cloud.client("apigateway")
        pages = api.get_paginator("get_resources").paginate(
            restApiId=self._stack.api, embed=["methods"]
        )
        deployed = {
            (method, resource["path"])
            for page in pages
            for resource in page["items"]
            for method in resource.get("resourceMethods", {})
            if method != "OPTIONS"
        }
        declared = {(route.method, route.path) for route in ROUTES}
        differences = sorted(declared ^ deployed)
        require(not differences, f"the API and the table of routes differ: {differences}")
        for route in ROUTES:
            if route.method == "GET" and route.access == PUBLIC and "{" not in route.path:
                answer = requests.get(self._gateway + route.path, timeout=60, allow_redirects=False)
                require(answer.status_code < _FAILURE, f"{route.path}: {answer.text[:500]}")
                require("Missing Authentication" not in answer.text, route.path)
        return f"{len(deployed)} routes as declared"

    def unknown_page(self) -> str:
        """Visit an address that is nowhere: our page, with our headers."""
        answer = requests.get(f"{self._gateway}/nowhere", timeout=60)
        require(answer.status_code == _NOT_FOUND, f"/nowhere answers {answer.status_code}")
        require("text/html" in answer.headers["Content-Type"], answer.headers)
        require("Content-Security-Policy" in answer.headers, answer.headers)
        return "an unknown address answers our page, 404"

    def permissions(self) -> str:
        """Call, with the role of the worker that sends mails, what it may and may not."""
        functions = self._cloud.client("lambda")
        worker = functions.get_function_configuration(FunctionName=_named("mail-worker"))
        functions.create_function(
            FunctionName="rehearsal-probe",
            Runtime=worker["Runtime"],
            Role=worker["Role"],
            Handler="probe.handler",
            Code={"ZipFile": _with("probe.py", _PROBE, self._code)},
            Timeout=60,
        )
        wanted, calls = _calls_of_the_mail_worker()
        answer = functions.invoke(
            FunctionName="rehearsal-probe", Payload=json.dumps({"calls": calls})
        )
        told = json.loads(answer["Payload"].read())
        functions.delete_function(FunctionName="rehearsal-probe")
        for name, verdict in wanted.items():
            require(verdict in str(told.get(name)), f"{name}: {told}")
        return f"{len(wanted)} calls allowed or refused by the role of mail-worker"

    def _sent_already(self) -> str:
        return mail(MailName.RECEIPT, "nom@exemple.example", "fr", {}, key=self._sent_key()).text

    def dead_letters(self) -> str:
        """Send a message that nobody can read with good ones: it alone rests, after three tries."""
        sqs = self._cloud.client("sqs")
        url = sqs.get_queue_url(QueueName=f"omny-{STAGE}-{Queue.MAIL.value}")["QueueUrl"]
        dead = sqs.get_queue_url(QueueName=f"omny-{STAGE}-mail-dead")["QueueUrl"]
        usual = _attribute(sqs, url, "VisibilityTimeout")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "2"})
        sqs.send_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": "0", "MessageBody": "not json"},
                # Sent already, as far as the worker is concerned: it has nothing left to do.
                *[{"Id": str(n), "MessageBody": self._sent_already()} for n in (1, 2)],
            ],
        )
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while _attribute(sqs, dead, "ApproximateNumberOfMessages") != "1":
            require(time.monotonic() < deadline, "the malformed message does not come to rest")
            time.sleep(1)
        require(_attribute(sqs, url, "ApproximateNumberOfMessages") == "0", "a good one waits")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": usual})
        return f"a malformed message rests after {_TRIES} tries, the others went on"

    def _sent_key(self) -> str:
        """Give the key of a mail that went out."""
        found = self._cloud.client("dynamodb").scan(TableName=f"omny-{STAGE}-notifications")
        keys = [item["pk"]["S"] for item in found["Items"] if item["pk"]["S"].startswith("MAIL#")]
        return str(keys[0].removeprefix("MAIL#"))

    def alarm(self, email: str) -> str:
        """Set an alarm off: the topic that ``email`` is subscribed to hears of it."""
        watch, sns = self._cloud.client("cloudwatch"), self._cloud.client("sns")
        name = _named("MailWorkerErrors")
        (alarm,) = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        (topic,) = alarm["AlarmActions"]
        told = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        require(("email", email) in {(each["Protocol"], each["Endpoint"]) for each in told}, told)
        # ministack sends no mail of SNS: a queue hears the same as the mailbox.
        sqs = self._cloud.client("sqs")
        url = sqs.create_queue(QueueName="rehearsal-alarms")["QueueUrl"]
        arn = _attribute(sqs, url, "QueueArn")
        heard_by = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [heard_by]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="rehearsed")
        heard = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", [])
        require("A function fails" in str(heard), f"the alarm is not heard: {heard}")
        sqs.delete_queue(QueueUrl=url)
        return "an alarm reaches its topic and names its runbook"

    def schedule(self) -> str:
        """See that a schedule woke its function by itself, with the scheduler's role."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not any("START" in line for line in self._lines("relay-outbox")):
            require(time.monotonic() < deadline, "the schedule of relay-outbox wakes nothing")
            time.sleep(2)
        return "the schedule of relay-outbox woke its function"

    def logs(self, personal: tuple[str, ...], expected: str) -> str:
        """Read every function's log: no error but the one expected, and nothing personal."""
        count = 0
        for group in self._cloud.client("logs").describe_log_groups()["logGroups"]:
            for line in self._events(group["logGroupName"]):
                count += 1
                is_error = '"level":"ERROR"' in line and expected not in line
                require(not is_error, f"{group['logGroupName']}: {line}")
                found = [word for word in personal if word in line]
                require(not found, f"{group['logGroupName']} holds {found}: {line}")
        require(count > 0, "there is no log")
        return f"{count} lines of log without errors, without personal data"

    def errors(self) -> list[str]:
        """Give the errors of every function's log."""
        groups = self._cloud.client("logs").describe_log_groups()["logGroups"]
        return [
            f"{group['logGroupName']}: {line}"
            for group in groups
            for line in self._events(group["logGroupName"])
            if '"level":"ERROR"' in line or "Task timed out" in line
        ]

    def _lines(self, function: str) -> list[str]:
        return self._events(f"/aws/lambda/omny-{STAGE}-{function}")

    def _events(self, group: str) -> list[str]:
        reading = self._cloud.client("logs").get_paginator("filter_log_events")
        pages = reading.paginate(logGroupName=group)
        return [str(event["message"]) for page in pages for event in page["events"]]


def _calls_of_the_mail_worker() -> tuple[dict[str, str], list[tuple[str, str, str, Any]]]:
    """Give what each call must answer, and the calls."""
    key = {"pk": {"S": "x"}, "sk": {"S": "x"}}
    own, journal = {"TableName": _named("notifications")}, {"TableName": _named("journal")}
    accounts = {"TableName": _named("accounts")}
    queue = {"QueueName": _named("issue.fifo")}
    secret = {"Name": f"/omny/{STAGE}/desktops/x"}
    asked = [
        ("allowed", "read its table", "dynamodb", "get_item", {"Key": key, **own}),
        ("allowed", "write its table", "dynamodb", "put_item", {"Item": key, **own}),
        ("AccessDenied", "read accounts", "dynamodb", "get_item", {"Key": key, **accounts}),
        ("AccessDenied", "remove evidence", "dynamodb", "delete_item", {"Key": key, **journal}),
        ("AccessDenied", "read a desktop's secret", "ssm", "get_parameter", secret),
        ("AccessDenied", "find a queue", "sqs", "get_queue_url", queue),
    ]
    verdicts = {name: verdict for verdict, name, *_ in asked}
    return verdicts, [(name, service, call, given) for _, name, service, call, given in asked]


def _named(name: str) -> str:
    return f"omny-{STAGE}-{name}"


def _attribute(sqs: Any, url: str, name: str) -> str:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return str(found["Attributes"][name])


def _with(name: str, text: str, code: Path) -> bytes:
    """Add a module to a zip."""
    content = io.BytesIO(code.read_bytes())
    with zipfile.ZipFile(content, "a") as written:
        written.writestr(name, text)
    return content.getvalue()
