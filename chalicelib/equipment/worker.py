"""Handles the messages of the EQUIPMENT queue: reserve, release, settle, fill, bill (POD-1)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.billing.charges.service import Charges
from chalicelib.catalogue.catalogue import Label
from chalicelib.equipment.custody.case_service import RETURN_DAYS
from chalicelib.equipment.custody.option_pods import OptionPods
from chalicelib.equipment.custody.service import CustodyService
from chalicelib.equipment.dispatches.reservation import Reservations
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.placing.service import OrderService


@dataclass(kw_only=True)
class EquipmentMessages:
    """Does what a message asks, once however often it comes."""

    reservations: Reservations
    custody: CustodyService
    options: OptionPods
    orders: OrderService
    charges: Charges
    clock: Clock

    def handle(self, body: dict[str, Any]) -> None:
        """Carry a message out.  Raises ValueError for one that nobody here sends."""
        match body["do"]:
            case "reserve":
                self.reservations.reserve_for_order(body["order_id"])
            case "release":
                self._release(body["order_id"])
            case "settle":
                self.options.settle(body["account_id"], body["desktop_id"])
            case "fill":
                self.reservations.fill_shortages()
            case "bill":
                self._bill(body)
            case unknown:
                raise ValueError(f"a message of equipment asks for {unknown!r}")

    def _release(self, order_id: str) -> None:
        """Keep what was not sent; ask back what was (POD-3)."""
        self.reservations.release_for_order(order_id)
        order = self.orders.any(order_id)
        sent = [
            pod.serial
            for pod in self.custody.pods_of(order.account_id)
            if pod.dispatch_id == f"dsp-{order.id}"
        ]
        due_on = today(self.clock) + timedelta(days=RETURN_DAYS)
        if sent:
            self.custody.ask_return(
                order.account_id, sent, because="order_cancelled", due_on=due_on, by="system"
            )

    def _bill(self, body: dict[str, Any]) -> None:
        french, english = body["label"]
        self.charges.add(
            AccountId(body["account_id"]),
            body["kind"],
            Label(french, english),
            unit_excl_vat_cents=int(body["cents"]),
            quantity=1,
            on=date.fromisoformat(body["on"]),
            reason=body["reason"],
            by=body["by"],
            key=body["charge"],
            evidence=body["evidence"],
        )
