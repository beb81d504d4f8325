"""Buckets: documents, locked; what is exchanged with others, which passes; access logs."""

from typing import Any

from infra.cloudformation.keys import DATA_KEY
from infra.cloudformation.names import (
    DOCUMENTS_BUCKET,
    EXCHANGE_BUCKET,
    PREFIX,
    RETAIN,
    Resource,
    Resources,
    get,
    ref,
    sub,
)

LOG_BUCKET = "BucketLogs"
YEARS_KEPT = 10  # Code de commerce L123-22
LOG_DAYS = 365
EXCHANGE_DAYS = 90  # the documents are locked elsewhere, the statuses recorded: these are copies
_LOGGED = (DOCUMENTS_BUCKET, EXCHANGE_BUCKET)


def buckets() -> Resources:
    """Give the three buckets with their policies."""
    return {
        DOCUMENTS_BUCKET: _bucket(
            "documents", {**_encrypted_by_our_key(), **_logged("documents"), **_locked()}
        ),
        EXCHANGE_BUCKET: _bucket(
            "exchange",
            {**_encrypted_by_our_key(), **_logged("exchange"), **_expiring(EXCHANGE_DAYS)},
        ),
        # S3's log delivery writes under S3's own key only.
        LOG_BUCKET: _bucket("access-logs", {**_encryption("AES256"), **_expiring(LOG_DAYS)}),
        **{f"{bucket}Policy": _policy(bucket) for bucket in _LOGGED},
        f"{LOG_BUCKET}Policy": _policy(LOG_BUCKET, _log_delivery()),
    }


def _bucket(name: str, more: Resource) -> Resource:
    """Give a bucket closed to the public, whose objects are ours, and which keeps versions."""
    return {
        "Type": "AWS::S3::Bucket",
        **RETAIN,
        "Properties": {
            "BucketName": sub(f"{PREFIX}{name}-${{AWS::AccountId}}"),
            "VersioningConfiguration": {"Status": "Enabled"},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            **more,
        },
    }


def _locked() -> Resource:
    """Lock every version; nobody, root included, shortens it in *prod* (decisions/0102)."""
    mode = {"Fn::If": ["IsProd", "COMPLIANCE", "GOVERNANCE"]}
    return {
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": mode, "Years": YEARS_KEPT}},
        },
    }


def _expiring(days: int) -> Resource:
    rule = {
        "Id": "Expire",
        "Status": "Enabled",
        "ExpirationInDays": days,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    return {"LifecycleConfiguration": {"Rules": [rule]}}


def _logged(prefix: str) -> Resource:
    return {
        "LoggingConfiguration": {
            "DestinationBucketName": ref(LOG_BUCKET),
            "LogFilePrefix": f"{prefix}/",
        }
    }


def _encrypted_by_our_key() -> Resource:
    return _encryption("aws:kms", get(DATA_KEY))


def _encryption(algorithm: str, key: Resource | None = None) -> Resource:
    default: Resource = {"SSEAlgorithm": algorithm}
    rule: Resource = {"ServerSideEncryptionByDefault": default}
    if key:
        default["KMSMasterKeyID"] = key
        rule["BucketKeyEnabled"] = True
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}}


def _policy(bucket: str, *more: Resource) -> Resource:
    refused_in_clear = {
        "Sid": "OnlyEncryptedTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [get(bucket), sub(f"${{{bucket}.Arn}}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    statements: list[Any] = [refused_in_clear, *more]
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref(bucket),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _log_delivery() -> Resource:
    return {
        "Sid": "LogDelivery",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": sub(f"${{{LOG_BUCKET}.Arn}}/*"),
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }
