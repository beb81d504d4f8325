"""The emulated clouds while the clock is moved: asked again only when something of ours changed.

Nobody but us touches the emulated machines.  The comparison with the cloud would list the same ones
hundreds of times, and each night's backups would be made to be removed a week later.
"""

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.desktops.clouds.machines import ListedMachine, MachineProvider, MachineStatus
from chalicelib.desktops.model.backups import Backup
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import GatewayError

log = logging.getLogger(__name__)
_AT_REST = {MachineStatus.RUNNING, MachineStatus.STOPPED, MachineStatus.GONE}
_READS = {"describe", "find"}


@dataclass(frozen=True)
class _Promised:
    """A backup that exists here alone, until it is made in the end if it is still kept then."""

    desktop_id: str
    machine_id: str
    backup: Backup


class RememberedMachines:
    """A provider that lists machines again only after a call that changes some.

    Backups are promised, and made by ``keep_promises``, which tells the ids they have then.
    """

    def __init__(self, provider: MachineProvider, clock: Clock) -> None:
        self._provider = provider
        self._clock = clock
        self._listed: list[ListedMachine] | None = None
        self._present: dict[str, list[Backup]] = {}  # by desktop, promised ones among them
        self._promised: dict[str, _Promised] = {}
        self._made: dict[str, str] = {}

    def inventory(self) -> Iterator[ListedMachine]:
        """List the machines, as ``MachineProvider`` does."""
        listed = self._listed
        if listed is None:
            listed = list(self._provider.inventory())
            if all(machine.status in _AT_REST for machine in listed):
                self._listed = listed
        yield from listed

    def back_up(self, desktop_id: str, machine_id: str, day: date) -> Backup:
        """Promise a copy for a day, or give the one there is."""
        present = self._backups(desktop_id)
        for copy in present:
            if copy.taken_on == day:
                return copy
        made = Backup(f"snap-{secrets.token_hex(8)}0", day, self._clock.now(), True)
        present.append(made)
        self._promised[made.snapshot_id] = _Promised(desktop_id, machine_id, made)
        return made

    def backups(self, desktop_id: str) -> list[Backup]:
        """Give the copies there are, promised ones too, oldest first."""
        return list(self._backups(desktop_id))

    def _backups(self, desktop_id: str) -> list[Backup]:
        if desktop_id not in self._present:
            self._present[desktop_id] = self._provider.backups(desktop_id)
        return self._present[desktop_id]

    def delete_backup(self, snapshot_id: str) -> None:
        """Remove a copy; nothing when it is gone."""
        for copies in self._present.values():
            copies[:] = [copy for copy in copies if copy.snapshot_id != snapshot_id]
        if self._promised.pop(snapshot_id, None) is None:
            self._provider.delete_backup(self._made.get(snapshot_id, snapshot_id))

    def clear(self, desktop_id: str) -> None:
        """Remove every copy of a desktop, and its loose disks."""
        for copy in self.backups(desktop_id):
            self.delete_backup(copy.snapshot_id)
        self._provider.clear(desktop_id)

    def restore(self, machine_id: str, snapshot_id: str, token: str) -> bool:
        """Put the content of a copy back; a promised one is made first."""
        self._listed = None
        self._keep(snapshot_id)
        return self._provider.restore(machine_id, self._made.get(snapshot_id, snapshot_id), token)

    def keep_promises(self) -> dict[str, str]:
        """Make the copies promised and still kept; give the id of each by the one promised."""
        for snapshot_id in list(self._promised):
            self._keep(snapshot_id)
        return self._made

    def _keep(self, snapshot_id: str) -> None:
        promised = self._promised.pop(snapshot_id, None)
        if promised is None:
            return
        day = promised.backup.taken_on
        try:
            made = self._provider.back_up(promised.desktop_id, promised.machine_id, day)
        except GatewayError as fault:  # as when the emulator forgets them: the next night tells
            log.warning("the copy of %s of %s is lost: %s", promised.desktop_id, day, fault)
        else:
            self._made[snapshot_id] = made.snapshot_id

    def __getattr__(self, name: str) -> Any:
        if name not in _READS:
            self._listed = None
        return getattr(self._provider, name)
