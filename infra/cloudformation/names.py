"""Names and logical ids: one rule for the template, the policies and the code that runs."""

from typing import Any

from chalicelib.foundation.messages import Queue
from infra.cloudformation.resources import dead_letter_name

Resource = dict[str, Any]
Resources = dict[str, Resource]

PREFIX = "omny-${Stage}-"
RETAIN = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
DOCUMENTS_BUCKET, EXCHANGE_BUCKET = "DocumentsBucket", "ExchangeBucket"
EXCHANGED = {"platform"}  # what passes through; everything else is kept ten years
API_FUNCTION = "api"
API_LOGICAL_ID = "APIHandler"  # Chalice's


def logical_id(name: str) -> str:
    """Give the logical id that Chalice gives to a name: "mail-worker" is MailWorker."""
    parts = name.replace("_", "-").replace(".", "-").split("-")
    return "".join(part[:1].upper() + part[1:] for part in parts)


def function_id(name: str) -> str:
    """Give the logical id of a function."""
    return API_LOGICAL_ID if name == API_FUNCTION else logical_id(name)


def role_id(name: str) -> str:
    """Give the logical id of the role that Chalice makes for a function."""
    return "ApiHandlerRole" if name == API_FUNCTION else f"{logical_id(name)}Role"


def table_id(table: str) -> str:
    """Give the logical id of a table."""
    return f"{logical_id(table)}Table"


def queue_id(queue: Queue) -> str:
    """Give the logical id of a queue."""
    return f"{logical_id(queue.value.removesuffix('.fifo'))}Queue"


def dead_queue_id(queue: Queue) -> str:
    """Give the logical id of a queue's dead-letter queue."""
    return f"{queue_id(queue)}Dead"


def sub(text: str) -> dict[str, Any]:
    """Fill ``${...}`` in."""
    return {"Fn::Sub": text}


def named(name: str) -> dict[str, Any]:
    """Give the stage's name of something."""
    return sub(PREFIX + name)


def dead_name(queue: Queue) -> str:
    """Give a dead-letter queue's name, without the stage."""
    return dead_letter_name(queue.value)


def bucket_of(prefix: str) -> str:
    """Give the logical id of the bucket that holds what begins with a prefix."""
    return EXCHANGE_BUCKET if prefix in EXCHANGED else DOCUMENTS_BUCKET


def arn(service: str, resource: str) -> dict[str, Any]:
    """Give an ARN of this account, Paris: resources are named, never looked up."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def get(logical: str, attribute: str = "Arn") -> dict[str, Any]:
    """Give an attribute of a resource of the template."""
    return {"Fn::GetAtt": [logical, attribute]}


def ref(logical: str) -> dict[str, Any]:
    """Refer to a resource or a parameter."""
    return {"Ref": logical}


def statement(
    actions: list[str], resources: Any, *, sid: str = "", condition: Resource | None = None
) -> Resource:
    """Write one statement that allows."""
    return {
        **({"Sid": sid} if sid else {}),
        "Effect": "Allow",
        "Action": actions,
        "Resource": resources,
        **({"Condition": condition} if condition else {}),
    }


def policy(*statements: Resource) -> Resource:
    """Write a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def assumed_by(service: str, condition: Resource | None = None) -> Resource:
    """Write the trust policy of a service's role."""
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {}),
        }
    )
