"""OmnyPods in the ``equipment`` table.

Keys: ``POD#serial / POD`` (listing ``STATE#state`` by the day it came into stock),
``ACC#id / POD#serial`` which names the pods reserved for or held by an account,
``ACC#id / DISPATCH#id`` (listing ``DISPATCHES`` while something is awaited, by due date),
``ACC#id / CASE#id`` (listing ``CASES`` while open, else ``DECIDED``) and ``PRICES / cause#date``.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from chalicelib.accounts.account import PostalAddress
from chalicelib.equipment.cases import Cause, PodCase
from chalicelib.equipment.dispatch import Dispatch, Reason, Slot
from chalicelib.equipment.pod import Movement, Pod
from chalicelib.equipment.pod_prices import PodPrice
from chalicelib.equipment.pod_states import PodState
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import (
    JSONAttribute,
    OldRecord,
    UnicodeAttribute,
    old_delete,
    old_put,
)
from chalicelib.foundation.tables import Put, Tables, Write

_TABLE = "equipment"
_NO_DATE = "9999-12-31"


class EquipmentRecord(OldRecord):
    """A pod, a dispatch, a case or a price; ``content`` holds what no key needs."""

    class Meta:
        table_name = _TABLE

    content = JSONAttribute()


class PodPointerRecord(OldRecord):
    """Names a pod of an account."""

    class Meta:
        table_name = _TABLE

    serial = UnicodeAttribute()


class EquipmentStorage:
    """Reads pods, dispatches, cases and prices, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # pods
    def pod(self, serial: str) -> Pod | None:
        """Read a pod."""
        record = self._tables.get_record(EquipmentRecord, f"POD#{serial}", "POD")
        return _pod(record) if record else None

    def pods_of(self, account_id: str) -> Iterator[Pod]:
        """Read the pods reserved for, or held by an account, by serial number."""
        pointers = self._tables.query_records(
            PodPointerRecord, f"ACC#{account_id}", starts_with="POD#"
        )
        for pointer in pointers:
            pod = self.pod(pointer.serial)
            if pod and pod.account_id == account_id:
                yield pod

    def in_state(self, state: PodState, limit: int | None = None) -> Iterator[Pod]:
        """Read the pods in a state, those longest in stock first."""
        return map(
            _pod, self._tables.listing_records(EquipmentRecord, f"STATE#{state}", limit=limit)
        )

    def save_pod(self, pod: Pod, *, was_of: str = "") -> list[Write]:
        """Give the writes of a pod; ``was_of`` is the account it was of until now."""
        record = EquipmentRecord(
            pk=f"POD#{pod.serial}",
            sk="POD",
            version=pod.version,
            list_key=f"STATE#{pod.state}",
            list_sort=f"{pod.stocked_on}#{pod.serial}",
            content=_plain(pod),
        )
        writes: list[Write] = [old_put(record)]
        if pod.account_id and pod.account_id != was_of:
            writes.append(old_put(_pointer(pod.account_id, pod.serial), always=True))
        if was_of and pod.account_id != was_of:
            writes.append(old_delete(_pointer(was_of, pod.serial)))
        return writes

    # dispatches
    def dispatch(self, account_id: str, dispatch_id: str) -> Dispatch | None:
        """Read a dispatch of an account."""
        sk = f"DISPATCH#{dispatch_id}"
        record = self._tables.get_record(EquipmentRecord, f"ACC#{account_id}", sk)
        return _dispatch(record) if record else None

    def dispatches_of(self, account_id: str) -> Iterator[Dispatch]:
        """Read the dispatches of an account, in no particular order."""
        pk = f"ACC#{account_id}"
        return map(
            _dispatch, self._tables.query_records(EquipmentRecord, pk, starts_with="DISPATCH#")
        )

    def awaited(self) -> Iterator[Dispatch]:
        """Read the dispatches of which something is awaited, the earliest due first."""
        return map(_dispatch, self._tables.listing_records(EquipmentRecord, "DISPATCHES"))

    def save_dispatch(self, dispatch: Dispatch) -> Put:
        """Give the write of a dispatch."""
        open_ = dispatch.awaited > 0
        due = dispatch.due_on.isoformat() if dispatch.due_on else _NO_DATE
        return old_put(
            EquipmentRecord(
                pk=f"ACC#{dispatch.account_id}",
                sk=f"DISPATCH#{dispatch.id}",
                version=dispatch.version,
                list_key="DISPATCHES" if open_ else None,
                list_sort=f"{due}#{dispatch.id}" if open_ else None,
                content=_plain(dispatch),
            )
        )

    # cases
    def case(self, account_id: str, case_id: str) -> PodCase | None:
        """Read a case of an account."""
        record = self._tables.get_record(EquipmentRecord, f"ACC#{account_id}", f"CASE#{case_id}")
        return _case(record) if record else None

    def cases_of(self, account_id: str) -> Iterator[PodCase]:
        """Read the cases of an account."""
        records = self._tables.query_records(
            EquipmentRecord, f"ACC#{account_id}", starts_with="CASE#"
        )
        return map(_case, records)

    def cases(self, *, is_open: bool, limit: int | None = None) -> Iterator[PodCase]:
        """Read the open cases, oldest first, or the decided ones, newest first."""
        key = "CASES" if is_open else "DECIDED"
        records = self._tables.listing_records(
            EquipmentRecord, key, newest_first=not is_open, limit=limit
        )
        return map(_case, records)

    def save_case(self, case: PodCase) -> Put:
        """Give the write of a case."""
        return old_put(
            EquipmentRecord(
                pk=f"ACC#{case.account_id}",
                sk=f"CASE#{case.id}",
                version=case.version,
                list_key="CASES" if case.is_open else "DECIDED",
                list_sort=f"{iso(case.decided_at or case.opened_at)}#{case.id}",
                content=_plain(case),
            )
        )

    # prices
    def prices(self) -> list[PodPrice]:
        """Read the prices the operator added."""
        return [
            PodPrice(
                Cause(record.content["cause"]),
                date.fromisoformat(record.content["from_on"]),
                int(record.content["excl_vat_cents"]),
            )
            for record in self._tables.query_records(EquipmentRecord, "PRICES")
        ]

    def add_price(self, price: PodPrice) -> Put:
        """Give the write of a price; refused when that cause has one from that day."""
        sk = f"{price.cause}#{price.from_on}"
        return old_put(EquipmentRecord(pk="PRICES", sk=sk, content=_plain(price)))


