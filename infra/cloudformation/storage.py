"""Tables: what must outlive everything else (EVD-1)."""

from infra.cloudformation.keys import DATA_KEY
from infra.cloudformation.names import (
    PREFIX,
    RETAIN,
    Resource,
    Resources,
    get,
    named,
    sub,
    table_id,
)
from infra.cloudformation.resources import TABLES, table_definition

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
    """Give every table."""
    return {table_id(table): _table(table) for table in TABLES}


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
    return {"Type": "AWS::DynamoDB::Table", **RETAIN, "Properties": properties}


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
