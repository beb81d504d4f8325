"""What each function may do, as policies: one per function, from what is recorded of it."""

from collections.abc import Iterable, Iterator

from infra.cloudformation.names import (
    PREFIX,
    Resource,
    arn,
    bucket_of,
    get,
    policy,
    ref,
    statement,
    sub,
)
from infra.cloudformation.permissions.machines import ec2_statements, workspaces_statements
from infra.cloudformation.permissions.needs import Needs, all_needs, service_of

_SIGNING = {"kms:Sign", "kms:Verify", "kms:GetPublicKey"}
_KEY_READING = ["kms:Decrypt", "kms:DescribeKey"]
_KEY_WRITING = [
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


def policy_of(
    function: str, consumes: Iterable[str] = (), *, is_asynchronous: bool = False
) -> Resource:
    """Write a function's policy.

    ``consumes`` names the queues Lambda reads on its behalf; what fails of a function that nobody
    waits for, Lambda puts aside with the function's own permissions.
    """
    needs = all_needs().get(function, {})
    queues = list(consumes)
    statements = [
        statement(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            arn("logs", f"log-group:/aws/lambda/{PREFIX}{function}:*"),
            sid="Logs",
        ),
        *_tables(needs),
        *_queues(needs, queues),
        *([_aside()] if is_asynchronous else []),
        *_documents(needs),
        *_parameters(needs),
        *_access_codes(needs),
        *_signatures(needs),
        *_mails(needs),
        *ec2_statements(needs),
        *workspaces_statements(needs),
        *_data_key(needs, uses_queues=bool(queues) or is_asynchronous),
    ]
    unknown = needs.keys() - set(_written(statements)) - {"sqs:GetQueueUrl"}
    if unknown:
        raise ValueError(f"no statement is written for {sorted(unknown)} of {function}")
    return policy(*statements)


def _written(statements: list[Resource]) -> Iterator[str]:
    for each in statements:
        yield from each["Action"]


def _chosen(needs: Needs, service: str) -> Needs:
    return {action: names for action, names in needs.items() if action.startswith(f"{service}:")}


def _tables(needs: Needs) -> Iterator[Resource]:
    """One statement for the tables that the same is done to."""
    done: dict[str, set[str]] = {}
    for action, names in _chosen(needs, "dynamodb").items():
        for name in names:
            done.setdefault(name, set()).add(action)
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, actions in sorted(done.items()):
        alike.setdefault(tuple(sorted(actions)), []).append(name)
    for actions_of_all, names in alike.items():
        yield statement(
            list(actions_of_all), [arn("dynamodb", f"table/{PREFIX}{name}") for name in names]
        )


def _queues(needs: Needs, consumes: list[str]) -> Iterator[Resource]:
    sent = needs.get("sqs:SendMessage", [])
    if sent:
        yield statement(
            ["sqs:GetQueueUrl", "sqs:SendMessage"], [arn("sqs", PREFIX + name) for name in sent]
        )
    if consumes:
        yield statement(
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            [arn("sqs", PREFIX + name) for name in consumes],
            sid="EventSource",
        )


def _aside() -> Resource:
    return statement(["sqs:SendMessage"], arn("sqs", f"{PREFIX}failed-events"), sid="FailedEvents")


def _documents(needs: Needs) -> Iterator[Resource]:
    for action, prefixes in _chosen(needs, "s3").items():
        if action != "s3:ListBucket":
            yield statement(
                [action], [sub(f"${{{bucket_of(each)}.Arn}}/{each}/*") for each in prefixes]
            )
    # Without listing S3 hides from us whether a document is missing or forbidden.
    looked_into = {*needs.get("s3:GetObject", []), *needs.get("s3:ListBucket", [])}
    buckets = sorted({bucket_of(prefix) for prefix in looked_into})
    if buckets:
        yield statement(["s3:ListBucket"], [get(bucket) for bucket in buckets])


def _parameters(needs: Needs) -> Iterator[Resource]:
    for action, places in _chosen(needs, "ssm").items():
        yield statement(
            [action], [arn("ssm", f"parameter/omny/${{Stage}}/{place}/*") for place in places]
        )


def _signatures(needs: Needs) -> Iterator[Resource]:
    actions = sorted(needs.keys() & _SIGNING)
    if actions:
        yield statement(actions, get("SigningKey"))


def _access_codes(needs: Needs) -> Iterator[Resource]:
    actions = sorted(_chosen(needs, "kms").keys() - _SIGNING)
    if actions:
        # The account is always named: a code is decrypted for the account it was made for.
        named = {"Null": {"kms:EncryptionContext:account": "false"}}
        yield statement(actions, get("AccessCodesKey"), condition=named)


def _mails(needs: Needs) -> Iterator[Resource]:
    actions = sorted(_chosen(needs, "ses"))
    if actions:
        yield statement(
            actions,
            [
                arn("ses", "identity/${MailDomain}"),
                arn("ses", f"configuration-set/{PREFIX}mails"),
            ],
        )


def _data_key(needs: Needs, *, uses_queues: bool) -> Iterator[Resource]:
    """Let AWS's services use the key of data on the function's behalf, and those alone."""
    services = {service_of(action) for action in needs} & {"dynamodb", "sqs", "s3"}
    services |= {"sqs"} if uses_queues else set()
    if services:
        via = [sub(f"{service}.${{AWS::Region}}.amazonaws.com") for service in sorted(services)]
        yield statement(
            [*_KEY_READING, *_KEY_WRITING],
            get("DataKey"),
            sid="DataAtRest",
            condition={
                "StringEquals": {"kms:ViaService": via, "kms:CallerAccount": ref("AWS::AccountId")}
            },
        )
