"""The port behind which desktops get their machines: EC2, or WorkSpaces (DSK-2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.desktops.model.backups import Backup


class MachineStatus(StrEnum):
    """What the cloud says of a machine."""

    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    GONE = "gone"  # terminated or being terminated
    UNKNOWN = "unknown"  # not listed: forgotten long after its end, or made a moment ago


@dataclass(frozen=True)
class MachineState:
    """A machine as the cloud sees it now."""

    status: MachineStatus
    address: str | None = None
    instance_type: str = ""
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class ListedMachine:
    """A machine of the cloud's inventory, with the desktop and the account it was made for."""

    id: str
    desktop_id: str
    account_id: str
    status: MachineStatus
    launched_at: datetime | None = None


GONE = MachineState(MachineStatus.GONE)
UNKNOWN = MachineState(MachineStatus.UNKNOWN)


@dataclass(frozen=True)
class LaunchRequest:
    """Everything a machine is made from.

    ``token`` makes the call idempotent: the same token never makes a second machine.
    ``secret_parameter`` names where the machine fetches its secret at boot.
    """

    token: str
    desktop_id: str
    account_id: str
    instance_type: str
    image: str
    os: str
    storage_gib: int
    secret_parameter: str


class MachineProvider(Protocol):
    """Makes machines and acts on them; every call can be repeated.

    All raise TemporaryGatewayError when another try may succeed, FinalGatewayError otherwise.
    """

    def launch(self, request: LaunchRequest) -> str:
        """Make the desktop's machine, or find the one already made; give its id."""

    def find(self, desktop_id: str) -> str | None:
        """Find the desktop's machine by its tag; None when there is none alive."""

    def describe(self, machine_ids: Iterable[str]) -> dict[str, MachineState]:
        """Tell the state of machines; one the cloud does not list is UNKNOWN."""

    def start(self, machine_id: str) -> None:
        """Start a machine; nothing when it already runs."""

    def stop(self, machine_id: str) -> None:
        """Stop a machine; nothing when it is already stopped."""

    def restart(self, machine_id: str) -> None:
        """Restart a running machine."""

    def change_type(self, machine_id: str, instance_type: str, storage_gib: int) -> None:
        """Give a stopped machine another type, and a larger disk when it needs one (DSK-4)."""

    def grow(self, machine_id: str, storage_gib: int) -> bool:
        """Enlarge the machine's disk; tell whether it has that size now (DSK-4)."""

    def isolate(self, machine_id: str) -> None:
        """Cut a machine from the Internet (DSK-8)."""

    def reconnect(self, machine_id: str) -> None:
        """Undo ``isolate``."""

    def terminate(self, machine_id: str) -> None:
        """Destroy a machine and its disk; nothing when it is gone."""

    def back_up(self, desktop_id: str, machine_id: str, day: date) -> Backup:
        """Copy the disk for a Paris day, or find the copy already made (DSK-5)."""

    def backups(self, desktop_id: str) -> list[Backup]:
        """Give the copies there are of a desktop's disk, oldest first."""

    def delete_backup(self, snapshot_id: str) -> None:
        """Remove a copy; nothing when it is gone."""

    def clear(self, desktop_id: str) -> None:
        """Remove all that a deleted desktop leaves beside its machine (DSK-6)."""

    def restore(self, machine_id: str, snapshot_id: str, token: str) -> bool:
        """Put the content of a copy on a stopped machine's disk; tell whether it is there (DSK-5).

        ``token`` names the return: repeated, it is the same one.
        """

    def undo_restore(self, desktop_id: str, machine_id: str, token: str) -> bool:
        """Have a machine whose return was given up as it was; tell whether it is so (DSK-5)."""

    def inventory(self) -> Iterator[ListedMachine]:
        """Give every machine that is alive, read by pages (DSK-9)."""


class MachineSecrets(Protocol):
    """Hands a machine its first secret; it fetches it when it boots."""

    def parameter(self, desktop_id: str) -> str:
        """Name the place of a desktop's secret."""

    def put(self, desktop_id: str, secret: str) -> None:
        """Lay a secret down for the machine, instead of any earlier one."""

    def hand_to(self, desktop_id: str, machine_id: str) -> None:
        """Let this machine, and no other, read the secret; nothing when there is none."""

    def erase(self, desktop_id: str) -> None:
        """Remove the secret; nothing when there is none (DSK-7)."""
