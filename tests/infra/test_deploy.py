"""Deploying: everything is looked for first, shown, asked, and done only then."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.foundation.aws import AwsAccess
from infra.deploy.change_set import Refused
from infra.deploy.deployment import PLAIN, SECRETS, Deployment, guard_region, read_parameters, run
from infra.local.programs.processes import Ministack, free_port

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage: {Type: String, AllowedPattern: dev|prod}
  MailDomain: {Type: String, AllowedPattern: '[a-z.]+', Description: Domain of mails}
  Colour: {Type: String, Default: blue}
Resources:
  Notes:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: {'Fn::Sub': 'omny-${Stage}-notes-${Colour}'}
Outputs:
  Where: {Value: {Ref: Notes}}
"""
PARAMETERS = {"MailDomain": "omny.example"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[AwsAccess]:
    """An AWS of its own for these tests."""
    services = ("cloudformation", "s3", "sqs", "ssm", "sts")
    with Ministack(free_port(), services=services) as emulator:
        yield AwsAccess(endpoint_url=emulator.url, access_key="000000000077", secret_key="test")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a small template."""
    (tmp_path / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "deployment.zip").write_bytes(b"a zip")
    return tmp_path


class Terminal:
    """What is said to the one who deploys, and what they answer."""

    def __init__(self, answer: bool = True) -> None:
        self.lines: list[str] = []
        self.questions: list[str] = []
        self._answer = answer

    def say(self, line: str) -> None:
        """Note a line."""
        self.lines.append(line)

    def ask(self, question: str) -> bool:
        """Answer."""
        self.questions.append(question)
        return self._answer


def lay_secrets(cloud: AwsAccess, *, but: str = "") -> None:
    ssm = cloud.client("ssm")
    for name in (*SECRETS, *PLAIN):
        path = f"/omny/dev/console/{name}"
        if name == but:
            ssm.delete_parameters(Names=[path])
        else:
            ssm.put_parameter(Name=path, Value="{}", Type="SecureString", Overwrite=True)


def stacks(cloud: AwsAccess) -> list[str]:
    found = cloud.client("cloudformation").describe_stacks()["Stacks"]
    return [stack["StackStatus"] for stack in found if stack["StackName"] == "omny-dev"]


def deployment(
    cloud: AwsAccess, package: Path, terminal: Terminal, **parameters: str
) -> Deployment:
    given = {**PARAMETERS, **parameters}
    return Deployment(cloud, "dev", given, package, terminal.say)


def test_what_is_missing_is_named_and_nothing_is_changed(cloud: AwsAccess, package: Path) -> None:
    # Given a stage without its pepper, and parameters without the domain of mails
    lay_secrets(cloud, but="pepper")
    terminal = Terminal()
    lacking = Deployment(cloud, "dev", {"Color": "red"}, package, terminal.say)

    with pytest.raises(Refused) as refused:
        run(lacking, terminal.ask)

    told = str(refused.value)
    assert "Nothing was changed" in told
    assert "/omny/dev/console/pepper is not in SSM" in told
    assert "parameter MailDomain: Domain of mails" in told
    assert "parameter Color is not one of the template" in told
    assert "session_key" not in told
    assert stacks(cloud) == []
    assert cloud.client("s3").list_buckets()["Buckets"] == []


def test_a_deployment_is_shown_asked_and_done(cloud: AwsAccess, package: Path) -> None:
    lay_secrets(cloud)

    # When the answer is no, nothing is left behind
    no = Terminal(answer=False)
    assert run(deployment(cloud, package, no), no.ask) == 1
    assert [line.split()[:3] for line in no.lines if "SQS" in line] == [
        ["Add", "AWS::SQS::Queue", "Notes"]
    ]
    assert no.questions == ["Deploy these 1 changes to omny-dev?"]
    assert cloud.client("sqs").list_queues().get("QueueUrls", []) == []

    # When it is yes, the stack is there and tells its outputs
    yes = Terminal()
    assert run(deployment(cloud, package, yes), yes.ask) == 0
    assert stacks(cloud) == ["CREATE_COMPLETE"]
    assert "omny-dev-notes-blue" in yes.lines[-1]
    # What it was deployed from is kept in each version, and closed to clear text
    s3 = cloud.client("s3")
    (bucket,) = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]

    # A change is an update
    changed = Terminal()
    assert run(deployment(cloud, package, changed, Colour="red"), changed.ask) == 0
    assert stacks(cloud) == ["UPDATE_COMPLETE"]
    assert "omny-dev-notes-red" in changed.lines[-1]


@pytest.mark.contract("PRI-6")
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_another_region_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="eu-west-3"):
        guard_region({name: "us-east-1"})
    guard_region({name: "eu-west-3"})


def test_the_parameters_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    with pytest.raises(Refused, match=r"dev\.json is missing"):
        read_parameters(file)
    file.write_text(json.dumps(PARAMETERS), encoding="utf-8")
    assert read_parameters(file) == PARAMETERS


def test_a_domain_needs_its_certificate(cloud: AwsAccess, package: Path) -> None:
    lay_secrets(cloud)
    template = package / "template.yaml"
    template.write_text(
        TEMPLATE.replace("Colour:", "DomainName: {Type: String, Default: ''}\n  Colour:"),
        encoding="utf-8",
    )
    with pytest.raises(Refused, match="certificate of DomainName"):
        deployment(cloud, package, Terminal(), DomainName="console.omny.example").check()
