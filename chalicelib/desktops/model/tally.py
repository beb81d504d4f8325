"""How many desktops there are, where and of what: the operator's inventory (OPS-1, DSK-9)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import OVER, State

# States in which the machine takes its place in the cloud, running.
_ON = frozenset(set(State) - OVER - {State.ORDERED, State.STOPPED, State.SUSPENDED})


@dataclass
class Capacity:
    """What the desktops of one configuration take in the cloud, those stopped apart."""

    desktops: int = 0
    on: int = 0
    vcpu_on: int = 0
    memory_gib_on: int = 0
    storage_gib: int = 0


@dataclass
class Tally:
    """The desktops counted by provider and state, and by provider and configuration."""

    states: Counter[tuple[str, State]] = field(default_factory=Counter)
    capacity: dict[tuple[str, str], Capacity] = field(default_factory=dict)

    @property
    def providers(self) -> list[str]:
        """The clouds that have desktops, by name."""
        return sorted({provider for provider, _ in self.states})

    @property
    def whole(self) -> Capacity:
        """What all take together."""
        total = Capacity()
        for each in self.capacity.values():
            total.desktops += each.desktops
            total.on += each.on
            total.vcpu_on += each.vcpu_on
            total.memory_gib_on += each.memory_gib_on
            total.storage_gib += each.storage_gib
        return total


def tally_of(desktops: Iterable[Desktop], catalogue: Catalogue) -> Tally:
    """Count desktops, one at a time; those over count by their state only."""
    tally = Tally()
    for desktop in desktops:
        tally.states[desktop.provider, desktop.state] += 1
        if desktop.state in OVER:
            continue
        configuration = catalogue.configuration(desktop.configuration_code)
        key = (desktop.provider, desktop.configuration_code)
        capacity = tally.capacity.setdefault(key, Capacity())
        capacity.desktops += 1
        capacity.storage_gib += catalogue.storage_gib(configuration.code, desktop.option_codes)
        if desktop.state in _ON:
            capacity.on += 1
            capacity.vcpu_on += configuration.vcpu
            capacity.memory_gib_on += configuration.memory_gib
    return tally
