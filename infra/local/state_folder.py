"""Where the local stack keeps its data (`.local/`), and how it says where its parts are."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.project import ROOT

DEFAULT = ROOT / ".local"


class AlreadyOpen(RuntimeError):  # noqa: N818 (read as a sentence at the terminal)
    """A stack already runs on this data."""


@dataclass(frozen=True)
class Addresses:
    """Where the parts of a running stack listen, and the process that holds them."""

    console: str
    desk: str
    stripe: str
    ministack: str
    moto: str


class StateFolder:
    """A folder with everything the stack remembers between two starts."""

    def __init__(self, root: Path = DEFAULT) -> None:
        self.root = root
        self.ministack = root / "ministack"
        self.stripe = root / "stripe.json"
        self.clock = root / "clock.json"
        self.mails = root / "mails"
        self.console_log = root / "console.log"
        self._lock = root / "lock"
        self._addresses = root / "stack.json"
        # The marks that `kept_data.py` reads: the first start went to its end, a stack runs, all
        # was saved.
        self.finished = root / "started.json"
        self.opened = root / "open.json"
        self.kept = root / "kept.json"

    def log(self, part: str) -> Path:
        """Give the file that takes the output of a part."""
        return self.root / f"{part}.log"

    @property
    def is_complete(self) -> bool:
        """Whether the first start went to its end."""
        return self.finished.exists()

    def mark_complete(self, how: dict[str, Any]) -> None:
        """Note that the first start went to its end."""
        write_json(self.finished, how)

    def forget(self) -> None:
        """Remove what a first start left unfinished; leave what is not ours."""
        for path in (self.ministack, self.mails):
            shutil.rmtree(path, ignore_errors=True)
        for kind in ("*.json", "*.log"):
            for path in self.root.glob(kind):
                path.unlink()

    # who runs
    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder for this process, until the end of a `with` block or of the process.

        Raises AlreadyOpen when another one has it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as refused:
                other = self.running()
                where = f"at {other.console}" if other else "and is still starting"
                raise AlreadyOpen(f"The console already runs on this data, {where}.") from refused
            yield

    def publish(self, addresses: Addresses) -> None:
        """Say where the parts are, once they are."""
        write_json(self._addresses, asdict(addresses))

    def withdraw(self) -> None:
        """Say that nothing runs any more."""
        self._addresses.unlink(missing_ok=True)

    def running(self) -> Addresses | None:
        """Give the addresses of the stack that runs on this folder, or None."""
        try:
            addresses = Addresses(**json.loads(self._addresses.read_text(encoding="utf-8")))
            with self._lock.open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return addresses
        return None  # left by a stack that was killed


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file whole: a reader sees the former one or this one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    beside.replace(path)
