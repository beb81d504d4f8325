"""Tables and the bucket: what must outlive everything else (EVD-1)."""

from typing import Any

from infra.cloudformation.keys import DATA_KEY
from infra.cloudformation.names import PREFIX, Resource, Resources, get, named, ref, sub, table_id
from infra.resources import TABLES, table_definition

BUCKET, LOG_BUCKET = "DocumentsBucket", "BucketLogs"
YEARS_KEPT = 10  # Code de commerce L123-22
LOG_DAYS = 365
_RETAIN = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
# What would change an entry, or hide the change; a new one is put, and nothing else.
JOURNAL_FORBIDDEN = [
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
    "dynamodb:DeleteTable",
    "dynamodb:UpdateTimeToLive",
]


def storage() -> Resources:
    """Give every table and the bucket."""
    return {table_id(table): _table(table) for table in TABLES} | _buckets()


def _table(table: str) -> Resource:
    properties = table_definition(PREFIX, table)
    properties |= {
        "TableName": named(table),
        "SSESpecification": {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": get(DATA_KEY),
        },
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 35,
        },
        "DeletionProtectionEnabled": True,
    }
    if table == "journal":
        properties["ResourcePolicy"] = {"PolicyDocument": _journal_policy()}
    else:
        properties["TimeToLiveSpecification"] = {"AttributeName": "expires", "Enabled": True}
    return {"Type": "AWS::DynamoDB::Table", **_RETAIN, "Properties": properties}


def _journal_policy() -> Resource:
    """Forbid, to everybody in the account, changing or removing an entry (EVD-1)."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EntriesArePutOnce",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": JOURNAL_FORBIDDEN,
                # Its own ARN would be a circular reference: the policy is on this table only.
                "Resource": sub(
                    "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:"
                    f"table/{PREFIX}journal"
                ),
            }
        ],
    }


def _buckets() -> Resources:
    return {
        BUCKET: {
            "Type": "AWS::S3::Bucket",
            **_RETAIN,
            "Properties": {
                "BucketName": sub(f"{PREFIX}documents-${{AWS::AccountId}}"),
                "VersioningConfiguration": {"Status": "Enabled"},
                "ObjectLockEnabled": True,
                "ObjectLockConfiguration": {
                    "ObjectLockEnabled": "Enabled",
                    "Rule": {"DefaultRetention": {"Mode": _lock_mode(), "Years": YEARS_KEPT}},
                },
                "BucketEncryption": _encryption("aws:kms", get(DATA_KEY)),
                "PublicAccessBlockConfiguration": _NOT_PUBLIC,
                "OwnershipControls": _OWNED,
                "LoggingConfiguration": {
                    "DestinationBucketName": ref(LOG_BUCKET),
                    "LogFilePrefix": "documents/",
                },
            },
        },
        LOG_BUCKET: {
            "Type": "AWS::S3::Bucket",
            **_RETAIN,
            "Properties": {
                "BucketName": sub(f"{PREFIX}access-logs-${{AWS::AccountId}}"),
                "VersioningConfiguration": {"Status": "Enabled"},
                # S3's log delivery writes under S3's own key only.
                "BucketEncryption": _encryption("AES256"),
                "PublicAccessBlockConfiguration": _NOT_PUBLIC,
                "OwnershipControls": _OWNED,
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "Id": "AYear",
                            "Status": "Enabled",
                            "ExpirationInDays": LOG_DAYS,
                            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                        }
                    ]
                },
            },
        },
        f"{BUCKET}Policy": _bucket_policy(BUCKET),
        f"{LOG_BUCKET}Policy": _bucket_policy(LOG_BUCKET, _log_delivery()),
    }


def _lock_mode() -> Resource:
    """Choose COMPLIANCE for what is real: nobody, root included, shortens it (decisions/0102)."""
    return {"Fn::If": ["IsProd", "COMPLIANCE", "GOVERNANCE"]}


def _encryption(algorithm: str, key: Resource | None = None) -> Resource:
    default: Resource = {"SSEAlgorithm": algorithm}
    rule: Resource = {"ServerSideEncryptionByDefault": default}
    if key:
        default["KMSMasterKeyID"] = key
        rule["BucketKeyEnabled"] = True
    return {"ServerSideEncryptionConfiguration": [rule]}


def _bucket_policy(bucket: str, *more: Resource) -> Resource:
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
        "Resource": sub(f"${{{LOG_BUCKET}.Arn}}/documents/*"),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")},
        },
    }


_NOT_PUBLIC = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
_OWNED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
