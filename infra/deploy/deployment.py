"""`make deploy STAGE=dev`: checks, uploads, shows what will change, asks, deploys.

Everything that can be missing is looked for first: a deployment that cannot succeed changes
nothing.  The template's parameters are read from a JSON file (`.deploy/{stage}.json`, kept out of
git), the secrets are already in SSM (docs/operations.md).

python -m infra.deploy STAGE [--parameters FILE] [--package dist] [--yes]
"""

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import REGION, AwsAccess
from infra.deploy.change_set import ChangeSet, Refused
from infra.project import ROOT

STAGES = ("dev", "prod")
SECRETS = ("stripe_key", "stripe_webhook_secret", "session_key", "pepper")
PLAIN = ("company",)
_CODE = "./deployment.zip"


@dataclass(frozen=True)
class Deployment:
    """One stage to deploy, and what it is deployed from."""

    access: AwsAccess
    stage: str
    parameters: Mapping[str, str]
    package: Path
    say: Callable[[str], object] = print

    @property
    def stack(self) -> str:
        """The name of the stage's stack."""
        return f"omny-{self.stage}"

    def check(self) -> None:
        """Look for everything that may be missing.  Raises Refused naming all of it."""
        template = yaml.load(self._file("template.yaml").read_text("utf-8"), yaml.CSafeLoader)
        lacking = [
            *_parameter_faults(template["Parameters"], self._all_parameters()),
            *self._secret_faults(),
        ]
        if lacking:
            raise Refused("\n".join(["Nothing was changed. Missing or wrong:", *lacking]))

    def prepare(self) -> ChangeSet:
        """Upload the package and have AWS work out what will change."""
        bucket = self._bucket()
        code = self._file("deployment.zip")
        key = f"{_digest(code)}.zip"
        self._upload(bucket, key, code.read_bytes())
        template = self._file("template.yaml").read_text(encoding="utf-8")
        located = template.replace(_CODE, f"s3://{bucket}/{key}")
        name = f"{hashlib.sha256(located.encode()).hexdigest()}.yaml"
        self._upload(bucket, name, located.encode())
        address = f"https://{bucket}.s3.{REGION}.amazonaws.com/{name}"
        if self.access.endpoint_url:
            address = f"{self.access.endpoint_url}/{bucket}/{name}"
        change_set = ChangeSet(self.access.client("cloudformation"), self.stack)
        change_set.create(address, self._all_parameters())
        return change_set

    def _all_parameters(self) -> dict[str, str]:
        return {**self.parameters, "Stage": self.stage}

    def _file(self, name: str) -> Path:
        path = self.package / name
        if not path.exists():
            raise Refused(f"Nothing was changed. {path} is missing: make package")
        return path

    def _secret_faults(self) -> list[str]:
        root = f"/omny/{self.stage}/console/"
        names = [root + name for name in (*SECRETS, *PLAIN)]
        answer = self.access.client("ssm").get_parameters(Names=names)
        types = {each["Name"]: each["Type"] for each in answer["Parameters"]}
        faults = [f"  {name} is not in SSM" for name in names if name not in types]
        faults += [
            f"  {root + name} is not a SecureString"
            for name in SECRETS
            if types.get(root + name, "SecureString") != "SecureString"
        ]
        return faults

    # --- Where deployments are kept
    def _bucket(self) -> str:
        """Give the bucket of deployments, made closed to the public where it is missing."""
        account = self.access.client("sts").get_caller_identity()["Account"]
        bucket = f"omny-deployments-{account}"
        s3 = self.access.client("s3")
        try:
            s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
        except ClientError as missing:
            if missing.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
                raise
            self.say(f"Making the bucket {bucket}.")
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
            _close(s3, bucket)
        return bucket

    def _upload(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object named after its content; one that is there is left."""
        s3 = self.access.client("s3")
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            self.say(f"Uploading {key} ({len(content) / 1e6:.1f} MB).")
            s3.put_object(Bucket=bucket, Key=key, Body=content)


def _close(s3: Any, bucket: str) -> None:
    """Close the bucket of what is deployed to the public and to clear text; keep every version."""
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    in_clear = {
        "Sid": "OnlyEncryptedTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [in_clear]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def _parameter_faults(declared: Mapping[str, Any], given: Mapping[str, str]) -> list[str]:
    """Compare what is given with what the template wants."""
    faults = [f"  parameter {name} is not one of the template" for name in given.keys() - declared]
    for name, wanted in declared.items():
        value = given.get(name, wanted.get("Default"))
        if value is None:
            faults.append(f"  parameter {name}: {wanted.get('Description', '')}")
        elif not re.fullmatch(wanted.get("AllowedPattern", ".*"), value):
            faults.append(f"  parameter {name}: “{value}” is not accepted")
    if given.get("DomainName") and not given.get("CertificateArn"):
        faults.append("  parameter CertificateArn: the certificate of DomainName")
    return sorted(faults)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def guard_region(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse any region but Paris, wherever it is named (PRI-6).  Raises Refused."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if environment.get(name, REGION) != REGION:
            raise Refused(
                f"Nothing was changed. {name} is {environment[name]}: everything is processed in "
                f"France, in {REGION} (PRI-6)."
            )


def read_parameters(file: Path) -> dict[str, str]:
    """Read the template's parameters.  Raises Refused when there is no such file."""
    if not file.exists():
        raise Refused(f"Nothing was changed. {file} is missing: see docs/operations.md")
    parameters: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return parameters


def run(deployment: Deployment, ask: Callable[[str], bool]) -> int:
    """Check, prepare, show, ask, deploy; give the exit status."""
    deployment.check()
    change_set = deployment.prepare()
    changes = change_set.changes()
    if not changes:
        deployment.say("Nothing to change.")
        change_set.discard()
        return 0
    for change in changes:
        deployment.say(change)
    if not ask(f"Deploy these {len(changes)} changes to {deployment.stack}?"):
        change_set.discard()
        deployment.say("Nothing was changed.")
        return 1
    for name, value in change_set.execute().items():
        deployment.say(f"{name}: {value}")
    return 0


def main() -> int:
    """Deploy the stage named at the terminal."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--parameters", type=Path, help="JSON; .deploy/STAGE.json")
    parser.add_argument("--package", type=Path, default=ROOT / "dist")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args()
    file = given.parameters or ROOT / ".deploy" / f"{given.stage}.json"
    try:
        guard_region()
        deployment = Deployment(AwsAccess(), given.stage, read_parameters(file), given.package)
        return run(deployment, lambda question: given.yes or _confirmed(question))
    except Refused as refused:
        print(refused, file=sys.stderr)
    except (ClientError, BotoCoreError) as fault:
        print(f"AWS refused: {fault}", file=sys.stderr)
    return 1


def _confirmed(question: str) -> bool:
    return input(f"{question} [yes/no] ").strip() == "yes"
