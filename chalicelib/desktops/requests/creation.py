"""From a validated order to its desktops (CGV art. 9; ORD-3, DSK-1, P2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.announcements import work_message
from chalicelib.desktops.model.desktop import SYSTEM, Desktop, Tariff, Transition, desktop_id
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.ids import AccountId
from chalicelib.legal.recording import Recording
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.placing.service import OrderService

_BATCH = 20  # desktops of one transaction


@dataclass(kw_only=True)
class DesktopCreation:
    """Creates the desktops of an order, each once, and has them launched."""

    storage: DesktopStorage
    orders: OrderService
    catalogues: CatalogueService
    recording: Recording

    def create_for_order(self, order_id: str) -> None:
        """Create what is missing of an order's desktops; nothing unless it is validated.

        Ids derive from the order, so that a repeated message creates nothing twice.
        """
        order = self.orders.any(order_id)
        if order.state is not OrderState.VALIDATED:
            return

        def create_missing() -> None:
            known = {desktop.id for desktop in self.storage.of_account(order.account_id)}
            missing = [each for each in self._desktops_of(order) if each.id not in known]
            for start in range(0, len(missing), _BATCH):
                self._commit(order, missing[start : start + _BATCH])

        self.recording.again(create_missing)

    def _commit(self, order: Order, desktops: list[Desktop]) -> None:
        facts = {
            "order_id": order.id,
            "desktops": [
                {
                    "desktop_id": desktop.id,
                    "name": desktop.name,
                    "configuration": desktop.configuration_code,
                    "to": desktop.state.value,
                }
                for desktop in desktops
            ],
        }
        self.recording.commit(
            *(write for desktop in desktops for write in self.storage.save(desktop)),
            self.recording.entry(order.account_id, "desktops.created", facts, by="system"),
            *(work_message(desktop, "launch") for desktop in desktops),
        )

    def _desktops_of(self, order: Order) -> Iterator[Desktop]:
        now = self.recording.now()
        ordered_at = order.placed_at or order.accepted_at
        created_at = order.billable_at or ordered_at
        catalogue = self.catalogues.current()
        for line_number, line in enumerate(order.lines):
            configuration = catalogue.configuration(line.configuration_code)
            for number in range(line.quantity):
                yield Desktop(
                    id=desktop_id(order.id, line_number, number),
                    account_id=AccountId(order.account_id),
                    order_id=order.id,
                    name=line.desktop_names[number],
                    configuration_code=configuration.code,
                    option_codes=line.option_codes,
                    state=State.ORDERED,
                    provider=configuration.provider,
                    created_at=created_at,
                    recorded_at=now,
                    ordered_at=ordered_at,
                    tariffs=(Tariff(configuration.code, created_at),),
                    due_on=order.desktop_due_on,
                    assigned_user_id=line.user_ids[number] or None,
                    moving_since=now,
                    asked_by=order.ordered_by,
                    history=(
                        Transition(
                            now,
                            "ordered",
                            State.ORDERED,
                            State.ORDERED,
                            order.ordered_by or SYSTEM,
                            order.number,
                        ),
                    ),
                )
