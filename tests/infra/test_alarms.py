"""Whatever can fail has its alarm, and every alarm its runbook."""

import json
import re
from pathlib import Path

from chalicelib.foundation.measures import Measure
from chalicelib.foundation.messages import Queue
from infra import watching
from infra.alarms import Alarm, all_alarms
from infra.cloudformation.functions import function_names
from infra.cloudformation.names import function_id

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
    assert all(made[alarm.logical_id]["Properties"]["AlarmActions"] for alarm in alarms())


def test_the_dashboard_shows_every_business_measure() -> None:
    body = watching.resources(FUNCTIONS)["OperationsDashboard"]["Properties"]["DashboardBody"]
    shown = json.dumps(json.loads(body["Fn::Sub"]))
    assert [measure for measure in Measure if f'"{measure.value}"' not in shown] == []
    places = re.findall(r'"x": (\d+), "y": (\d+)', shown)
    assert len(places) == len(set(places)) == shown.count('"type": "metric"')
