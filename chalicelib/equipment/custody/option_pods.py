"""OmnyPods that a desktop came to need, or to need no more, after its order (CGV art. 7, 17).

An option added or a larger configuration has a pod sent at once; an option removed has one asked
back once its last charged day is over (CAT-2, POD-1, POD-3).
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from chalicelib.accounts.clients.account import PostalAddress
from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.catalogue import EXTRA_POD
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.equipment.custody.service import CustodyService
from chalicelib.equipment.dispatches.reservation import Reservations
from chalicelib.equipment.model.dispatch import Dispatch, Reason
from chalicelib.equipment.model.pod_states import PodEvent, PodState
from chalicelib.equipment.model.storage import EquipmentStorage
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId

OPTION_REMOVED = "option_removed"
_RETURN_DAYS = timedelta(days=14)
_OUT = frozenset({PodState.SHIPPED, PodState.DELIVERED, PodState.IN_USE, PodState.FAULTY})


@dataclass(kw_only=True)
class OptionPods:
    """Compares what desktops are rented with to what was sent for them."""

    storage: EquipmentStorage
    accounts: AccountService
    desktops: DesktopService
    catalogues: CatalogueService
    reservations: Reservations
    custody: CustodyService
    clock: Clock

    def send_due(self) -> int:
        """Have what is missing sent and what is too many asked back; tell how many were sent.

        Then reserves what is in stock.  What is due follows from what is rented that day and from
        what was sent: run twice, it does the same once.
        """
        asked = 0
        every = self.desktops.all_desktops()
        for account_id, desktops in groupby(every, key=lambda each: each.account_id):
            dispatches = list(self.storage.dispatches_of(account_id))
            asked += sum(self._settle(desktop, dispatches) for desktop in desktops)
        self.reservations.fill_shortages()
        return asked

    def settle(self, account_id: str, desktop_id: str) -> int:
        """Do the same for one desktop, whose options or configuration changed just now."""
        desktop = self.desktops.get(account_id, desktop_id)
        return self._settle(desktop, list(self.storage.dispatches_of(account_id)))

    def _settle(self, desktop: Desktop, dispatches: list[Dispatch]) -> int:
        if desktop.ready_at is None or not desktop.is_active:
            return 0
        wanted, slots = self._wanted(desktop), _slots_for(desktop, dispatches)
        counted = [each for each in slots if not each[0].slots[each[1]].is_over]
        missing = max(0, wanted - len(counted))
        for rank in range(len(slots), len(slots) + missing):
            address = self._address(desktop, dispatches)
            key = f"{desktop.id}-{rank}"
            self.reservations.add(desktop.account_id, key, desktop.id, address, "system")
        # What a new catalogue no longer includes is left to those who ordered it.
        if len(desktop.options_history) > 1 or len(desktop.tariffs) > 1:
            for dispatch, rank in _least_needed_first(counted)[: max(0, len(counted) - wanted)]:
                self.reservations.give_up(desktop.account_id, dispatch.id, rank)
            self._ask_back(desktop, wanted)
        return missing

    def _wanted(self, desktop: Desktop) -> int:
        items = charged_items(desktop, today(self.clock))
        catalogue = self.catalogues.current()
        included = sum(
            catalogue.configuration(item.code).pod_included
            for item in items
            if item.kind == "desktop"
        )
        return included + sum(item.quantity for item in items if item.code == EXTRA_POD)

    def _ask_back(self, desktop: Desktop, wanted: int) -> None:
        """Ask back what is out there beyond what is rented, the last received first (POD-3)."""
        out = [
            pod
            for pod in self.storage.pods_of(desktop.account_id)
            if pod.desktop_id == desktop.id and pod.state in _OUT
        ]
        # One that an operator let the client keep is not asked for every morning.
        mobile = [pod for pod in out if pod.movements[-1].event != PodEvent.KEEP]
        mobile.sort(key=lambda pod: (str(pod.delivered_on), pod.serial), reverse=True)
        too_many = [pod.serial for pod in mobile[: max(0, len(out) - wanted)]]
        if too_many:
            self.custody.ask_return(
                desktop.account_id,
                too_many,
                because=OPTION_REMOVED,
                due_on=today(self.clock) + _RETURN_DAYS,
                by="system",
            )

    def _address(self, desktop: Desktop, dispatches: list[Dispatch]) -> PostalAddress:
        """Give where the account's last pod was sent, else the account's own address."""
        former = max(dispatches, key=lambda each: each.requested_at, default=None)
        if former:
            return former.address
        return self.accounts.account(AccountId(desktop.account_id)).address


def _slots_for(desktop: Desktop, dispatches: list[Dispatch]) -> list[tuple[Dispatch, int]]:
    """Give each place ever made for the desktop; a replacement makes none."""
    return [
        (dispatch, rank)
        for dispatch in dispatches
        if dispatch.reason is not Reason.REPLACEMENT
        for rank, slot in enumerate(dispatch.slots)
        if slot.desktop_id == desktop.id
    ]


def _least_needed_first(slots: list[tuple[Dispatch, int]]) -> list[tuple[Dispatch, int]]:
    """Order places: those of which nothing was sent yet, then the latest asked for."""
    latest = sorted(slots, key=lambda each: (each[0].requested_at, each[1]), reverse=True)
    return sorted(latest, key=lambda each: each[0].slots[each[1]].shipped_on is not None)
