"""OmnyPods that a desktop came to need after its order: an option added, a larger configuration.

CGV art. 7; CAT-2, POD-1.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from chalicelib.catalogue.catalogue import EXTRA_POD
from chalicelib.desktops.desktop import Desktop
from chalicelib.desktops.usage_history import charged_items
from chalicelib.equipment.dispatch import Dispatch, Reason
from chalicelib.equipment.ports import Accounts, Catalogues, EquipmentStore
from chalicelib.equipment.reservation import Reservations
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId


class AllDesktops(Protocol):
    """Every desktop there is."""

    def all_desktops(self) -> Iterator[Desktop]:
        """Give every desktop there ever was, account after account."""


class OptionPods:
    """Compares what desktops are rented with to what was sent for them."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: EquipmentStore,
        accounts: Accounts,
        desktops: AllDesktops,
        catalogues: Catalogues,
        reservations: Reservations,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._desktops = desktops
        self._catalogues = catalogues
        self._reservations = reservations
        self._clock = clock

    def send_due(self) -> int:
        """Have what is missing sent, then reserve what is in stock; tell how many were asked for.

        A request is named after the desktop and its rank: run twice, it asks once.
        """
        asked = 0
        account_id, sent = "", Counter[str]()
        for desktop in self._desktops.all_desktops():
            if desktop.ready_at is None or not desktop.is_active:
                continue
            if desktop.account_id != account_id:
                account_id = desktop.account_id
                sent = _sent(self._storage.dispatches_of(account_id))
            for rank in range(sent[desktop.id], self._wanted(desktop)):
                self._ask(desktop, rank)
                asked += 1
        self._reservations.fill_shortages()
        return asked

    def _wanted(self, desktop: Desktop) -> int:
        items = charged_items(desktop, today(self._clock))
        catalogue = self._catalogues.current()
        included = sum(
            catalogue.configuration(item.code).pod_included
            for item in items
            if item.kind == "desktop"
        )
        return included + sum(item.quantity for item in items if item.code == EXTRA_POD)

    def _ask(self, desktop: Desktop, rank: int) -> None:
        account = self._accounts.account(AccountId(desktop.account_id))
        former = max(
            self._storage.dispatches_of(desktop.account_id),
            key=lambda each: each.requested_at,
            default=None,
        )
        address = former.address if former else account.address
        key = f"{desktop.id}-{rank}"
        self._reservations.add(desktop.account_id, key, desktop.id, address, "system")


def _sent(dispatches: Iterator[Dispatch]) -> Counter[str]:
    """Count by desktop what was ever sent, or is to be; a replacement adds none."""
    return Counter(
        slot.desktop_id
        for dispatch in dispatches
        if dispatch.reason is not Reason.REPLACEMENT
        for slot in dispatch.slots
        if not slot.dropped
    )
