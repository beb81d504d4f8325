"""What the EQUIPMENT queue asks beyond one service: to let an order's OmnyPods go, to bill one."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.billing.charges.service import Charges
from chalicelib.equipment.custody.case_service import RETURN_DAYS
from chalicelib.equipment.custody.service import CustodyService
from chalicelib.equipment.dispatches.reservation import Reservations
from chalicelib.equipment.messages import BillPod
from chalicelib.foundation.clock import Clock, today
from chalicelib.orders.placing.service import OrderService


@dataclass(kw_only=True)
class EquipmentWorker:
    """Does what is asked once, however often it is."""

    reservations: Reservations
    custody: CustodyService
    orders: OrderService
    charges: Charges
    clock: Clock

    def release(self, order_id: str) -> None:
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

    def bill(self, asked: BillPod) -> None:
        """Have what was decided of an OmnyPod billed, once for its name (BIL-9)."""
        self.charges.add(
            asked.account_id,
            asked.kind,
            asked.label,
            unit_excl_vat_cents=asked.cents,
            quantity=1,
            on=asked.on,
            reason=asked.reason,
            by=asked.by,
            key=asked.charge,
            evidence=asked.evidence,
        )
