"""Which OmnyPods go to whom: an order's, a replacement's, from what is in stock (POD-1).

The oldest in stock goes first; what is missing is a shortage, filled as soon as stock comes in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.clients.account import PostalAddress
from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.catalogue import EXTRA_POD
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import desktop_id
from chalicelib.equipment.model.dispatch import Dispatch, Reason, Slot
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_states import PodEvent, PodState
from chalicelib.equipment.model.storage import EquipmentStorage
from chalicelib.foundation.ids import AccountId
from chalicelib.legal.recording import Recording
from chalicelib.orders.model.commitments import pods_due_on
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.placing.service import OrderService

_BATCH = 25  # pods of one transaction


@dataclass(kw_only=True)
class Reservations:
    """Reserves, releases, and fills what was missing."""

    storage: EquipmentStorage
    accounts: AccountService
    orders: OrderService
    catalogues: CatalogueService
    recording: Recording

    def reserve_for_order(self, order_id: str) -> None:
        """Open the dispatch of a confirmed order, and reserve its OmnyPods (CGV art. 7; POD-1).

        The dispatch is named after the order: a repeated message reserves nothing twice.
        """
        order = self.orders.any(order_id)
        if not order.is_confirmed:
            return

        def open_dispatch() -> None:
            if self.storage.dispatch(order.account_id, f"dsp-{order.id}"):
                return
            slots = tuple(self._slots_of(order))
            if slots:
                self._open(order, slots)

        self.recording.again(open_dispatch)
        self._fill(order.account_id, f"dsp-{order.id}")

    def release_for_order(self, order_id: str) -> None:
        """Let go of the OmnyPods of an order given up; those already sent are asked back.

        Gives up on nothing that was sent: their return is for ``CustodyService.ask_return``.
        """
        order = self.orders.any(order_id)
        if order.state is not OrderState.CANCELLED:
            return

        def attempt() -> None:
            dispatch = self.storage.dispatch(order.account_id, f"dsp-{order.id}")
            if dispatch is not None:
                self._release(dispatch, range(len(dispatch.slots)), order.number)

        self.recording.again(attempt)

    def give_up(self, account_id: str, dispatch_id: str, rank: int) -> None:
        """Let go of one place whose option is rented no more (CAT-2).

        What was sent is for ``CustodyService.ask_return``.  Again, it changes nothing.
        """

        def attempt() -> None:
            dispatch = self.storage.dispatch(account_id, dispatch_id)
            if dispatch is None or dispatch.slots[rank].is_over:
                return
            if dispatch.slots[rank].shipped_on:
                self.recording.commit(
                    self.storage.save_dispatch(dispatch.with_slot(rank, ended=True))
                )
            else:
                self._release(dispatch, [rank], "option_removed")

        self.recording.again(attempt)

    def _release(self, dispatch: Dispatch, ranks: Iterable[int], why: str) -> None:
        """Drop the places of which nothing was sent; what was reserved goes back on the shelf."""
        pods = []
        for rank in ranks:
            slot = dispatch.slots[rank]
            if not slot.is_awaited or slot.shipped_on:
                continue
            pod = self.storage.pod(slot.serial) if slot.serial else None
            if pod and pod.state is PodState.RESERVED:
                pods.append(pod)
            dispatch = dispatch.with_slot(rank, serial="", dropped=True)
        now = self.recording.now()
        freed = [
            pod.after(PodEvent.RELEASE, at=now, by="system", why=why, **pod.let_go())
            for pod in pods
        ]
        facts = {"dispatch": dispatch.id, "serials": [pod.serial for pod in freed]}
        account_id = dispatch.account_id
        self.recording.commit(
            self.storage.save_dispatch(dispatch),
            *(write for pod in freed for write in self.storage.save_pod(pod, was_of=account_id)),
            self.recording.entry(account_id, "pods.released", facts, by="system"),
        )

    def replacement_of(self, pod: Pod, case_id: str, address: PostalAddress) -> Dispatch:
        """Make the dispatch of a replacement, free of charge, to be committed with its decision.

        It is named after the case: deciding twice sends one (CGV art. 7; POD-2).
        """
        return Dispatch(
            id=f"rpl-{case_id}",
            account_id=pod.account_id,
            order_id="",
            reason=Reason.REPLACEMENT,
            address=address,
            slots=(Slot(desktop_id=pod.desktop_id),),
            requested_at=self.recording.now(),
            due_on=pods_due_on(self.recording.today()),
        )

    def add(self, account_id: str, key: str, desktop: str, address: PostalAddress, by: str) -> None:
        """Have one more OmnyPod sent, for an option added after the order (CAT-2).

        ``key`` names the request: again changes nothing.
        """
        dispatch = Dispatch(
            id=f"opt-{key}",
            account_id=account_id,
            order_id="",
            reason=Reason.OPTION,
            address=address,
            slots=(Slot(desktop_id=desktop),),
            requested_at=self.recording.now(),
            due_on=pods_due_on(self.recording.today()),
        )

        def attempt() -> None:
            if self.storage.dispatch(account_id, dispatch.id) is None:
                facts = {"dispatch": dispatch.id, "desktop": desktop}
                self.recording.commit(
                    self.storage.save_dispatch(dispatch),
                    self.recording.entry(account_id, "pods.asked", facts, by=by),
                )

        self.recording.again(attempt)
        self._fill(account_id, dispatch.id)

    def fill_shortages(self) -> int:
        """Reserve what is in stock for whoever waits, the earliest due first; tell how many."""
        return sum(
            self._fill(dispatch.account_id, dispatch.id)
            for dispatch in list(self.storage.awaited())
            if dispatch.missing
        )

    def _fill(self, account_id: str, dispatch_id: str) -> int:
        """Reserve for the empty slots of a dispatch, batch by batch, until stock runs out."""
        filled = 0
        while reserved := self.recording.again(lambda: self._fill_some(account_id, dispatch_id)):
            filled += reserved
        return filled

    def _fill_some(self, account_id: str, dispatch_id: str) -> int:
        dispatch = self.storage.dispatch(account_id, dispatch_id)
        if dispatch is None or not dispatch.missing:
            return 0
        empty = [r for r, slot in enumerate(dispatch.slots) if slot.is_awaited and not slot.serial][
            :_BATCH
        ]
        pods = []
        for rank, pod in zip(empty, self._in_stock(), strict=False):
            holding: dict[str, Any] = {
                "account_id": account_id,
                "dispatch_id": dispatch.id,
                "slot": rank,
                "desktop_id": dispatch.slots[rank].desktop_id,
                "condition": "",
            }
            pods.append(
                pod.after(PodEvent.RESERVE, at=self.recording.now(), by="system", **holding)
            )
            dispatch = dispatch.with_slot(rank, serial=pod.serial)
        if not pods:
            return 0
        facts = {
            "dispatch": dispatch.id,
            "serials": [pod.serial for pod in pods],
            "missing": dispatch.missing,
        }
        self.recording.commit(
            self.storage.save_dispatch(dispatch),
            *(write for pod in pods for write in self.storage.save_pod(pod)),
            self.recording.entry(account_id, "pods.reserved", facts, by="system"),
        )
        return len(pods)

    def _in_stock(self) -> Iterator[Pod]:
        """Give the pods on the shelf, the oldest first; the listing may lag behind the facts."""
        for listed in self.storage.in_state(PodState.IN_STOCK):
            pod = self.storage.pod(listed.serial)
            if pod and pod.state is PodState.IN_STOCK:
                yield pod

    def _open(self, order: Order, slots: tuple[Slot, ...]) -> None:
        account = self.accounts.account(AccountId(order.account_id))
        dispatch = Dispatch(
            id=f"dsp-{order.id}",
            account_id=order.account_id,
            order_id=order.id,
            reason=Reason.ORDER,
            address=order.delivery_address or account.address,
            slots=slots,
            requested_at=self.recording.now(),
            due_on=order.pod_due_on,
        )
        facts = {"dispatch": dispatch.id, "order": order.id, "count": len(slots)}
        self.recording.commit(
            self.storage.save_dispatch(dispatch),
            self.recording.entry(order.account_id, "pods.asked", facts, by="system"),
        )

    def _slots_of(self, order: Order) -> Iterator[Slot]:
        """Give a slot for each OmnyPod of an order, with the desktop it goes with."""
        catalogue = self.catalogues.version(order.catalogue_version)
        for number, line in enumerate(order.lines):
            included = catalogue.configuration(line.configuration_code).pod_included
            count = int(included) + dict(line.option_codes).get(EXTRA_POD, 0)
            for rank in range(line.quantity):
                for _ in range(count):
                    yield Slot(desktop_id=desktop_id(order.id, number, rank))
