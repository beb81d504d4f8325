"""A cloud in memory: same rules as EC2, seen through the ``MachineProvider`` port."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from chalicelib.desktops.clouds.machines import (
    UNKNOWN,
    LaunchRequest,
    ListedMachine,
    MachineState,
    MachineStatus,
)
from chalicelib.desktops.model.backups import Backup
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from tests.fakes.aws_calls import stands_for
from tests.fakes.copied import CopiedLock

NO_DISK = "nothing"  # the content of a machine whose disk was taken off


@dataclass(frozen=True)
class FakeMachine:
    """One machine ever made."""

    id: str
    request: LaunchRequest
    instance_type: str
    storage_gib: int
    status: MachineStatus = MachineStatus.PENDING
    boots: int = 1
    isolated: bool = False
    content: str = "image"

    @property
    def is_alive(self) -> bool:
        return self.status is not MachineStatus.GONE


@stands_for("Ec2Provider", "WorkspacesProvider")
class FakeMachines:
    """Makes machines that reach their next status ``looks_needed`` looks later.

    ``refusals`` are raised by the next launches, oldest first; ``refuse_types`` names instance
    types that cannot be changed to.
    """

    launched_at = datetime(2026, 1, 1, tzinfo=UTC)

    def __init__(self, looks_needed: int = 1) -> None:
        self.copies: dict[str, tuple[str, Backup]] = {}
        self.refuse_growth: Exception | None = None
        self.refuse_disks: Exception | None = None  # said by the cloud between two disks
        self._taken_off: dict[str, str] = {}
        self.inventory_pages = 0
        self._lock = CopiedLock()
        self._numbers = itertools.count(1)
        self.machines: dict[str, FakeMachine] = {}
        self.refusals: list[Exception] = []
        self.refuse_types: set[str] = set()
        self.looks_needed = looks_needed
        self._tokens: dict[str, str] = {}
        self._looks: dict[str, int] = {}

    # the port
    def launch(self, request: LaunchRequest) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        with self._lock:
            made = self.find(request.desktop_id) or self._tokens.get(request.token)
            if made is not None:
                return made
            machine_id = f"i-{len(self.machines) + 1:017x}"
            self._tokens[request.token] = machine_id
            self.machines[machine_id] = FakeMachine(
                machine_id, request, request.instance_type, request.storage_gib
            )
        return machine_id

    def find(self, desktop_id: str) -> str | None:
        found = (m.id for m in self.alive if m.request.desktop_id == desktop_id)
        return next(found, None)

    def describe(self, machine_ids: Iterable[str]) -> dict[str, MachineState]:
        return {machine_id: self._state(machine_id) for machine_id in machine_ids}

    def start(self, machine_id: str) -> None:
        machine = self._known(machine_id)
        if machine.status is MachineStatus.STOPPING:
            raise TemporaryGatewayError("it is still stopping")
        if machine.content == NO_DISK:
            raise FinalGatewayError("no disk", code="InvalidParameterValue")
        if machine.status is MachineStatus.STOPPED:
            self._set(machine, status=MachineStatus.PENDING, boots=machine.boots + 1)

    def stop(self, machine_id: str) -> None:
        machine = self._known(machine_id)
        if machine.status in {MachineStatus.PENDING, MachineStatus.RUNNING}:
            self._set(machine, status=MachineStatus.STOPPING)

    def restart(self, machine_id: str) -> None:
        machine = self._known(machine_id)
        self._set(machine, boots=machine.boots + 1)

    def change_type(self, machine_id: str, instance_type: str, storage_gib: int) -> None:
        machine = self._known(machine_id)
        if machine.status is not MachineStatus.STOPPED:
            raise TemporaryGatewayError("it is not stopped")
        if instance_type in self.refuse_types:
            raise FinalGatewayError("unsupported", code="Unsupported")
        storage = max(storage_gib, machine.storage_gib)
        self._set(machine, instance_type=instance_type, storage_gib=storage)

    def terminate(self, machine_id: str) -> None:
        if machine_id in self.machines:
            self._set(self.machines[machine_id], status=MachineStatus.GONE)

    def grow(self, machine_id: str, storage_gib: int) -> bool:
        machine = self._known(machine_id)
        if self.refuse_growth is not None:
            raise self.refuse_growth
        if machine.storage_gib < storage_gib:
            self.machines[machine_id] = replace(machine, storage_gib=storage_gib)
            return False
        return True

    def isolate(self, machine_id: str) -> None:
        self.machines[machine_id] = replace(self._known(machine_id), isolated=True)

    def reconnect(self, machine_id: str) -> None:
        self.machines[machine_id] = replace(self._known(machine_id), isolated=False)

    def back_up(self, desktop_id: str, machine_id: str, day: date) -> Backup:
        self._known(machine_id)
        made = [copy for copy in self.backups(desktop_id) if copy.taken_on == day]
        if made:
            return made[0]
        taken_at = datetime.combine(day, time(3), UTC)
        copy = Backup(f"snap-{next(self._numbers):017x}", day, taken_at, True)
        self.copies[copy.snapshot_id] = (desktop_id, copy)
        return copy

    def backups(self, desktop_id: str) -> list[Backup]:
        return [copy for owner, copy in list(self.copies.values()) if owner == desktop_id]

    def delete_backup(self, snapshot_id: str) -> None:
        self.copies.pop(snapshot_id, None)

    def clear(self, desktop_id: str) -> None:
        for copy in self.backups(desktop_id):
            self.delete_backup(copy.snapshot_id)

    def restore(self, machine_id: str, snapshot_id: str, token: str) -> bool:
        machine = self._known(machine_id)
        if machine.status is not MachineStatus.STOPPED:
            raise TemporaryGatewayError("it is not stopped")
        if snapshot_id not in self.copies:
            raise FinalGatewayError("no such copy", code="InvalidSnapshot.NotFound")
        if self.refuse_disks is not None and machine.content == NO_DISK:
            raise self.refuse_disks
        done = machine.content == snapshot_id
        # The former disk is off before the other one is on.
        self._taken_off.setdefault(machine_id, machine.content)
        content = snapshot_id if done or machine.content == NO_DISK else NO_DISK
        self.machines[machine_id] = replace(machine, content=content)
        return done

    def undo_restore(self, desktop_id: str, machine_id: str, token: str) -> bool:
        machine = self._known(machine_id)
        if machine.content != NO_DISK:
            return True
        self.machines[machine_id] = replace(machine, content=self._taken_off[machine_id])
        return False

    def inventory(self) -> Iterator[ListedMachine]:
        alive = self.alive
        self.inventory_pages += 1 + len(alive) // 1000
        for m in alive:
            yield ListedMachine(
                m.id, m.request.desktop_id, m.request.account_id, m.status, self.launched_at
            )

    # what tests look at
    @property
    def alive(self) -> list[FakeMachine]:
        return [machine for machine in list(self.machines.values()) if machine.is_alive]

    def take_back(self, machine_id: str) -> None:
        """End a machine, as the cloud does when it fails."""
        self._set(self.machines[machine_id], status=MachineStatus.GONE)

    def _known(self, machine_id: str) -> FakeMachine:
        machine = self.machines.get(machine_id)
        if machine is None or not machine.is_alive:
            raise FinalGatewayError("no such machine", code="InvalidInstanceID.NotFound")
        return machine

    def _set(self, machine: FakeMachine, **changes: object) -> None:
        self.machines[machine.id] = replace(machine, **changes)  # type: ignore[arg-type]
        self._looks[machine.id] = 0

    def _state(self, machine_id: str) -> MachineState:
        machine = self.machines.get(machine_id)
        if machine is None:
            return UNKNOWN
        next_status = {
            MachineStatus.PENDING: MachineStatus.RUNNING,
            MachineStatus.STOPPING: MachineStatus.STOPPED,
        }.get(machine.status)
        looks = self._looks.get(machine_id, 0)
        if next_status and looks >= self.looks_needed:
            self._set(machine, status=next_status)
        else:
            self._looks[machine_id] = looks + 1
        machine = self.machines[machine_id]
        running = machine.status is MachineStatus.RUNNING
        address = f"{machine_id}-{machine.boots}.desktops.example" if running else None
        return MachineState(machine.status, address, machine.instance_type, machine.isolated)


@stands_for("SsmMachineSecrets")
class FakeMachineSecrets:
    """The secrets laid down for machines, and not erased yet."""

    def __init__(self) -> None:
        self.laid: dict[str, str] = {}
        self.readers: dict[str, str] = {}  # the machine that may read each

    def parameter(self, desktop_id: str) -> str:
        return f"/omny/test/desktops/{desktop_id}/secret"

    def put(self, desktop_id: str, secret: str) -> None:
        self.laid[desktop_id] = secret

    def hand_to(self, desktop_id: str, machine_id: str) -> None:
        if desktop_id in self.laid:
            self.readers[desktop_id] = machine_id

    def erase(self, desktop_id: str) -> None:
        self.laid.pop(desktop_id, None)
