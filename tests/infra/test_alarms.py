"""Whatever can fail has its alarm, and every alarm its runbook."""

import json
import re
import shlex
from pathlib import Path

import botocore.session
from botocore import xform_name

from chalicelib.foundation.measures import Measure
from chalicelib.foundation.messages import Queue
from chalicelib.payments.collection.webhook_service import CARD_EVENTS, PAYMENT_EVENTS
from chalicelib.schedule import JOBS
from infra.cloudformation import watching
from infra.cloudformation.alarms import Alarm, all_alarms
from infra.cloudformation.functions import function_names
from infra.cloudformation.names import function_id
from infra.cloudformation.parameters import PARAMETERS
from infra.cloudformation.resources import TABLES
from infra.operate import restore
from infra.operate.commands import arguments, redrive, run_job

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = ROOT / "docs" / "operations.md"
FUNCTIONS = {function_id(name): name for name in function_names()}


def alarms() -> list[Alarm]:
    return all_alarms(FUNCTIONS)


def test_every_alarm_names_a_section_of_the_runbooks() -> None:
    text = RUNBOOKS.read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (.+)$", text, re.M))
    assert {alarm.section for alarm in alarms()} <= sections
    assert all(f"“{alarm.section}”" in alarm.resource["Properties"]["AlarmDescription"]
               for alarm in alarms())  # fmt: skip


def test_every_function_is_watched_for_errors_and_throttles() -> None:
    watched = {
        (dict(alarm.dimensions)["FunctionName"]["Ref"], alarm.metric)
        for alarm in alarms()
        if alarm.namespace == "AWS/Lambda"
    }
    for logical_id in FUNCTIONS:
        assert {(logical_id, "Errors"), (logical_id, "Throttles")} <= watched


def test_every_queue_is_watched_for_its_age_and_its_dead_letters() -> None:
    watched = {
        (dict(alarm.dimensions)["QueueName"]["Fn::Sub"], alarm.metric)
        for alarm in alarms()
        if alarm.namespace == "AWS/SQS"
    }
    for queue in Queue:
        name = queue.value.removesuffix(".fifo")
        end = ".fifo" if queue.is_fifo else ""
        assert (f"omny-${{Stage}}-{queue.value}", "ApproximateAgeOfOldestMessage") in watched
        dead = f"omny-${{Stage}}-{name}-dead{end}"
        assert (dead, "ApproximateNumberOfMessagesVisible") in watched


def test_alarms_have_names_of_their_own_and_tell_somebody() -> None:
    ids = [alarm.logical_id for alarm in alarms()]
    assert len(ids) == len(set(ids))
    made = watching.resources(FUNCTIONS)
    for alarm in alarms():
        told = made[alarm.logical_id]["Properties"]
        assert told["AlarmActions"] == told["OKActions"] == [{"Ref": "AlarmTopic"}]
    subscription = made["AlarmSubscription"]
    assert subscription["Condition"] in watching.conditions()
    assert subscription["Properties"] == {
        "TopicArn": {"Ref": "AlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmEmail"},
    }
    assert "AlarmEmail" in watching.parameters()
    # CloudWatch may publish under the topic's key.
    assert made["AlarmTopic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    (_, used) = made["AlarmKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert used["Principal"] == {"Service": "cloudwatch.amazonaws.com"}


def test_the_dashboard_shows_every_business_measure() -> None:
    body = watching.resources(FUNCTIONS)["OperationsDashboard"]["Properties"]["DashboardBody"]
    shown = json.dumps(json.loads(body["Fn::Sub"]))
    assert [measure for measure in Measure if f'"{measure.value}"' not in shown] == []
    places = re.findall(r'"x": (\d+), "y": (\d+)', shown)
    assert len(places) == len(set(places)) == shown.count('"type": "metric"')


def test_the_runbooks_name_every_event_to_ask_of_stripe_and_every_parameter() -> None:
    text = RUNBOOKS.read_text(encoding="utf-8")
    assert [event for event in CARD_EVENTS | PAYMENT_EVENTS if f"`{event}`" not in text] == []
    assert [name for name in PARAMETERS | watching.parameters() if f"`{name}`" not in text] == []


def test_every_command_of_the_runbooks_exists() -> None:
    text = RUNBOOKS.read_text(encoding="utf-8")
    written = re.findall(r"python -m infra\.operate ([^`\n]+)", text)
    assert len(written) > 5
    for command in written:
        given = arguments(shlex.split(command, comments=True))
        if given.command is redrive:
            assert given.queue in set(Queue)
        elif given.command is run_job:
            assert given.name in JOBS
    for job in re.findall(r"`run-job ([a-z_]+)`", text):
        assert job in JOBS
    restorations = re.findall(r"python -m infra\.operate\.restore ([^`\n]+)", text)
    assert len(restorations) > 3
    for command in restorations:
        assert restore.arguments(shlex.split(command, comments=True)).table in TABLES


def test_every_target_and_every_call_of_aws_in_the_runbooks_exists() -> None:
    text = RUNBOOKS.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    session = botocore.session.get_session()
    calls = set(re.findall(r"\baws ([a-z0-9]+) ([a-z]+-[a-z-]+)", text))
    assert len(calls) > 5
    for service, command in calls:
        operations = session.get_service_model(service).operation_names
        assert command in {xform_name(name, "-") for name in operations}, (service, command)
