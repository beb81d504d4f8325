"""What the EQUIPMENT queue asks beyond one service: to let an order's OmnyPods go, to bill one."""

from datetime import timedelta

from chalicelib.equipment.case_service import RETURN_DAYS
from chalicelib.equipment.custody_service import CustodyService
from chalicelib.equipment.messages import BillPod
from chalicelib.equipment.ports import Charges, Orders
from chalicelib.equipment.reservation import Reservations
from chalicelib.foundation.clock import Clock, today


class EquipmentWorker:
    """Does what is asked once, however often it is."""

    def __init__(
        self,
        *,
        reservations: Reservations,
        custody: CustodyService,
        orders: Orders,
        charges: Charges,
        clock: Clock,
    ) -> None:
        self._reservations = reservations
        self._custody = custody
        self._orders = orders
        self._charges = charges
        self._clock = clock

    def release(self, order_id: str) -> None:
        """Keep what was not sent; ask back what was (POD-3)."""
        self._reservations.release_for_order(order_id)
        order = self._orders.any(order_id)
        sent = [
            pod.serial
            for pod in self._custody.pods_of(order.account_id)
            if pod.dispatch_id == f"dsp-{order.id}"
        ]
        due_on = today(self._clock) + timedelta(days=RETURN_DAYS)
        if sent:
            self._custody.ask_return(
                order.account_id, sent, because="order_cancelled", due_on=due_on, by="system"
            )

    def bill(self, asked: BillPod) -> None:
        """Have what was decided of an OmnyPod billed, once for its name (BIL-9)."""
        self._charges.add(
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
