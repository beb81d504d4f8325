"""Two clients side by side, to try whether one reaches what is the other's."""

from dataclasses import dataclass
from pathlib import Path

from chalicelib.accounts.account import Account, Role, User
from chalicelib.catalogue import service as catalogue_service
from chalicelib.desktops.desktop import Desktop
from chalicelib.orders.order import Order
from chalicelib.orders.request import OrderRequest
from tests.fakes.accounts import a_user, an_account, an_operator, signed_in, token_mailed
from tests.fakes.browsing import Browsing
from tests.fakes.world import World

DEMO = Path(catalogue_service.__file__).parent / "demo_catalogue.json"
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Client:
    """An account with one desktop of a name nobody else uses, and an invoice for it."""

    account: Account
    owner: User
    order: Order
    desktop: Desktop
    invoice_id: str
    access_token: str


@dataclass(frozen=True)
class TwoClients:
    """The first is the visitor's; the second is the other."""

    world: World
    mine: Client
    other: Client
    users: dict[str, User]

    @property
    def secret_of_other(self) -> str:
        """A text that only pages of the other client may show."""
        return self.other.desktop.name

    def sign_in(self, browsing: Browsing, visitor: str) -> None:
        """Sign a browser in as one of the first client's users, or as the operator."""
        signed_in(browsing, self.users[visitor])

    def foreign(self, place: str, path: str) -> str:
        """Give the other client's value for a place of a route."""
        known = {
            "account_id": self.other.account.id,
            "order_id": self.other.order.id,
            "desktop_id": self.other.desktop.id,
            "invoice_id": self.other.invoice_id,
            "month": "2026-11",
            "kind": "cgv",
            "version": "1",
            "name": "app.css",
        }
        if place == "token" and path.startswith("/access/"):
            return self.other.access_token
        return known.get(place, f"{place}_of_the_other")

    def plausible_fields(self) -> dict[str, str]:
        """Give fields that many actions would be content with."""
        return {
            "name": self.other.desktop.name,
            "confirmation": self.other.desktop.name,
            "configuration": "pro",
            "configuration_code": "pro",
            "confirmed": "yes",
            "user_id": self.users["user"].id,
            "reason": "essai",
            "limit": "1000",
            "account_id": self.other.account.id,
        }

    def snapshot(self, *, sessions: bool = True) -> frozenset[Row]:
        """Give every stored item, to see whether anything changed."""
        passing = ("BUCKET#",) if sessions else ("BUCKET#", "SESSION#")
        return frozenset(
            (table, pk, sk, repr(sorted(item.items(), key=str)))
            for (table, pk, sk), item in self.world.adapters.tables.contents().items()
            if not pk.startswith(passing)
        )


def two_clients(world: World) -> TwoClients:
    """Register, order, launch, meter and invoice, for two companies."""
    world.services.catalogue.load_file(DEMO)
    clients = [
        _client(world, "Atelier Lumen", "900000019", "lumen", "Bureau Lumen"),
        _client(world, "Menuiserie Vasseur", "900000001", "vasseur", "Bureau Vasseur"),
    ]
    operator = an_operator(world)
    world.clock.set("2026-12-01 06:00")
    world.services.metering.meter_due()
    world.services.invoice_run.run_due()
    world.pump()
    ready = []
    for account, owner, order, token in clients:
        (desktop,) = world.services.desktops.of_account(account.id)
        (invoice,) = world.services.billing.invoices_of(account.id)
        ready.append(Client(account, owner, order, desktop, invoice.id, token))
    mine, other = ready
    users = {
        "owner": mine.owner,
        "user": a_user(world, mine.account, Role.USER, "utilisateur@lumen.example"),
        "billing": a_user(world, mine.account, Role.BILLING, "compta@lumen.example"),
        "operator": operator,
    }
    return TwoClients(world, mine, other, users)


def _client(
    world: World, name: str, siren: str, mailbox: str, desktop: str
) -> tuple[Account, User, Order, str]:
    account, owner = an_account(
        world,
        legal_name=name,
        siren=siren,
        vat_number="",
        email=f"direction@{mailbox}.example",
        phone="01 99 00 12 34",
    )
    world.services.accounts.set_order_limit(account.id, 100_00, by="operator:usr_test")
    world.services.accounts.approve_invoice_mode(account.id, by="operator:usr_test")
    account = world.services.accounts.account(account.id)
    request = OrderRequest(configuration_code="standard", quantity=1, desktop_names=(desktop,))
    order = world.services.orders.place(account, owner, request, f"{mailbox:0>32}")
    world.pump()
    return account, owner, order, token_mailed(world, "desktop_ready", owner.email)
