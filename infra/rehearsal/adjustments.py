"""What the rehearsal changes in the packaged template, because ministack is not AWS: all of it.

Each adjustment says itself when the rehearsal runs, and what it concerns is checked elsewhere.
Whatever else ministack does not know makes the deployment, hence the rehearsal, fail.
"""

from collections.abc import Iterator
from typing import Any

# Resource types and outputs that its CloudFormation lacks; cfn-lint and the template's tests see
# them.
UNKNOWN_TYPES = {"AWS::EC2::FlowLog"}
UNKNOWN_OUTPUTS = {"MailRecords"}
# Calls of which it cannot tell the resource (it takes "*"), so that a policy which names one
# refuses them; the tests of permissions compare these with what is recorded.
WITHOUT_RESOURCE = {"ssm:GetParametersByPath", "ses:SendRawEmail"}
# What it does not tell a policy of a call: conditions on these are left out.
UNTOLD = (
    "aws:ResourceTag/",
    "ec2:CreateAction",
    "iam:PassedToService",
    "kms:EncryptionContext:",
)
# Schedules follow the real time, the story moves its own clock and wakes the jobs: this one alone
# proves that a schedule wakes its function.
KEPT_SCHEDULE = "RelayOutboxSchedule"

Template = dict[str, Any]


def adjust(template: Template) -> list[str]:
    """Change a template read from a package; say what was changed."""
    return [
        *_leave_out(template),
        *_widen(template),
        *_free_of_conditions(template),
        *_name_batches(template),
        *_admit_plain_http(template),
        *_stop_schedules(template),
        *_move_gateway_responses(template),
    ]


def _leave_out(template: Template) -> Iterator[str]:
    resources, outputs = template["Resources"], template["Outputs"]
    for name in [name for name, each in resources.items() if each["Type"] in UNKNOWN_TYPES]:
        yield f"{resources.pop(name)['Type']} is unknown: {name} left out"
    for name in UNKNOWN_OUTPUTS:
        del outputs[name]
        yield f"the output {name} has attributes that are unknown: left out"


def _widen(template: Template) -> Iterator[str]:
    count = 0
    for statement in _role_statements(template):
        actions = statement["Action"]
        if WITHOUT_RESOURCE & set([actions] if isinstance(actions, str) else actions):
            statement["Resource"] = "*"
            statement.pop("Condition", None)
            count += 1
    calls = ", ".join(sorted(WITHOUT_RESOURCE))
    yield f"{count} statements widened: the resource is not told of {calls}"


def _free_of_conditions(template: Template) -> Iterator[str]:
    count = 0
    for statement in _role_statements(template):
        condition = statement.get("Condition", {})
        for operator in list(condition):
            for key in [key for key in condition[operator] if key.startswith(UNTOLD)]:
                del condition[operator][key]
                count += 1
            if not condition[operator]:
                del condition[operator]
    yield f"{count} conditions left out, on {', '.join(UNTOLD)}"


def _name_batches(template: Template) -> Iterator[str]:
    """Permit what ministack asks of a batch: the call's own name, where AWS asks each message's."""
    count = 0
    for statement in _role_statements(template):
        if "sqs:SendMessage" in statement["Action"]:
            statement["Action"] = [*statement["Action"], "sqs:SendMessageBatch"]
            count += 1
    yield f"{count} statements name sqs:SendMessageBatch, which on AWS sqs:SendMessage permits"


def _role_statements(template: Template) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]


def _admit_plain_http(template: Template) -> Iterator[str]:
    """Take the statements out that refuse calls without TLS: there is none on one machine."""
    for name, resource in template["Resources"].items():
        document = resource["Properties"].get("PolicyDocument", {})
        kept = [
            statement
            for statement in document.get("Statement", [])
            if "aws:SecureTransport" not in statement.get("Condition", {}).get("Bool", {})
        ]
        if len(kept) < len(document.get("Statement", [])):
            document["Statement"] = kept
            yield f"{name} admits calls without TLS"


def _stop_schedules(template: Template) -> Iterator[str]:
    count = 0
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Scheduler::Schedule" and name != KEPT_SCHEDULE:
            resource["Properties"]["State"] = "DISABLED"
            count += 1
    yield f"{count} schedules stopped: the story wakes their jobs"


def _move_gateway_responses(template: Template) -> Iterator[str]:
    """Put them beside the API: written within its definition they are not read."""
    definition = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    responses = definition.pop("x-amazon-apigateway-gateway-responses")
    for kind, response in responses.items():
        properties = {
            "RestApiId": {"Ref": "RestAPI"},
            "ResponseType": kind,
            "ResponseParameters": response["responseParameters"],
            "ResponseTemplates": response["responseTemplates"],
            **({"StatusCode": response["statusCode"]} if "statusCode" in response else {}),
        }
        name = "Answer" + kind.replace("_", "").title()
        template["Resources"][name] = {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": properties,
        }
    yield f"{len(responses)} gateway responses moved out of the API's definition"
