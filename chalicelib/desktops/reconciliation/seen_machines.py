"""The inventory of the clouds in eight bytes a machine, whatever there are of them (DSK-9)."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

from chalicelib.desktops.clouds.machines import ListedMachine, MachineStatus

_STATUSES = tuple(MachineStatus)
_STATUS_BITS = 3
_KEY_BYTES = 8


class SeenMachines:
    """Which machines were listed, with their status, and which of them a desktop accounted for.

    Kept are a digest of the id and the status, sorted; two ids of one digest are as likely as never
    (one in a billion for ten million machines), and what differs is looked at again anyway.
    """

    def __init__(self, machines: Iterable[ListedMachine]) -> None:
        self._keys = array(
            "Q",
            sorted(_digest(each.id) | _STATUSES.index(each.status) for each in machines),
        )
        self._taken = bytearray(len(self._keys))

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, machine_id: str | None) -> MachineStatus | None:
        """Account for a machine; give its status, None when it was not listed."""
        if not machine_id:
            return None
        digest = _digest(machine_id)
        place = bisect_left(self._keys, digest)
        if place == len(self._keys) or self._keys[place] >> _STATUS_BITS != digest >> _STATUS_BITS:
            return None
        self._taken[place] = 1
        return _STATUSES[self._keys[place] & ((1 << _STATUS_BITS) - 1)]

    @property
    def all_taken(self) -> bool:
        """Whether every machine listed was accounted for."""
        return 0 not in self._taken

    def is_taken(self, machine_id: str) -> bool:
        """Tell whether a desktop accounted for a machine that was listed."""
        place = bisect_left(self._keys, _digest(machine_id))
        return place < len(self._keys) and bool(self._taken[place])


def _digest(machine_id: str) -> int:
    whole = int.from_bytes(blake2b(machine_id.encode(), digest_size=_KEY_BYTES).digest())
    return whole >> _STATUS_BITS << _STATUS_BITS
