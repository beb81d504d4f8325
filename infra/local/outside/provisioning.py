"""Makes what the console needs of AWS on the local stack, where it is missing."""

import json
import secrets
from dataclasses import asdict
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.foundation.aws import REGION, AwsAccess
from chalicelib.foundation.settings import Settings
from infra.cloudformation.resources import (
    TABLES,
    TRIES_BEFORE_DEAD_LETTER,
    dead_letter_name,
    queue_definitions,
    table_definition,
)
from infra.local.company import COMPANY
from infra.local.programs.processes import WORKSPACES_DIRECTORY

STAGE = "local"
PREFIX = f"omny-{STAGE}-"
DOCUMENTS_BUCKET, EXCHANGE_BUCKET = f"{PREFIX}documents", f"{PREFIX}exchange"
KEY_ALIAS = f"alias/{PREFIX}access-codes"
SIGNING_ALIAS = f"alias/{PREFIX}signing"
MAIL_FROM = COMPANY.email
_PARAMETERS = f"/omny/{STAGE}/console/"
# ministack knows one isolated world per access key of twelve digits.
ACCESS_KEY, SECRET_KEY = "000000000000", "test"


def local_access(ministack: str, moto: str) -> AwsAccess:
    """Give the access to the emulators at these addresses."""
    return AwsAccess(
        endpoint_url=ministack,
        endpoints=(("ec2", moto), ("workspaces", moto)),
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
    )


def local_settings(access: AwsAccess, console: str, stripe: str) -> Settings:
    """Give the settings of the stage on this machine."""
    return Settings(
        stage=STAGE,
        console_url=console,
        prefix=PREFIX,
        documents_bucket=DOCUMENTS_BUCKET,
        exchange_bucket=EXCHANGE_BUCKET,
        kms_key_id=KEY_ALIAS,
        signing_key_id=SIGNING_ALIAS,
        mail_from=MAIL_FROM,
        access=access,
        stripe_api_base=stripe,
        stripe_pages_origin=stripe,
        workspaces_directory=WORKSPACES_DIRECTORY,
    )


def provision(access: AwsAccess) -> None:
    """Make the missing tables, queues, buckets, keys, parameters and mail identity."""
    _make_tables(access.client("dynamodb"))
    make_queues(access.client("sqs"))
    _make_buckets(access.client("s3"))
    _make_keys(access.client("kms"))
    _make_parameters(access.client("ssm"))
    _make_identity(access.client("sesv2"))


def _make_tables(dynamodb: Any) -> None:
    present = set(dynamodb.list_tables()["TableNames"])
    for table in TABLES:
        definition = table_definition(PREFIX, table)
        if definition["TableName"] not in present:
            dynamodb.create_table(**definition)


def make_queues(sqs: Any) -> None:
    """Make each queue and the one that takes what failed three times."""
    for name, attributes in queue_definitions(PREFIX):
        fifo = {"FifoQueue": "true"} if attributes.get("FifoQueue") else {}
        dead = sqs.create_queue(QueueName=dead_letter_name(name), Attributes=fifo)["QueueUrl"]
        target = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": target["Attributes"]["QueueArn"],
            "maxReceiveCount": TRIES_BEFORE_DEAD_LETTER,
        }
        url = sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
        # Apart: a queue kept from an earlier version of ours takes what is new.
        changeable = {name: value for name, value in attributes.items() if name != "FifoQueue"}
        sqs.set_queue_attributes(
            QueueUrl=url, Attributes={**changeable, "RedrivePolicy": json.dumps(redrive)}
        )


def _make_buckets(s3: Any) -> None:
    present = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for name in {DOCUMENTS_BUCKET, EXCHANGE_BUCKET} - present:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def _make_keys(kms: Any) -> None:
    present = {alias["AliasName"] for alias in kms.list_aliases()["Aliases"]}
    for alias, kind in (
        (KEY_ALIAS, {}),
        (SIGNING_ALIAS, {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
    ):
        if alias not in present:
            key = kms.create_key(Description=alias, **kind)["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=alias, TargetKeyId=key)


def _make_identity(ses: Any) -> None:
    try:
        ses.create_email_identity(EmailIdentity=MAIL_FROM)
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "AlreadyExistsException":
            raise


def _make_parameters(ssm: Any) -> None:
    """Draw the secrets at the first start; the company's identity may be edited in code."""
    _put(ssm, "company", json.dumps(asdict(COMPANY), ensure_ascii=False), overwrite=True)
    _put(ssm, "stripe_key", f"sk_test_{secrets.token_hex(24)}")
    _put(ssm, "stripe_webhook_secret", f"whsec_{secrets.token_hex(24)}")
    _put(ssm, "session_key", secrets.token_urlsafe(32))
    _put(ssm, "pepper", secrets.token_urlsafe(32))


def _put(ssm: Any, name: str, value: str, *, overwrite: bool = False) -> None:
    try:
        ssm.put_parameter(
            Name=_PARAMETERS + name, Value=value, Type="SecureString", Overwrite=overwrite
        )
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "ParameterAlreadyExists":
            raise