def _pointer(account_id: str, serial: str) -> PodPointerRecord:
    return PodPointerRecord(pk=f"ACC#{account_id}", sk=f"POD#{serial}", serial=serial)


def _plain(what: Any) -> dict[str, Any]:
    content = {name: _json(value) for name, value in asdict(what).items()}
    content.pop("version", None)
    return content


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value


def _days(content: dict[str, Any], *names: str) -> dict[str, date | None]:
    return {
        name: date.fromisoformat(content[name]) if content.get(name) else None for name in names
    }


def _pod(record: EquipmentRecord) -> Pod:
    content = dict(record.content)
    movements = [{**each, "at": instant(each["at"])} for each in content["movements"]]
    content |= _days(content, "stocked_on", "shipped_on", "delivered_on", "return_due_on")
    content |= _days(content, "reminded_for")
    content["movements"] = tuple(Movement(**each) for each in movements)
    content["state"] = PodState(content["state"])
    return Pod(**content, version=int(record.version))


def _dispatch(record: EquipmentRecord) -> Dispatch:
    content = dict(record.content)
    slots = [{**each, **_days(each, "shipped_on", "received_on")} for each in content["slots"]]
    content |= _days(content, "due_on")
    content["slots"] = tuple(Slot(**each) for each in slots)
    content["reason"] = Reason(content["reason"])
    content["address"] = PostalAddress(**content["address"])
    content["requested_at"] = instant(content["requested_at"])
    content["evidence"] = tuple(content.get("evidence", ()))
    return Dispatch(**content, version=int(record.version))


def _case(record: EquipmentRecord) -> PodCase:
    content = dict(record.content)
    content |= _days(content, "happened_on")
    content["cause"] = Cause(content["cause"])
    content["opened_at"] = instant(content["opened_at"])
    decided = content.get("decided_at")
    content["decided_at"] = instant(decided) if decided else None
    return PodCase(**content, version=int(record.version))
