"""The programs behind the console on one machine: started, watched and stopped as children.

`make run` and the tests use the same classes. Every program listens on 127.0.0.1 alone and stops
with its parent (see `supervised.py`). None of them receives the AWS credentials of the shell.

ministack keeps one isolated world per account: an access key of twelve digits *is* the account
(`aws_access_key_id="000000000042"`). Tests take one key each and share one server.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from infra.local.programs.patience import Patience, cpu_seconds
from infra.project import ROOT

HOST = "127.0.0.1"
REGION = "eu-west-3"
WORKSPACES_DIRECTORY = "d-9a67000001"  # there from the beginning, see ``cloud_server``
SUPERVISED = "infra.local.programs.supervised"

# What the console uses of AWS. ministack loads a service at its first call; naming them keeps
# every other one out, above all those that would open ports of their own.
AWS_SERVICES = ("dynamodb", "kms", "s3", "scheduler", "ses", "sqs", "ssm", "sts")

# How long a program may stand still while it is waited for, and how much it may work meanwhile.
START_SECONDS = 60.0
STOP_SECONDS = 60.0
_WORK_SECONDS = 120.0
_POLL_SECONDS = 0.03
_LOG_TAIL = 2000


class PortTaken(RuntimeError):  # noqa: N818 (read as a sentence at the terminal)
    """Another program listens on the port."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(
            f"Port {port} is already taken, so {name} cannot start there:"
            f" stop the other program or choose another port."
        )


class NotReady(RuntimeError):  # noqa: N818
    """A program ended or stayed silent instead of answering; says what its log says."""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def require_free_port(port: int, name: str) -> None:
    """Raise `PortTaken` when `port` cannot be listened on; `name` says who wanted it."""
    with socket.socket() as probe:
        # As servers do: a port left in TIME_WAIT by a program that ended is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTaken(port, name) from error


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run: `python -m module *arguments`, from the project's root.

    `name` is how messages call it; `ready_path` answers below 500 once it works; `environment` is
    added to the shell's.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_path: str = "/"


