"""The OmnyPods of the demo history: they come into stock, are sent, received, and one is lost."""

from typing import TYPE_CHECKING

from chalicelib.equipment.model.cases import Cause
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.clock import today

if TYPE_CHECKING:
    from chalicelib.accounts.clients.account import User
    from chalicelib.wiring import Services

_COUNT = 12


class DemoPods:
    """What the operator and the carrier do with OmnyPods."""

    def __init__(self, services: "Services", operator: str) -> None:
        self._services = services
        self._operator = operator

    def stock(self) -> None:
        """Import a delivery note."""
        day = today(self._services.base.clock)
        lines = [f"OP-2026-{n:05d};OmnyPod 2;{day}" for n in range(41, 41 + _COUNT)]
        self._services.equipment.stock.import_csv(
            "\n".join(["serial;model;received_on", *lines]), self._operator
        )

    def ship(self) -> None:
        """Send whatever is reserved."""
        dispatches = self._services.equipment.dispatches
        for number, found in enumerate(dispatches.open(), start=1):
            if found.to_ship:
                dispatches.ship(
                    found.account_id,
                    found.id,
                    carrier="Colis Exemple",
                    tracking=f"CE{today(self._services.base.clock):%y%m%d}{number:03d}",
                    on=today(self._services.base.clock),
                    by=self._operator,
                )

    def deliver(self) -> None:
        """Note that whatever is on its way came, and is in use."""
        dispatches = self._services.equipment.dispatches
        day = today(self._services.base.clock)
        for found in dispatches.open():
            if any(slot.shipped_on and slot.is_awaited for slot in found.slots):
                dispatches.deliver(found.account_id, found.id, on=day, by=self._operator)
        for pod in self._services.equipment.stock.in_state(PodState.DELIVERED):
            dispatches.confirm_receipt(pod.account_id, pod.serial, self._operator)

    def lose_one(self, user: "User") -> None:
        """A client reports a loss, which the operator has still to decide."""
        account_id = str(user.account_id)
        pod = self._services.equipment.custody.pods_of(account_id)[0]
        self._services.equipment.custody.report(
            account_id,
            pod.serial,
            Cause.LOSS,
            "Oublié dans un train lors d’un déménagement de bureau.",
            on=today(self._services.base.clock),
            by=user.id,
        )
