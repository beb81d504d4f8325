"""The whole local stack as `make run` starts it, for the tests that need it whole.

Playing two past months takes a quarter of a minute: it is done once per run of the tests, whatever
the number of processes that share them, and its data copied for whoever starts a stack on them.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from infra.local.programs.patience import Patience, cpu_seconds
from infra.local.programs.processes import free_port
from infra.local.stack.recorder import RECORDING
from infra.local.state_folder import Addresses, StateFolder
from infra.project import ROOT

# A stack may stand still for so long while something of it is waited for, and work for so long.
STILL_SECONDS = 60
WORK_SECONDS = 300
ANSWER_SECONDS = 900  # of one request: against a hang alone


def calls_file(state: Path) -> Path:
    """Give the file that notes the calls of the handlers of the stack on a folder."""
    return state.with_name(f"{state.name}.calls")


class LocalStackProcess:
    """`python -m infra.local.run` on a folder; its output is in `lines` once it ended."""

    def __init__(
        self, state: Path, *options: str, history: bool = False, port: int | None = None
    ) -> None:
        self.state = state
        self.port = port or free_port()
        self._folder = StateFolder(state)
        self._output = state.with_name(f"{state.name}.output")
        command = [sys.executable, "-m", "infra.local.run", "--port", str(self.port)]
        command += ["--state", str(state), *options, *([] if history else ["--without-history"])]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                # What each handler calls of AWS: compared with its policy (tests/infra).
                env={**os.environ, RECORDING: str(calls_file(state))},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self._output.read_text(encoding="utf-8")

    @property
    def addresses(self) -> Addresses:
        """Where its parts are."""
        addresses = self._folder.running()
        assert addresses is not None, self.output
        return addresses

    def wait_until_ready(self) -> "LocalStackProcess":
        """Wait until it prints that it is."""
        self.wait_for("Ctrl-C stops everything")
        return self

    def wait_for(self, words: str) -> None:
        """Wait until it has printed these words."""
        patience = self._patience()
        while words not in self.output:
            assert self.process.poll() is None, self.output
            assert not patience.is_over, self.output
            time.sleep(0.05)

    def wait_for_end(self) -> int:
        """Wait until it has ended by itself; give the exit status."""
        patience = self._patience()
        while self.process.poll() is None:
            assert not patience.is_over, self.output
            time.sleep(0.05)
        return self.process.wait()

    def stop(self) -> int:
        """Press Ctrl-C once and wait; give the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.wait_for_end()
        finally:
            self.process.kill()

    def _patience(self) -> Patience:
        return Patience(self.cpu_seconds, still_seconds=STILL_SECONDS, work_seconds=WORK_SECONDS)

    # the desk
    def move_clock(self, **movement: str) -> dict[str, Any]:
        """Move "now" forward: `move="hour" | "day" | "month"` or `to=` an instant; wait for it."""
        answer = requests.post(
            f"{self.addresses.desk}/clock", json=movement, timeout=ANSWER_SECONDS
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        """Give the mails sent to an address, the newest first, with their links."""
        answer = requests.get(
            f"{self.addresses.desk}/mails.json", {"to": to}, timeout=ANSWER_SECONDS
        )
        found: list[dict[str, Any]] = answer.json()
        return found

    # its processes
    def processes(self) -> list[int]:
        """Give the ids of its process and of those it started."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    found += [int(child) for child in children.read_text().split()]
                except (FileNotFoundError, ProcessLookupError):
                    continue  # the thread has ended meanwhile
        return found

    def cpu_seconds(self) -> float:
        """Give the processor time that its processes took so far, whatever else ran beside."""
        return cpu_seconds(self.processes())

    def listening_addresses(self) -> set[str]:
        """Give the addresses its processes listen on, as the kernel writes them."""
        inodes = {
            str(descriptor.readlink())
            for pid in self.processes()
            for descriptor in Path(f"/proc/{pid}/fd").iterdir()
            if descriptor.is_symlink()
        }
        found = set()
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                    found.add(fields[1].partition(":")[0])
        return found


@contextmanager
def running_stack(
    state: Path, *options: str, history: bool = False, port: int | None = None
) -> Iterator[LocalStackProcess]:
    """Start a stack on a folder, wait until it is ready, and stop it in the end."""
    stack = LocalStackProcess(state, *options, history=history, port=port)
    try:
        yield stack.wait_until_ready()
    finally:
        stack.stop()


def played_history(shared: Path, target: Path) -> Path:
    """Give, in `target`, data with two past months played; `shared` is the run's own folder.

    Played by the first who asks, copied for each.
    """
    played = shared / "played-history"
    with (shared / "played-history.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not StateFolder(played).is_complete:
            with running_stack(played, history=True):
                pass
            shutil.copy(played.with_name(f"{played.name}.output"), played / "first-start.txt")
    shutil.copytree(played, target)
    return target


def shared_folder(base: Path) -> Path:
    """Give the folder that the processes of one run of the tests have in common."""
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
