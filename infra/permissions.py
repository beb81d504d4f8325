"""What each function may do: one policy per function, from `infra/permissions.json`.

The data names, function by function, the actions of IAM and on what; a test records what every
handler really calls on the local stack and compares: nothing missing, nothing unused.  What the
recording seldom meets is under "seldom", with the reason why it is needed.

python -m infra.permissions FILE adds what a recording has and the data lacks, to be read over.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from infra.cloudformation.names import PREFIX, Resource, arn, get, policy, ref, statement, sub
from infra.permissions_ec2 import ec2_statements, workspaces_statements

DATA = Path(__file__).with_name("permissions.json")
Needs = dict[str, list[str]]  # action of IAM -> names: tables, queues, prefixes of documents…
_STAGE = "omny-local-"  # of the recording
_KEY_READING = ["kms:Decrypt", "kms:DescribeKey"]
_KEY_WRITING = [
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


def all_needs() -> dict[str, Needs]:
    """Give what each function needs, often or seldom."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    needs: dict[str, Needs] = data["often"]
    for function, seldom in data["seldom"].items():
        for actions in seldom.values():
            for action, names in actions.items():
                needs.setdefault(function, {}).setdefault(action, []).extend(names)
    return needs


def seldom_needs(function: str) -> set[tuple[str, str]]:
    """Give what a function needs when something rare happens; each has its reason in the data."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    reasons: dict[str, Needs] = data["seldom"].get(function, {})
    return {pair for needs in reasons.values() for pair in pairs(needs)}


def pairs(needs: Needs) -> Iterator[tuple[str, str]]:
    """List needs one by one."""
    for action, names in needs.items():
        for name in names:
            yield action, name


def _service(action: str) -> str:
    return action.partition(":")[0]


def normalised(action: str, resource: str) -> tuple[str, str]:
    """Name what a recorded call was made on as the data does, without stage or identifiers."""
    name = resource.removeprefix(_STAGE)
    service = _service(action)
    if service == "s3":
        name = name.removeprefix("documents/")
    elif service == "ssm":
        # /omny/{stage}/console/… are settings, /omny/{stage}/desktops/… machines' secrets.
        name = name.split("/")[3]
    elif service in {"ec2", "kms", "ses", "workspaces"}:
        name = ""
    return action, name


# --- Policies ------------------------------------------------------------------------------------


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
                [action], [sub(f"${{DocumentsBucket.Arn}}/{prefix}/*") for prefix in prefixes]
            )
    if needs.keys() & {"s3:GetObject", "s3:ListBucket"}:
        # Without it S3 hides from us whether a document is missing or forbidden.
        yield statement(["s3:ListBucket"], get("DocumentsBucket"))


def _parameters(needs: Needs) -> Iterator[Resource]:
    for action, places in _chosen(needs, "ssm").items():
        yield statement(
            [action], [arn("ssm", f"parameter/omny/${{Stage}}/{place}/*") for place in places]
        )


def _access_codes(needs: Needs) -> Iterator[Resource]:
    actions = sorted(_chosen(needs, "kms"))
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
    services = {_service(action) for action in needs} & {"dynamodb", "sqs", "s3"}
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


# --- Learning from a recording -------------------------------------------------------------------


def missing(recording: dict[str, set[tuple[str, str]]]) -> dict[str, set[tuple[str, str]]]:
    """Give what handlers called, and have no permission for."""
    needs = all_needs()
    found = {}
    for function, called in recording.items():
        lacking = called - set(pairs(needs.get(function, {})))
        if lacking:
            found[function] = lacking
    return found


def read_recording(*files: Path) -> dict[str, set[tuple[str, str]]]:
    """Give what each function called, by the data's names."""
    from infra.local.recorder import recorded

    calls: dict[str, set[tuple[str, str]]] = {}
    for file in files:
        for call in recorded(file):
            pair = normalised(call.action, call.resource)
            if pair[0] != "sqs:GetQueueUrl":  # goes with SendMessage
                calls.setdefault(call.handler, set()).add(pair)
    return calls


def main(files: list[str]) -> int:
    """Add what recordings have and the data lacks."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    for function, lacking in sorted(missing(read_recording(*map(Path, files))).items()):
        for action, name in sorted(lacking):
            print(f"{function}: {action} {name}")
            data["often"].setdefault(function, {}).setdefault(action, []).append(name)
    data["often"] = {
        function: {action: sorted(names) for action, names in sorted(needs.items())}
        for function, needs in sorted(data["often"].items())
    }
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
