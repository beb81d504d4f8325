"""The port behind which desktops get their machines: EC2 today, WorkSpaces later (DSK-2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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

    def terminate(self, machine_id: str) -> None:
        """Destroy a machine and its disk; nothing when it is gone."""


class MachineSecrets(Protocol):
    """Hands a machine its first secret; it fetches it when it boots."""

    def parameter(self, desktop_id: str) -> str:
        """Name the place of a desktop's secret."""

    def put(self, desktop_id: str, secret: str) -> None:
        """Lay a secret down for the machine, instead of any earlier one."""

    def erase(self, desktop_id: str) -> None:
        """Remove the secret; nothing when there is none (DSK-7)."""