class LocalProgram:
    """A Python program that serves HTTP on `port` of 127.0.0.1, as a child process.

    `log` receives its output, else a temporary file that goes with it. Start it with `start`, or
    `spawn` several and then `wait_until_ready` for each; it may be started again after a `stop`.
    Not to be shared between threads.
    """

    def __init__(self, program: Program, port: int, *, log: Path | None = None) -> None:
        self.name = program.name
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self._program = program
        self._log_path = log
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._process.pid if self._process and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, timeout: float = START_SECONDS) -> None:
        """Start and wait until it answers. Raises `PortTaken`, `NotReady`."""
        self.spawn()
        self.wait_until_ready(timeout)

    def spawn(self) -> None:
        """Start without waiting. Raises `PortTaken`."""
        require_free_port(self.port, self.name)
        self._log = self._open_log()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        # In a session of its own: Ctrl-C reaches the parent alone, which stops all in order.
        self._process = subprocess.Popen(
            [sys.executable, "-m", SUPERVISED, self._program.module, *self._program.arguments],
            cwd=ROOT,
            env={**inherited, "PYTHONUNBUFFERED": "1", **self._program.environment},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_until_ready(self, timeout: float = START_SECONDS) -> None:
        """Wait until it answers.

        Stops it and raises `NotReady` when it stands still for `timeout` without an answer.
        """
        patience = self._patience(timeout)
        while not self._answers():
            if not self.is_running:
                raise NotReady(f"{self.name} ended while starting.{self._close_log()}")
            if patience.is_over:
                self.stop()
                raise NotReady(f"{self.name} gave no answer, and did nothing for {timeout:.0f} s.")
            time.sleep(_POLL_SECONDS)

    def _patience(self, still_seconds: float) -> Patience:
        pids = [self._process.pid] if self._process else []
        return Patience(
            lambda: cpu_seconds(pids), still_seconds=still_seconds, work_seconds=_WORK_SECONDS
        )

    def request_stop(self) -> None:
        """Ask it to save and end, without waiting: `stop` all of them faster by asking first."""
        if self._process and self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Ask it to save and end, and wait; kill it once it stands still for `timeout`.

        Does nothing when stopped.
        """
        if self._process is None:
            return
        if self.is_running:
            self.request_stop()
            patience = self._patience(timeout)
            while self.is_running and not patience.is_over:
                time.sleep(_POLL_SECONDS)
            if self.is_running:
                self._process.kill()
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        self._process = None
        self._close_log()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", self._program.ready_path)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        # Something answers: only now is it sure to be ours, and not one that took the port first.
        return status < http.client.INTERNAL_SERVER_ERROR and self.is_running

    def _open_log(self) -> IO[bytes]:
        if self._log_path is None:
            return tempfile.TemporaryFile()
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        return self._log_path.open("ab+")

    def _close_log(self) -> str:
        """Close the log and return its last lines, to be shown after a sentence."""
        if self._log is None:
            return ""
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - _LOG_TAIL))
        tail = self._log.read().decode(errors="replace").strip()
        self._log.close()
        self._log = None
        return f" Its last words:\n{tail}" if tail else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class Ministack(LocalProgram):
    """DynamoDB, SQS, S3, SES, KMS and SSM.

    With `state_dir`, what it holds is saved there on a graceful stop and is back at the next start,
    on another port too; without, it forgets. Two things are never saved: sent mails, and the
    retention dates of single S3 objects. `smtp_port`, when something listens there, receives each
    mail as it is sent: whole from SES's SendRawEmail, text and HTML alone from the newer SendEmail.
    `services` empty means all that ministack knows.

    Clients sign with the secret "test": presigned S3 links are checked against it.
    """

    def __init__(
        self,
        port: int,
        state_dir: Path | None = None,
        *,
        smtp_port: int | None = None,
        services: Sequence[str] = AWS_SERVICES,
        log: Path | None = None,
    ) -> None:
        environment = {
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "SERVICES": ",".join(services),
            "LOG_LEVEL": "WARNING",
            # These two would open ports of their own, on every address.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        if state_dir is not None:
            environment |= {
                "PERSIST_STATE": "1",
                "STATE_DIR": str(state_dir.resolve() / "state"),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(state_dir.resolve() / "s3"),
            }
        if smtp_port is not None:
            environment["SMTP_HOST"] = f"{HOST}:{smtp_port}"
        program = Program(
            name="ministack",
            module="ministack",
            environment=environment,
            ready_path="/_ministack/ready",
        )
        super().__init__(program, port, log=log)
        self._state_dir = state_dir

    def spawn(self) -> None:
        """Start without waiting. Raises `PortTaken`."""
        require_free_port(self.port, self.name)
        if self._state_dir is not None:
            _move_queues(self._state_dir, self.port)
        super().spawn()


def _move_queues(state_dir: Path, port: int) -> None:
    """Give the saved queues the address of `port`.

    ministack knows a queue by its whole address: on another port, CreateQueue would make a second,
    empty queue and leave the messages in the first.
    """
    last_port = state_dir / "port"
    saved = state_dir / "state" / "sqs.json"
    if saved.exists() and last_port.exists():
        before = f"http://{HOST}:{last_port.read_text().strip()}/"
        saved.write_text(saved.read_text().replace(before, f"http://{HOST}:{port}/"))
    state_dir.mkdir(parents=True, exist_ok=True)
    last_port.write_text(f"{port}\n")


class MotoServer(LocalProgram):
    """EC2 and WorkSpaces. It forgets everything when it stops."""

    def __init__(self, port: int, *, log: Path | None = None) -> None:
        program = Program(
            name="the moto server",
            module="infra.local.programs.cloud_server",
            arguments=("-H", HOST, "-p", str(port)),
            # Its catalogue of machine images is not used, and takes a second to load.
            environment={"AWS_DEFAULT_REGION": REGION, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
            ready_path="/moto-api/data.json",
        )
        super().__init__(program, port, log=log)
