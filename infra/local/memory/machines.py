"""The emulated cloud's inventory, remembered while nothing of ours changes it."""

from collections.abc import Iterator
from typing import Any

from chalicelib.desktops.clouds.machines import ListedMachine, MachineProvider, MachineStatus

_READS = {"backups", "describe", "find"}
_AT_REST = {MachineStatus.RUNNING, MachineStatus.STOPPED, MachineStatus.GONE}


class RememberedMachines:
    """A provider whose inventory is asked for again only after a call that changes machines.

    While the clock is moved nobody but us touches the emulated machines; the comparison with the
    cloud, several times a day, would list the same ones hundreds of times.
    """

    def __init__(self, provider: MachineProvider) -> None:
        self._provider = provider
        self._listed: list[ListedMachine] | None = None

    def inventory(self) -> Iterator[ListedMachine]:
        """List the machines, as ``MachineProvider`` does."""
        listed = self._listed
        if listed is None:
            listed = list(self._provider.inventory())
            if all(machine.status in _AT_REST for machine in listed):
                self._listed = listed
        yield from listed

    def __getattr__(self, name: str) -> Any:
        if name not in _READS:
            self._listed = None
        return getattr(self._provider, name)
