"""Notes which AWS calls each handler makes, for the test that compares them with its policy.

The local stack runs every handler in one process: who calls is read from the call stack.  What a
demo client does through the services is what a browser does through the API.  The tests look at
the call stack likewise (tests/fakes/aws_calls.py).
"""

import atexit
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any

from infra.project import ROOT

RECORDING = "OMNY_RECORD_CALLS"  # names the file; calls are not recorded where it is not set
API = "api"
_APP = str(ROOT / "app.py")
_APPLICATION = str(ROOT / "chalicelib" / "console" / "framework" / "application.py")
_DEMO_CLIENT = str(ROOT / "infra" / "local" / "demo" / "client.py")
# Carries messages as Lambda's event sources do, on nobody's behalf.
_PUMP = str(ROOT / "infra" / "local" / "stack" / "queue_pump.py")
# Below are pytest's own frames, or a function whom a test has overtaken.
_TEST_BEGINS = {"pytest_pyfunc_call", "meanwhile"}
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
        handler = caller()
        if handler is None:
            return
        for action, resource in granted(operation, parameters):
            call = Call(handler, f"{service}:{action}", resource)
            if call not in seen:
                seen.add(call)
                with file.open("a", encoding="utf-8") as written:
                    written.write(json.dumps([call.handler, call.action, call.resource]) + "\n")

    hear_clients(note)
    _hook_settings(note)


def note_calls_of_memory(services: Any) -> None:
    """Record from now on what is asked of tables and queues in memory too, as of the real ones."""
    if RECORDING not in os.environ:
        return
    from tests.fakes.aws_calls import SEEN, watch_calls

    watch_calls(services)

    def write() -> None:
        with Path(os.environ[RECORDING]).open("a", encoding="utf-8") as written:
            for function, needs in SEEN.functions.items():
                for action, name in needs:
                    written.write(json.dumps([function, action, name]) + "\n")

    atexit.register(write)


def recorded(file: Path) -> set[Call]:
    """Read what was recorded."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {Call(*json.loads(line)) for line in lines}


def hear_clients(note: Note) -> None:
    """Hear of every call: botocore's events know the client, not those that pynamodb makes."""
    from botocore import signers
    from botocore.client import BaseClient

    calling = BaseClient._make_api_call  # type: ignore[attr-defined]
    presigning = signers.generate_presigned_url

    def recording(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        note(client.meta.service_model.signing_name, operation, parameters)
        return calling(client, operation, parameters)

    def signing(client: Any, ClientMethod: str, Params: Any = None, **more: Any) -> Any:  # noqa: N803
        # Whoever signs an address must be allowed what it gives.
        operation = client.meta.method_to_api_mapping[ClientMethod]
        note(client.meta.service_model.signing_name, operation, Params or {})
        return presigning(client, ClientMethod, Params, **more)

    BaseClient._make_api_call = recording  # type: ignore[attr-defined]
    signers.generate_presigned_url = signing


def _hook_settings(note: Note) -> None:
    """Hear of every look at the settings: on AWS each function reads them by itself, once."""
    from chalicelib.foundation.settings import Settings

    reading = Settings.__dict__["_parameters"].func
    kept: dict[int, dict[str, str]] = {}

    def parameters(settings: Settings) -> dict[str, str]:
        note("ssm", "GetParametersByPath", {"Path": f"/omny/{settings.stage}/console/"})
        if id(settings) not in kept:
            kept[id(settings)] = reading(settings)
        return kept[id(settings)]

    for name in ("_parameters", "secrets", "company"):
        once = Settings.__dict__[name].func if name != "_parameters" else parameters
        setattr(Settings, name, property(once))


def caller(entries: Mapping[int, str] = MappingProxyType({})) -> str | None:
    """Name the function whose call this is; None for the emulators' and the tools' own needs.

    ``entries`` are further places where the work of a function begins: its name, by the id of the
    code (a code's own hash takes long).
    """
    found: str | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if id(code) in entries:
            found = entries[id(code)]
        elif code.co_filename == _APP and code.co_name != "<module>":
            found = code.co_name.replace("_", "-")
        elif code.co_filename == _PUMP:
            return found
        elif code.co_filename == _DEMO_CLIENT or (
            code.co_filename == _APPLICATION and code.co_name == "__call__"
        ):
            found = API
        elif code.co_name in _TEST_BEGINS:
            return found
        frame = frame.f_back
    return found


def granted(operation: str, parameters: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the actions of IAM that a call needs, each with its resource's name."""
    if operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            ((kind, inner),) = item.items()
            yield _TRANSACTED[kind], inner["TableName"]
        return
    if operation == "CopyObject":
        yield "GetObject", _resource(parameters["CopySource"])
        operation = "PutObject"
    yield _ACTIONS.get(operation, operation), _resource(parameters)


def _resource(parameters: dict[str, Any]) -> str:
    if "TableName" in parameters:
        index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
        return f"{parameters['TableName']}{index}"
    if "QueueUrl" in parameters:
        return str(parameters["QueueUrl"]).rsplit("/", 1)[-1]
    if "Bucket" in parameters:
        place = str(parameters.get("Key") or parameters.get("Prefix", ""))
        return f"{parameters['Bucket']}/{place.partition('/')[0]}"
    named = (parameters.get(name) for name in ("QueueName", "Name", "Path", "ResourceId"))
    return str(next((name for name in named if name), ""))
