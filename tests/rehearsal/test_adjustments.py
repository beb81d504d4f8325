"""What the rehearsal changes in the template is what it says, and nothing more."""

import copy
from typing import Any

from infra.cloudformation.template import merge_template
from infra.rehearsal.adjustments import KEPT_SCHEDULE, UNKNOWN_OUTPUTS, UNKNOWN_TYPES, adjust

# Its API as Chalice writes it; the rest is ours.
ROLE = "MailWorkerRole"


def packaged() -> dict[str, Any]:
    """Give our template with a role like those of Chalice."""
    template = copy.deepcopy(merge_template("python3.13"))
    template["Resources"][ROLE] = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Policies": [
                {
                    "PolicyDocument": {
                        "Statement": [
                            {"Action": ["ssm:GetParametersByPath"], "Resource": "arn:named"},
                            {"Action": ["dynamodb:GetItem"], "Resource": "arn:table"},
                            {
                                "Action": ["kms:Encrypt"],
                                "Resource": "arn:key",
                                "Condition": {
                                    "Null": {"kms:EncryptionContext:account": "false"},
                                    "StringEquals": {"aws:RequestTag/omny:stage": "dev"},
                                },
                            },
                        ]
                    }
                }
            ]
        },
    }
    for resource in template["Resources"].values():
        resource.setdefault("Type", "AWS::Serverless::Function")
    template["Resources"]["RestAPI"]["Type"] = "AWS::Serverless::Api"
    return template


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    policies = template["Resources"][ROLE]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policies[0]["PolicyDocument"]["Statement"]
    return found


def test_a_batch_is_permitted_under_its_own_name_where_its_messages_are() -> None:
    template = packaged()
    statements(template)[1]["Action"] = ["sqs:GetQueueUrl", "sqs:SendMessage"]
    adjust(template)
    assert statements(template)[1]["Action"][2:] == ["sqs:SendMessageBatch"]
    assert "sqs:SendMessageBatch" not in statements(packaged())[1]["Action"]


def test_only_what_ministack_does_not_know_is_changed() -> None:
    # Given a packaged template, and the same adjusted
    before, after = packaged(), packaged()
    said = adjust(after)
    # Then what is unknown is gone, and said
    gone = before["Resources"].keys() - after["Resources"].keys()
    assert {before["Resources"][name]["Type"] for name in gone} == UNKNOWN_TYPES
    assert before["Outputs"].keys() - after["Outputs"].keys() == UNKNOWN_OUTPUTS
    assert all(any(name in sentence for sentence in said) for name in gone | UNKNOWN_OUTPUTS)
    # and tables, queues, keys and functions are as they ship
    for name, resource in after["Resources"].items():
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::KMS::Key"}:
            assert resource == before["Resources"][name]


def test_policies_keep_the_resources_they_name() -> None:
    after = packaged()
    adjust(after)
    widened, kept, conditioned = statements(after)
    assert widened["Resource"] == "*"
    assert kept == {"Action": ["dynamodb:GetItem"], "Resource": "arn:table"}
    # A condition that ministack is told of stays, beside one that it is not
    assert conditioned["Condition"] == {"StringEquals": {"aws:RequestTag/omny:stage": "dev"}}
    assert conditioned["Resource"] == "arn:key"


def test_one_schedule_goes_on() -> None:
    after = packaged()
    adjust(after)
    running = [
        name
        for name, resource in after["Resources"].items()
        if resource["Type"] == "AWS::Scheduler::Schedule"
        and resource["Properties"]["State"] == "ENABLED"
    ]
    assert running == [KEPT_SCHEDULE]
