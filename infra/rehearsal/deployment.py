"""Deploys the package on the rehearsal's cloud, by the code of `make deploy`."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chalicelib.foundation.aws import AwsAccess
from infra.deploy.change_set import Refused
from infra.deploy.deployment import Deployment
from infra.local.company import COMPANY
from infra.rehearsal.checks import RehearsalFailed, require
from infra.rehearsal.cloud import ACCOUNT, SECRET, STAGE, Cloud

STACK = f"omny-{STAGE}"
PARAMETERS = {
    "MailDomain": COMPANY.email.partition("@")[2],
    "MailFrom": COMPANY.email,
    "AlarmEmail": "alarms@omny-demo.example",
}


@dataclass(frozen=True)
class Stack:
    """What a deployment made.  ``changes``: a line each; ``resources``: type by logical id."""

    outputs: dict[str, str]
    changes: list[str]
    resources: dict[str, str]

    @property
    def api(self) -> str:
        """The id of the REST API."""
        return self.outputs["RestAPIId"]


class Deploying:
    """Deploys a package whose template may have been adjusted."""

    def __init__(self, cloud: Cloud, package: Path, template: dict[str, Any], folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder / "package"
        self._folder.mkdir()
        shutil.copy(package / "deployment.zip", self._folder)
        self.template = template
        self.write()

    def write(self) -> None:
        """Write the template as it is now beside the code."""
        text = yaml.dump(self.template, Dumper=yaml.CSafeDumper, allow_unicode=True, width=1000)
        (self._folder / "template.yaml").write_text(text, encoding="utf-8")

    def is_refused_without_secrets(self) -> None:
        """See that nothing begins while a secret is missing, and that it is named."""
        try:
            self._deployment().check()
        except Refused as refused:
            require("/console/stripe_key is not in SSM" in str(refused), refused)
            require("/console/pepper is not in SSM" in str(refused), refused)
        else:
            raise RehearsalFailed("a deployment without secrets was not refused")
        stacks = self._cloud.client("cloudformation").list_stacks()["StackSummaries"]
        require(not stacks, f"a refused deployment made {stacks}")

    def deploy(self) -> Stack:
        """Check, prepare the change set, execute it."""
        deployment = self._deployment()
        deployment.check()
        change_set = deployment.prepare()
        changes = change_set.changes()
        outputs = change_set.execute()
        cf = self._cloud.client("cloudformation")
        pages = cf.get_paginator("list_stack_resources").paginate(StackName=STACK)
        resources = {
            each["LogicalResourceId"]: each["ResourceType"]
            for page in pages
            for each in page["StackResourceSummaries"]
        }
        # Gateway responses are part of a deployment of the API, and were made beside it (adjust).
        self._cloud.client("apigateway").create_deployment(
            restApiId=outputs["RestAPIId"], stageName="api"
        )
        return Stack(outputs, changes, resources)

    def _deployment(self) -> Deployment:
        access = AwsAccess(
            endpoint_url=self._cloud.ministack.url, access_key=ACCOUNT, secret_key=SECRET
        )
        return Deployment(access, STAGE, PARAMETERS, self._folder, say=lambda _: None)


def read_template(path: Path) -> dict[str, Any]:
    """Read a packaged template."""
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return template
