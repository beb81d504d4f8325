"""OmnyPods in the ``equipment`` table.

Keys: ``POD#serial / POD`` (listing ``STATE#state`` by the day it came into stock),
``ACC#id / POD#serial`` which names the pods reserved for or held by an account,
``ACC#id / DISPATCH#id`` (listing ``DISPATCHES`` while something is awaited, by due date),
``ACC#id / CASE#id`` (listing ``CASES`` while open, else ``DECIDED``) and ``PRICES / cause#date``.
"""

from collections.abc import Iterator

from chalicelib.equipment.model.cases import PodCase
from chalicelib.equipment.model.dispatch import Dispatch
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_prices import PodPrice
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables, Write

_PODS = Kind("equipment", "pod", Pod)
_HELD = Kind("equipment", "pod of account", str)
_DISPATCHES = Kind("equipment", "dispatch", Dispatch)
_CASES = Kind("equipment", "case", PodCase)
_PRICES = Kind("equipment", "price", PodPrice)
_NO_DATE = "9999-12-31"


class EquipmentStorage:
    """Reads pods, dispatches, cases and prices, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # pods
    def pod(self, serial: str) -> Pod | None:
        """Read a pod."""
        return self._tables.get(_PODS, f"POD#{serial}", "POD")

    def pods_of(self, account_id: str) -> Iterator[Pod]:
        """Read the pods reserved for, or held by an account, by serial number."""
        for serial in self._tables.query(_HELD, f"ACC#{account_id}", starts_with="POD#"):
            pod = self.pod(serial)
            if pod and pod.account_id == account_id:
                yield pod

    def in_state(self, state: PodState, limit: int | None = None) -> Iterator[Pod]:
        """Read the pods in a state, those longest in stock first."""
        return self._tables.listing(_PODS, f"STATE#{state}", limit=limit)

    def save_pod(self, pod: Pod, *, was_of: str = "") -> list[Write]:
        """Give the writes of a pod; ``was_of`` is the account it was of until now."""
        listed = (f"STATE#{pod.state}", f"{pod.stocked_on}#{pod.serial}")
        writes: list[Write] = [_PODS.put(pod, f"POD#{pod.serial}", "POD", listed=listed)]
        sk = f"POD#{pod.serial}"
        if pod.account_id and pod.account_id != was_of:
            writes.append(_HELD.put(pod.serial, f"ACC#{pod.account_id}", sk, always=True))
        if was_of and pod.account_id != was_of:
            writes.append(_HELD.delete(f"ACC#{was_of}", sk))
        return writes

    # dispatches
    def dispatch(self, account_id: str, dispatch_id: str) -> Dispatch | None:
        """Read a dispatch of an account."""
        return self._tables.get(_DISPATCHES, f"ACC#{account_id}", f"DISPATCH#{dispatch_id}")

    def dispatches_of(self, account_id: str) -> Iterator[Dispatch]:
        """Read the dispatches of an account, in no particular order."""
        return self._tables.query(_DISPATCHES, f"ACC#{account_id}", starts_with="DISPATCH#")

    def awaited(self) -> Iterator[Dispatch]:
        """Read the dispatches of which something is awaited, the earliest due first."""
        return self._tables.listing(_DISPATCHES, "DISPATCHES")

    def save_dispatch(self, dispatch: Dispatch) -> Put:
        """Give the write of a dispatch."""
        due = dispatch.due_on.isoformat() if dispatch.due_on else _NO_DATE
        return _DISPATCHES.put(
            dispatch,
            f"ACC#{dispatch.account_id}",
            f"DISPATCH#{dispatch.id}",
            listed=("DISPATCHES", f"{due}#{dispatch.id}") if dispatch.awaited else None,
        )

    # cases
    def case(self, account_id: str, case_id: str) -> PodCase | None:
        """Read a case of an account."""
        return self._tables.get(_CASES, f"ACC#{account_id}", f"CASE#{case_id}")

    def cases_of(self, account_id: str) -> Iterator[PodCase]:
        """Read the cases of an account."""
        return self._tables.query(_CASES, f"ACC#{account_id}", starts_with="CASE#")

    def cases(self, *, is_open: bool, limit: int | None = None) -> Iterator[PodCase]:
        """Read the open cases, oldest first, or the decided ones, newest first."""
        key = "CASES" if is_open else "DECIDED"
        return self._tables.listing(_CASES, key, newest_first=not is_open, limit=limit)

    def save_case(self, case: PodCase) -> Put:
        """Give the write of a case."""
        at = iso(case.decided_at or case.opened_at)
        return _CASES.put(
            case,
            f"ACC#{case.account_id}",
            f"CASE#{case.id}",
            listed=("CASES" if case.is_open else "DECIDED", f"{at}#{case.id}"),
        )

    # prices
    def prices(self) -> list[PodPrice]:
        """Read the prices the operator added."""
        return list(self._tables.query(_PRICES, "PRICES"))

    def add_price(self, price: PodPrice) -> Put:
        """Give the write of a price; refused when that cause has one from that day."""
        return _PRICES.put(price, "PRICES", f"{price.cause}#{price.from_on}")
