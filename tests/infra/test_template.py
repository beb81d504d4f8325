"""The template: every table, queue, job and function with all that goes with it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app as application
from chalicelib.foundation.messages import Queue
from chalicelib.foundation.settings import Secrets, Settings
from chalicelib.schedule import SCHEDULE
from infra.cloudformation.buckets import EXCHANGE_DAYS
from infra.cloudformation.functions import environment, function_names, worker_of
from infra.cloudformation.names import dead_queue_id, function_id, queue_id, role_id, table_id
from infra.cloudformation.network import DCV_PORT
from infra.cloudformation.resources import TABLES
from infra.cloudformation.storage import JOURNAL_FORBIDDEN
from infra.project import ROOT

Template = dict[str, Any]
LONGEST_POLICY = 10_240  # characters, IAM's limit for the inline policies of a role
TEN_YEARS, A_YEAR_OF_DAYS = 10, 365
MOST_RESOURCES, MOST_PARAMETERS, LARGEST_TEMPLATE = 500, 200, 1024 * 1024  # of CloudFormation


def resource(template: Template, logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][logical_id]
    return found


def properties(template: Template, logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = resource(template, logical_id)["Properties"]
    return found


def statements(template: Template, function: str) -> Iterator[dict[str, Any]]:
    for policy in properties(template, role_id(function))["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def job_function(name: str) -> str:
    return name.replace("_", "-")


# --- Tables and documents ------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_a_table_can_neither_be_lost_nor_read_without_our_key(
    template: Template, table: str
) -> None:
    kept = resource(template, table_id(table))
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")
    told = kept["Properties"]
    assert told["DeletionProtectionEnabled"] is True
    assert told["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert told["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}
    assert properties(template, "DataKey")["EnableKeyRotation"] is True


@pytest.mark.contract("EVD-1")
def test_nobody_may_change_or_remove_an_entry_of_the_journal(template: Template) -> None:
    policy = properties(template, "JournalTable")["ResourcePolicy"]["PolicyDocument"]
    (denied,) = policy["Statement"]
    assert (denied["Effect"], denied["Principal"]) == ("Deny", {"AWS": "*"})
    for action in ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"):
        assert f"dynamodb:{action}" in denied["Action"]
    # Nor does any function ask to.
    for function in function_names():
        for statement in statements(template, function):
            if "table/omny-${Stage}-journal" in json.dumps(statement["Resource"]):
                assert not set(statement["Action"]) & set(JOURNAL_FORBIDDEN), function


def test_documents_and_anchors_are_locked_for_ten_years(template: Template) -> None:
    bucket = properties(template, "DocumentsBucket")
    assert bucket["ObjectLockEnabled"] is True
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention["Years"] == TEN_YEARS
    assert retention["Mode"] == {"Fn::If": ["IsProd", "COMPLIANCE", "GOVERNANCE"]}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    (refused,) = properties(template, "DocumentsBucketPolicy")["PolicyDocument"]["Statement"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_is_exchanged_passes_and_is_not_locked(template: Template) -> None:
    bucket = properties(template, "ExchangeBucket")
    assert "ObjectLockEnabled" not in bucket
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", EXCHANGE_DAYS)
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    # No function writes what passes among what is kept, nor the other way round.
    for function in function_names():
        for statement in statements(template, function):
            places = json.dumps(statement["Resource"])
            assert ("ExchangeBucket.Arn" in places) == ("/platform/" in places), function
    environment = properties(template, "APIHandler")["Environment"]["Variables"]
    assert environment["EXCHANGE_BUCKET"] == {"Ref": "ExchangeBucket"}


# --- Queues, jobs, functions ---------------------------------------------------------------------


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_has_its_worker_and_its_dead_letter_queue(template: Template, queue: Queue) -> None:
    told = properties(template, queue_id(queue))
    dead = properties(template, dead_queue_id(queue))
    assert told["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_queue_id(queue), "Arn"]},
        "maxReceiveCount": 3,
    }
    assert told.get("FifoQueue", False) == dead.get("FifoQueue", False) == queue.is_fifo
    source = properties(template, f"{queue_id(queue)}Source")
    worker = function_id(worker_of(queue))
    assert source["FunctionName"] == {"Ref": worker}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # Beneath six times the function's time, a slow batch would come back while it is handled.
    assert told["VisibilityTimeout"] >= 6 * properties(template, worker)["Timeout"]
    received = [
        statement
        for statement in statements(template, worker_of(queue))
        if "sqs:ReceiveMessage" in statement["Action"]
    ]
    assert queue.value in json.dumps(received)


@pytest.mark.parametrize("job", SCHEDULE, ids=lambda job: job.name)
def test_a_job_is_woken_in_paris_time_and_its_failures_are_kept(
    template: Template, job: Any
) -> None:
    function = function_id(job_function(job.name))
    told = properties(template, f"{function}Schedule")
    assert told["ScheduleExpression"] == job.expression
    assert told["ScheduleExpressionTimezone"] == "Europe/Paris"
    assert told["Target"]["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
    assert told["Target"]["RetryPolicy"]["MaximumRetryAttempts"] > 0
    # What the scheduler cannot hand over, and what then fails in the function.
    kept = {"Fn::GetAtt": ["FailedEvents", "Arn"]}
    assert told["Target"]["DeadLetterConfig"] == {"Arn": kept}
    assert properties(template, function)["DeadLetterQueue"]["TargetArn"] == kept
    role = properties(template, "SchedulerRole")["Policies"][0]["PolicyDocument"]
    assert f"function:omny-${{Stage}}-{job_function(job.name)}" in json.dumps(role)


@pytest.mark.parametrize("function", function_names())
def test_a_function_has_a_role_of_its_own_and_logs_kept_a_year(
    template: Template, function: str
) -> None:
    told = properties(template, function_id(function))
    assert told["Role"] == {"Fn::GetAtt": [role_id(function), "Arn"]}
    logs = properties(template, f"{function_id(function)}Logs")
    assert logs["RetentionInDays"] == A_YEAR_OF_DAYS
    assert logs["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/omny-${{Stage}}-{function}"}
    assert told["FunctionName"] == {"Fn::Sub": f"omny-${{Stage}}-{function}"}


def test_every_function_of_the_application_is_in_the_template(template: Template) -> None:
    functions = {
        logical_id
        for logical_id, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    assert functions == {function_id(name) for name in function_names()}


@pytest.mark.parametrize("function", function_names())
def test_a_policy_names_its_actions_and_its_resources(template: Template, function: str) -> None:
    size = 0
    for statement in statements(template, function):
        size += len(json.dumps(statement))
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action]
        if statement["Resource"] == "*":
            # EC2 and WorkSpaces know no resource for what only looks.
            assert all(":Describe" in action for action in statement["Action"])
            assert "aws:RequestedRegion" in json.dumps(statement["Condition"])
    assert size < LONGEST_POLICY


def test_no_secret_is_in_the_environment_nor_in_the_template(template: Template) -> None:
    secrets = {*Secrets.__dataclass_fields__}
    for function in function_names():
        environment = properties(template, function_id(function))["Environment"]["Variables"]
        assert not {name.lower() for name in environment} & secrets
    assert not {name.lower() for name in template["Parameters"]} & secrets
    assert "SecureString" not in json.dumps(template)


# --- The API -------------------------------------------------------------------------------------


def test_every_route_is_in_the_api_and_names_its_function(template: Template) -> None:
    paths = properties(template, "RestAPI")["DefinitionBody"]["paths"]
    assert paths.keys() == application.app.routes.keys()
    for path, methods in application.app.routes.items():
        for method in methods:
            integration = paths[path][method.lower()]["x-amazon-apigateway-integration"]
            assert "function:omny-${Stage}-api/invocations" in integration["uri"]["Fn::Sub"]


def test_an_unknown_path_gets_our_page(template: Template) -> None:
    answers = properties(template, "RestAPI")["DefinitionBody"][
        "x-amazon-apigateway-gateway-responses"
    ]
    unknown = answers["MISSING_AUTHENTICATION_TOKEN"]
    assert unknown["statusCode"] == "404"
    (own, default) = unknown["responseTemplates"]["application/json"]["Fn::If"][1:]
    assert "Page introuvable" in own["Fn::Sub"]
    assert 'href="/static/app.css' in own["Fn::Sub"]
    assert 'href="/api/static/app.css' in default["Fn::Sub"]
    headers = unknown["responseParameters"]
    assert headers["gatewayresponse.header.Content-Type"] == "'text/html; charset=utf-8'"
    for name in (
        "Content-Security-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
    ):
        assert f"gatewayresponse.header.{name}" in headers
    assert answers["DEFAULT_5XX"]["responseParameters"] == headers
    # API Gateway puts a fixed value between single quotes: none may be inside.
    for value in headers.values():
        texts = [value] if isinstance(value, str) else [v["Fn::Sub"] for v in value["Fn::If"][1:]]
        assert all(text.count("'") == 2 for text in texts)


def test_the_api_limits_calls_and_logs_what_an_attack_is_seen_by(template: Template) -> None:
    told = properties(template, "RestAPI")
    (all_methods,) = told["MethodSettings"]
    assert all_methods["ThrottlingRateLimit"] > 0
    assert all_methods["DataTraceEnabled"] is False
    logged = json.loads(told["AccessLogSetting"]["Format"])
    # a path holds the tokens of mailed links; a user agent is free text
    assert not {"$context.path", "$context.identity.userAgent"} & set(logged.values())
    assert logged["route"] == "$context.resourcePath"
    # and what the runbook asks of them is there
    runbook = (ROOT / "docs/operations.md").read_text().partition("## An attack")[2]
    (query,) = re.findall(r"```\n(fields .*?)```", runbook.partition("\n## ")[0], re.DOTALL)
    asked = set(re.findall(r"\b(?:fields|by) ([\w, ]+)", query)[0].split(", "))
    assert {"address", "route", "status"} <= asked <= set(logged)


def test_a_failure_of_the_gateway_gives_the_reference_that_its_logs_hold(
    template: Template,
) -> None:
    answers = properties(template, "RestAPI")
    body = answers["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]["DEFAULT_5XX"]
    assert "$context.requestId" in json.dumps(body["responseTemplates"])


# --- The whole -----------------------------------------------------------------------------------


@pytest.mark.contract("PRI-6")
def test_the_template_deploys_in_paris_alone(template: Template) -> None:
    (assertion,) = template["Rules"]["OnlyParis"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-3"]}


def test_desktops_live_in_two_zones_of_a_network_of_their_own(template: Template) -> None:
    subnets = [properties(template, f"DesktopSubnet{letter}") for letter in "AB"]
    zones = [subnet["AvailabilityZone"]["Fn::Select"] for subnet in subnets]
    assert zones == [[0, {"Fn::GetAZs": ""}], [1, {"Fn::GetAZs": ""}]]
    assert all(subnet["VpcId"] == {"Ref": "DesktopNet"} for subnet in subnets)
    normal = properties(template, "DesktopNormalGroup")
    assert {rule["ToPort"] for rule in normal["SecurityGroupIngress"]} == {DCV_PORT}
    environment = properties(template, "APIHandler")["Environment"]["Variables"]
    assert environment["DESKTOP_SUBNETS"] == {"Fn::Sub": "${DesktopSubnetA},${DesktopSubnetB}"}
    assert environment["DESKTOP_SECURITY_GROUP"] == {"Ref": "DesktopNormalGroup"}
    assert environment["DESKTOP_INSTANCE_PROFILE"] == {"Ref": "DesktopInstanceProfile"}


def test_a_domain_of_ones_own_is_a_parameter(template: Template) -> None:
    domain = resource(template, "ConsoleDomain")
    mapping = resource(template, "ConsoleDomainMapping")
    assert domain["Condition"] == mapping["Condition"] == "HasDomain"
    assert domain["Properties"]["SecurityPolicy"] == "TLS_1_2"
    address = properties(template, "APIHandler")["Environment"]["Variables"]["CONSOLE_URL"]
    assert address["Fn::If"][:2] == ["HasDomain", {"Fn::Sub": "https://${DomainName}"}]


def test_the_api_reaches_no_machine(template: Template) -> None:
    # It is the one function that anybody on the Internet can call.
    asked = {action for each in statements(template, "api") for action in each["Action"]}
    assert not {action for action in asked if action.startswith(("ec2:", "workspaces:", "iam:"))}


@pytest.mark.contract("DSK-8")
def test_an_isolated_desktop_reaches_nothing(template: Template) -> None:
    isolated = properties(template, "DesktopIsolatedGroup")
    assert "SecurityGroupIngress" not in isolated
    (out,) = isolated["SecurityGroupEgress"]
    assert out["CidrIp"] == "127.0.0.1/32"
    assert isolated["GroupName"] == {"Fn::Sub": "omny-${Stage}-isolated"}


@pytest.mark.contract("DSK-7")
def test_a_machine_reads_the_secret_that_bears_its_name_alone(template: Template) -> None:
    (policy,) = properties(template, "DesktopRole")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["ssm:GetParameter"]
    # After Fn::Sub "${!x}" is "${x}", which IAM fills in with the caller's own ARN.
    assert statement["Condition"] == {
        "StringEquals": {"aws:ResourceTag/omny:machine": {"Fn::Sub": "${!ec2:SourceInstanceARN}"}}
    }


def test_the_template_is_within_cloudformations_limits(package: Path, template: Template) -> None:
    # SAM makes a second resource of a function that is called and left.
    made = template["Resources"].values()
    left = [each for each in made if "EventInvokeConfig" in each.get("Properties", {})]
    assert len(made) + len(left) < MOST_RESOURCES
    assert (package / "template.yaml").stat().st_size < LARGEST_TEMPLATE
    assert len(template["Parameters"]) < MOST_PARAMETERS


def test_cfn_lint_finds_nothing(package: Path) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("cfn-lint")),
            "--regions",
            "eu-west-3",
            "-t",
            str(package / "template.yaml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_setting_that_functions_are_given_is_read() -> None:
    read: set[str] = set()

    class Noting(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            read.add(name)
            return "value"

        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            read.add(name)
            return default

    Settings.from_environment(Noting())
    given = environment().keys()
    # POWERTOOLS_… is for the library of that name; STRIPE_… the rehearsal alone gives.
    assert {name for name in given if not name.startswith("POWERTOOLS")} == {
        name for name in read if not name.startswith("STRIPE")
    }
