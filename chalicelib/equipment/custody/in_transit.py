"""What becomes of the place of an OmnyPod that does not arrive (CGV art. 7, 16; POD-1, ORD-5)."""

from collections.abc import Iterable

from chalicelib.equipment.model.dispatch import Dispatch
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.equipment.model.storage import EquipmentStorage
from chalicelib.foundation.tables import Write


def recalled(storage: EquipmentStorage, pods: Iterable[Pod]) -> list[Write]:
    """Give the writes after which nobody awaits the pods that were on their way.

    ``pods`` are as they were before they were asked back, or reported lost.
    """
    changed: dict[str, Dispatch] = {}
    for pod in pods:
        if pod.state is PodState.SHIPPED:
            found = changed.get(pod.dispatch_id) or _dispatch_of(storage, pod)
            if found:
                changed[pod.dispatch_id] = found.with_slot(pod.slot, recalled=True)
    return [storage.save_dispatch(dispatch) for dispatch in changed.values()]


def emptied(storage: EquipmentStorage, pod: Pod) -> list[Write]:
    """Give the write after which another pod is to be sent in the place of one that came back."""
    found = _dispatch_of(storage, pod) if pod.state is PodState.SHIPPED else None
    if found is None:
        return []
    free = found.with_slot(pod.slot, serial="", carrier="", tracking="", shipped_on=None)
    return [storage.save_dispatch(free)]


def _dispatch_of(storage: EquipmentStorage, pod: Pod) -> Dispatch | None:
    return storage.dispatch(pod.account_id, pod.dispatch_id) if pod.dispatch_id else None
