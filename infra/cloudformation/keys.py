"""Our own keys: for data at rest, for access codes (DSK-7), to sign closings (EVD-2)."""

from typing import Any

from infra.cloudformation.names import Resources, ref

DATA_KEY, CODES_KEY, SIGNING_KEY = "DataKey", "AccessCodesKey", "SigningKey"


def keys() -> Resources:
    """Give the keys and their aliases."""
    resources: Resources = {}
    for logical, alias, key in (
        (DATA_KEY, "data", _key("Tables, queues, documents, logs", _SERVICES)),
        (CODES_KEY, "access-codes", _key("Access codes until they are revealed", [])),
        (SIGNING_KEY, "signing", _signing_key("Signs the closings of receipts")),
    ):
        resources[logical] = key
        resources[f"{logical}Alias"] = {
            "Type": "AWS::KMS::Alias",
            "Properties": {
                "AliasName": {"Fn::Sub": f"alias/omny-${{Stage}}-{alias}"},
                "TargetKeyId": ref(logical),
            },
        }
    return resources


def _key(says: str, more: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Type": "AWS::KMS::Key",
        # Without its key what is encrypted is lost: it outlives the stack like the tables do.
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": says,
            "EnableKeyRotation": True,
            "PendingWindowInDays": 30,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        # Who may use it is said by the policies of roles, one per function.
                        "Sid": "RolesOfThisAccount",
                        "Effect": "Allow",
                        "Principal": {
                            "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
                        },
                        "Action": "kms:*",
                        "Resource": "*",
                    },
                    *more,
                ],
            },
        },
    }


def _signing_key(says: str) -> dict[str, Any]:
    """Give a pair of keys; KMS rotates none, and what the old one signed must stay checkable."""
    key = _key(says, [])
    properties = key["Properties"]
    del properties["EnableKeyRotation"]
    properties |= {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
    return key


_USE = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
_SERVICES: list[dict[str, Any]] = [
    {
        "Sid": "LogGroups",
        "Effect": "Allow",
        "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}},
        "Action": [*_USE, "kms:ReEncryptFrom", "kms:ReEncryptTo"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": {
                    "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
                    "log-group:/aws/*/omny-${Stage}-*"
                }
            }
        },
    },
    {
        # EC2's notices of machines, when the function that takes them is out of order.
        "Sid": "EventsToDeadLetterQueue",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    },
]
