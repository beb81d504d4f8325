"""Every handler of the unzipped package under AWS's own runtime emulator.

`python -S` leaves out whatever is installed on this machine: only what is in the zip, and what
Lambda itself brings (awslambdaric), can be imported.
"""

import json
import os
import re
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from infra.local.programs.processes import HOST, free_port
from infra.project import ROOT
from infra.rehearsal.checks import RehearsalFailed, require

_LOCK = Path(__file__).with_name("requirements.txt")
_EMULATOR = "samcli/local/rapid/aws-lambda-rie-x86_64"
_RUNTIME = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_START_SECONDS, _ANSWER_SECONDS = 60, 120
_KIB = 1024
_MISSING = re.compile(r"(ModuleNotFoundError|ImportError)[^\"\n]*")
# Imports every module of the package: the handlers load theirs only when they serve.
_EVERY_MODULE = """
import importlib, pkgutil, chalicelib
names = [each.name for each in pkgutil.walk_packages(chalicelib.__path__, "chalicelib.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@dataclass(frozen=True)
class Measured:
    """How a handler fared: seconds to its first answer from nothing, to the next, MiB at most."""

    name: str
    cold_seconds: float
    warm_seconds: float
    peak_mib: float

    def __str__(self) -> str:
        return (
            f"  {self.name:26} cold {self.cold_seconds:6.2f} s   warm {self.warm_seconds:6.3f} s"
            f"   {self.peak_mib:6.0f} MiB"
        )


class Emulated:
    """The unzipped package, and what Lambda brings beside it."""

    def __init__(
        self, code: Path, interpreter: str, folder: Path, environment: dict[str, str]
    ) -> None:
        self._interpreter = interpreter
        self._contents = folder / "unzipped"
        self._tools = folder / "tools"
        self._log = folder / "handler.log"
        with zipfile.ZipFile(code) as zipped:
            zipped.extractall(self._contents)
        self._runtime = _unpack(self._tools, folder / "runtime", interpreter)
        self._environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "LAMBDA_TASK_ROOT": str(self._contents),
            "PYTHONPATH": f"{self._contents}{os.pathsep}{self._runtime}",
            "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's disk is read-only
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_REGION": environment["AWS_DEFAULT_REGION"],
            **environment,
        }

    def import_every_module(self) -> int:
        """Import each module with the zip alone; tell how many.  Raises RehearsalFailed."""
        done = subprocess.run(
            [self._interpreter, "-S", "-c", _EVERY_MODULE],
            cwd=self._contents,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        require(done.returncode == 0, f"a module cannot be imported:\n{done.stderr[-3000:]}")
        return int(done.stdout)

    def measure(self, name: str, handler: str, event: Any) -> tuple[Measured, Any]:
        """Call a handler twice; give the figures and its last answer."""
        began = time.monotonic()
        with self._running(name, handler) as (url, pid):
            first = _invoke(url, event, until=began + _START_SECONDS)
            cold = time.monotonic() - began
            _refuse_errors(name, first, self._log.read_text())
            again = time.monotonic()
            answer = _invoke(url, event, until=again + _ANSWER_SECONDS)
            warm = time.monotonic() - again
            peak = _peak_mib(pid)
        written = self._log.read_text()
        _refuse_errors(name, answer, written)
        return Measured(name, cold, warm, peak), answer

    @contextmanager
    def _running(self, name: str, handler: str) -> Iterator[tuple[str, int]]:
        port, api = free_port(), free_port()
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [
                    str(self._tools / _EMULATOR),
                    *("--runtime-interface-emulator-address", f"{HOST}:{port}"),
                    *("--runtime-api-address", f"{HOST}:{api}"),
                    *(self._interpreter, "-S", "-m", "awslambdaric", handler),
                ],
                cwd=self._contents,
                env={**self._environment, "AWS_LAMBDA_FUNCTION_NAME": name, "_HANDLER": handler},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield f"http://{HOST}:{port}{_INVOCATIONS}", process.pid
        finally:
            for pid in reversed(_family(process.pid)):
                _kill(pid)
            process.wait()


def _unpack(tools: Path, runtime: Path, interpreter: str) -> Path:
    """Unpack the emulator, and what Lambda runs a function with, from their own lock."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps"),
            *("--require-hashes", "--python", interpreter, "--target", tools, "-r", _LOCK),
        ],
        cwd=ROOT,
        check=True,
    )
    (tools / _EMULATOR).chmod(0o755)
    runtime.mkdir()
    for found in tools.iterdir():
        if found.name.startswith(_RUNTIME) and not found.name.endswith(".dist-info"):
            (runtime / found.name).symlink_to(found)
    return runtime


def _invoke(url: str, event: Any, *, until: float) -> Any:
    while True:
        try:
            request = Request(url, json.dumps(event).encode())
            with urlopen(request, timeout=_ANSWER_SECONDS) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except ConnectionError as refused:
            if time.monotonic() > until:
                raise RehearsalFailed("the runtime emulator does not answer") from refused
            time.sleep(0.02)
        except OSError as fault:  # urllib wraps a refused connection
            if not isinstance(getattr(fault, "reason", None), ConnectionError):
                raise
            if time.monotonic() > until:
                raise RehearsalFailed("the runtime emulator does not answer") from fault
            time.sleep(0.02)


def _refuse_errors(name: str, answer: Any, log: str) -> None:
    missing = _MISSING.search(log)
    require(missing is None, f"{name}: {missing and missing.group()}")
    failed = isinstance(answer, dict) and "errorType" in answer
    require(not failed, f"{name} failed: {answer}\n{log[-3000:]}")


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def _peak_mib(pid: int) -> float:
    """Give the most memory that a process started by the emulator held."""
    peaks = [0.0]
    for each in _family(pid)[1:]:
        status = Path(f"/proc/{each}/status").read_text()
        peaks += [int(kib) / _KIB for kib in re.findall(r"VmHWM:\s+(\d+) kB", status)]
    return max(peaks)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


# --- Events as AWS writes them --------------------------------------------------------------------


def page_event(path: str) -> dict[str, Any]:
    """Write API Gateway's event of a visit."""
    request_id = str(uuid.uuid4())
    return {
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": {"Accept": "text/html", "Host": "console.example"},
        "multiValueHeaders": {"Accept": ["text/html"], "Host": ["console.example"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": "GET",
            "path": f"/api{path}",
            "stage": "api",
            "requestId": request_id,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "rehearsal"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


def queue_event(queue: str, body: str) -> dict[str, Any]:
    """Write the event of one message of a queue."""
    return {
        "Records": [
            {
                "messageId": "1",
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795000000000"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-west-3:000000000001:{queue}",
                "awsRegion": "eu-west-3",
            }
        ]
    }
