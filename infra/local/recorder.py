"""Notes which AWS calls each handler makes, for the test that compares them with its policy.

The local stack runs every handler in one process: who calls is read from the call stack.  What a
demo client does through the services is what a browser does through the API.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.processes import ROOT

RECORDING = "OMNY_RECORD_CALLS"  # names the file; calls are not recorded where it is not set
API = "api"
_APP = str(ROOT / "app.py")
_APPLICATION = str(ROOT / "chalicelib" / "console" / "application.py")
_DEMO_CLIENT = str(ROOT / "infra" / "local" / "demo_client.py")
# Carries messages as Lambda's event sources do, on nobody's behalf.
_PUMP = str(ROOT / "infra" / "local" / "queue_pump.py")
_TRANSACTED = {"Put": "PutItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
# Named otherwise by IAM.
_ACTIONS = {
    "ListObjectsV2": "ListBucket",
    "HeadObject": "GetObject",
    "SendMessageBatch": "SendMessage",
}
Note = Callable[[str, str, dict[str, Any]], None]


@dataclass(frozen=True, order=True)
class Call:
    """One kind of call: by which function, which action of IAM, on what (a name, not an ARN)."""

    handler: str
    action: str
    resource: str


def record_calls() -> None:
    """Record from now on, if the environment asks for it."""
    if RECORDING not in os.environ:
        return
    file = Path(os.environ[RECORDING])
    seen: set[Call] = set()

    def note(service: str, operation: str, parameters: dict[str, Any]) -> None:
        handler = _caller()
        if handler is None:
            return
        for action, resource in _granted(operation, parameters):
            call = Call(handler, f"{service}:{action}", resource)
            if call not in seen:
                seen.add(call)
                with file.open("a", encoding="utf-8") as written:
                    written.write(json.dumps([call.handler, call.action, call.resource]) + "\n")

    _hook_clients(note)
    _hook_what_is_done_once(note)


def recorded(file: Path) -> set[Call]:
    """Read what was recorded."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {Call(*json.loads(line)) for line in lines}


def _hook_clients(note: Note) -> None:
    """Hear of every call: botocore's events know the client, not those that pynamodb makes."""
    from botocore.client import BaseClient

    calling = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recording(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        note(client.meta.service_model.signing_name, operation, parameters)
        return calling(client, operation, parameters)

    BaseClient._make_api_call = recording  # type: ignore[attr-defined]


def _hook_what_is_done_once(note: Note) -> None:
    """Hear of what one process does for all handlers together, and of addresses that are signed.

    On AWS each function reads its settings by itself; and whoever signs an address must be
    allowed what it gives.
    """
    from chalicelib.foundation.documents import S3Documents
    from chalicelib.foundation.settings import Settings

    linking, reading = S3Documents.link, Settings.__dict__["_parameters"].func

    def link(documents: S3Documents, key: str, file_name: str) -> str:
        note("s3", "GetObject", {"Bucket": documents._bucket, "Key": key})
        return linking(documents, key, file_name)

    kept: dict[int, dict[str, str]] = {}

    def parameters(settings: Settings) -> dict[str, str]:
        note("ssm", "GetParametersByPath", {"Path": f"/omny/{settings.stage}/console/"})
        if id(settings) not in kept:
            kept[id(settings)] = reading(settings)
        return kept[id(settings)]

    S3Documents.link = link  # type: ignore[method-assign, assignment]
    for name in ("_parameters", "secrets", "company"):
        once = Settings.__dict__[name].func if name != "_parameters" else parameters
        setattr(Settings, name, property(once))


def _caller() -> str | None:
    """Name the function whose call this is; None for the emulators' and the tools' own needs."""
    found: str | None = None
    frame = sys._getframe(2)
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        if file == _APP and function != "<module>":
            return function.replace("_", "-")
        if file == _PUMP:
            return None
        if file == _DEMO_CLIENT or (file == _APPLICATION and function == "__call__"):
            found = API
        frame = frame.f_back  # type: ignore[assignment]
    return found


def _granted(operation: str, parameters: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the actions of IAM that a call needs, each with its resource's name."""
    if operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            ((kind, inner),) = item.items()
            yield _TRANSACTED[kind], inner["TableName"]
        return
    yield _ACTIONS.get(operation, operation), _resource(parameters)


def _resource(parameters: dict[str, Any]) -> str:
    if "TableName" in parameters:
        index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
        return f"{parameters['TableName']}{index}"
    if "QueueUrl" in parameters:
        return str(parameters["QueueUrl"]).rsplit("/", 1)[-1]
    if "Bucket" in parameters:
        return f"{parameters['Bucket']}/{str(parameters.get('Key', '')).split('/')[0]}"
    named = (parameters.get(name) for name in ("QueueName", "Name", "Path", "ResourceId"))
    return str(next((name for name in named if name), ""))
