"""A cloud in memory: same rules as EC2, seen through the ``MachineProvider`` port."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.desktops.machines import UNKNOWN, LaunchRequest, MachineState, MachineStatus
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError


@dataclass(frozen=True)
class FakeMachine:
    """One machine ever made."""

    id: str
    request: LaunchRequest
    instance_type: str
    storage_gib: int
    status: MachineStatus = MachineStatus.PENDING
    boots: int = 1

    @property
    def is_alive(self) -> bool:
        return self.status is not MachineStatus.GONE


class FakeMachines:
    """Makes machines that reach their next status ``looks_needed`` looks later.

    ``refusals`` are raised by the next launches, oldest first; ``refuse_types`` names instance
    types that cannot be changed to.
    """

    def __init__(self, looks_needed: int = 1) -> None:
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

    # what tests look at
    @property
    def alive(self) -> list[FakeMachine]:
        return [machine for machine in self.machines.values() if machine.is_alive]

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
        return MachineState(machine.status, address, machine.instance_type)


class FakeMachineSecrets:
    """The secrets laid down for machines, and not erased yet."""

    def __init__(self) -> None:
        self.laid: dict[str, str] = {}

    def parameter(self, desktop_id: str) -> str:
        return f"/omny/test/desktops/{desktop_id}/secret"

    def put(self, desktop_id: str, secret: str) -> None:
        self.laid[desktop_id] = secret

    def erase(self, desktop_id: str) -> None:
        self.laid.pop(desktop_id, None)
