"""OmnyPods over the whole system in memory: a client, a stock, parcels."""

from datetime import date

from chalicelib.accounts.clients.account import Account, User
from chalicelib.equipment.model.dispatch import Dispatch
from chalicelib.equipment.model.pod import Pod
from chalicelib.foundation.clock import today
from chalicelib.orders.model.order import Order
from chalicelib.orders.model.request import LineRequest, OrderRequest
from tests.fakes.accounts import a_consumer, an_account
from tests.fakes.ordering import DEMO
from tests.fakes.world import World

OPERATOR = "operator:usr_op"


def note(*serials: str, model: str = "OmnyPod 2", received_on: str = "2026-11-02") -> str:
    """Write a delivery note."""
    lines = [f"{serial};{model};{received_on}" for serial in serials]
    return "\n".join(["serial;model;received_on", *lines])


class Lending:
    """A world that lends OmnyPods, on 5 November 2026 unless told otherwise; draws no document."""

    def __init__(self, now: str = "2026-11-05 10:00", world: World | None = None) -> None:
        self.world = world or World(now, draws=False)
        self.services = self.world.services
        self.services.catalogue.load_file(DEMO)

    def client(self, *, consumer: bool = False) -> tuple[Account, User]:
        """Register a client whose orders validate themselves, paid on invoice."""
        account, user = (a_consumer if consumer else an_account)(self.world)
        accounts = self.services.accounts.service
        accounts.set_order_limit(account.id, 5000_00, by=OPERATOR)
        accounts.approve_invoice_mode(account.id, by=OPERATOR)
        self.world.pump()
        return accounts.account(account.id), user

    def stock(self, *serials: str, received_on: str = "2026-11-02") -> None:
        """Take OmnyPods into stock."""
        self.services.equipment.stock.import_csv(note(*serials, received_on=received_on), OPERATOR)
        self.world.pump()

    def order(
        self,
        client: tuple[Account, User],
        *lines: LineRequest,
        key: str = "0" * 32,
        express: bool = True,
    ) -> Order:
        """Order, and let the workers do what follows."""
        request = OrderRequest(
            lines or (LineRequest("essentiel"),),
            express_request=express,
            express_acknowledged=express,
        )
        order = self.services.orders.service.place(*client, request, key)
        self.world.pump()
        return self.services.orders.service.any(order.id)

    def dispatch(self, order: Order) -> Dispatch:
        """Give the dispatch of an order."""
        return self.services.equipment.dispatches.get(order.account_id, f"dsp-{order.id}")

    def pod(self, serial: str) -> Pod:
        """Give a pod."""
        return self.services.equipment.stock.pod(serial)

    def ship(self, order: Order, tracking: str = "LP123") -> None:
        """Hand what is reserved to the carrier, today."""
        found = self.dispatch(order)
        self.services.equipment.dispatches.ship(
            found.account_id,
            found.id,
            carrier="Colis Exemple",
            tracking=tracking,
            on=self.today,
            by=OPERATOR,
        )
        self.world.pump()

    def deliver(self, order: Order) -> None:
        """Note that what is on its way came, today."""
        found = self.dispatch(order)
        self.services.equipment.dispatches.deliver(
            found.account_id, found.id, on=self.today, by=OPERATOR
        )
        self.world.pump()

    def lent(self, client: tuple[Account, User], *serials: str) -> Order:
        """Have OmnyPods delivered to a client, one for each desktop."""
        self.stock(*serials)
        order = self.order(client, LineRequest("essentiel", len(serials)))
        self.ship(order)
        self.deliver(order)
        return order

    @property
    def today(self) -> date:
        """The Paris day."""
        return today(self.world.clock)

    def mails_of(self, template: str) -> list[dict[str, object]]:
        """The contexts of the mails of a kind, once for each key."""
        sent = {m.key: m.body for m in self.world.adapters.queues.sent if "template" in m.body}
        return [body["context"] for body in sent.values() if body["template"] == template]
