"""From a validated order to its desktops (CGV art. 9; ORD-3, DSK-1, P2)."""

from collections.abc import Iterator

from chalicelib.desktops.model.announcements import work_message
from chalicelib.desktops.model.desktop import Desktop, Tariff, Transition, desktop_id
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.ports import Catalogues, DesktopStore, Orders
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.orders.model.order import Order, OrderState

_BATCH = 20  # desktops of one transaction


class DesktopCreation:
    """Creates the desktops of an order, each once, and has them launched."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        work: UnitOfWork,
        journal: Journal,
        orders: Orders,
        catalogues: Catalogues,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._work = work
        self._journal = journal
        self._orders = orders
        self._catalogues = catalogues
        self._clock = clock

    def create_for_order(self, order_id: str) -> None:
        """Create what is missing of an order's desktops; nothing unless it is validated.

        Ids derive from the order, so that a repeated message creates nothing twice.
        """
        order = self._orders.any(order_id)
        if order.state is not OrderState.VALIDATED:
            return

        def create_missing() -> None:
            known = {desktop.id for desktop in self._storage.of_account(order.account_id)}
            missing = [each for each in self._desktops_of(order) if each.id not in known]
            for start in range(0, len(missing), _BATCH):
                self._commit(order, missing[start : start + _BATCH])

        retry_on_conflict(create_missing)

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
        self._work.commit(
            *(write for desktop in desktops for write in self._storage.save(desktop)),
            self._journal.entry(order.account_id, "desktops.created", facts, by="system"),
            *(work_message(desktop, "launch") for desktop in desktops),
        )

    def _desktops_of(self, order: Order) -> Iterator[Desktop]:
        now = self._clock.now()
        created_at = order.placed_at or order.accepted_at
        catalogue = self._catalogues.current()
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
                    tariffs=(Tariff(configuration.code, created_at),),
                    due_on=order.desktop_due_on,
                    assigned_user_id=line.user_ids[number] or None,
                    moving_since=now,
                    history=(
                        Transition(
                            now, "ordered", State.ORDERED, State.ORDERED, "system", order.number
                        ),
                    ),
                )
