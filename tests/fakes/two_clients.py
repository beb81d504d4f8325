"""Two clients side by side, to try whether one reaches what is the other's."""

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from chalicelib.accounts.clients.account import Account, Role, User
from chalicelib.billing.contracts.contract import Contract, ContractBilling
from chalicelib.billing.contracts.terms import ContractTerms
from chalicelib.billing.credits.credit_rules import CreditRequest
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.catalogue import service as catalogue_service
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.equipment.model.cases import Cause
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.ids import InvoiceId
from chalicelib.orders.model.order import Order
from chalicelib.orders.model.request import LineRequest, OrderRequest
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
    invoice_number: str
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
        return self._value(place, path, self.other, "OP-9001")

    def own(self, place: str, path: str) -> str:
        """Give the visitor's own value for a place of a route."""
        return self._value(place, path, self.mine, "OP-9003")

    def own_path(self, path: str, **spoiled: str) -> str:
        """Fill the places of a route's path with what is the visitor's, but for those given."""
        return re.sub(
            r"\{(\w+)\}", lambda place: spoiled.get(place[1]) or self.own(place[1], path), path
        )

    def _value(self, place: str, path: str, client: Client, serial: str) -> str:
        """Give a client's value for a place; ``serial`` is the OmnyPod it reported lost."""
        known = {
            "account_id": client.account.id,
            "order_id": client.order.id,
            "desktop_id": client.desktop.id,
            "invoice_id": client.invoice_id,
            "number": client.invoice_number,
            "month": "2026-11",
            "day": "2026-11-06",
            "year": "2026",
            "kind": "cgv",
            "version": "1",
            "name": "app.css",
            "code": "withdrawal_right",
            "serial": serial,
            "dispatch_id": f"opt-{serial}",
            "case_id": f"{serial}-5",
            "action": "return",
        }
        if place == "credit_note_id":
            return self._credit_note(client).id
        if place == "contract_id":
            return self._contract(client).id
        if place == "token" and path.startswith("/access/"):
            return client.access_token
        return known.get(place, f"{place}_of_nobody")

    def _contract(self, client: Client) -> Contract:
        """Propose a contract to a client, once."""
        services = self.world.services
        services.accounts.service.enable_annual(client.account.id, by="operator:1", enabled=True)
        day = today(self.world.clock)
        terms = ContractTerms(
            reference=client.desktop.name,
            starts_on=BillingMonth.of(day).next.first_day,
            months=12,
            billing=ContractBilling.MONTHLY,
            discount_percent=Decimal(0),
            quantities={"standard": 1},
        )
        return services.billing.contracts.propose(
            client.account.id, terms, by="operator:1", key="two"
        )

    def _credit_note(self, client: Client) -> CreditNote:
        """Take a euro of a client's invoice back, once."""
        services = self.world.services
        (line, *_) = services.billing.service.invoice(InvoiceId(client.invoice_id)).lines
        note = services.billing.credit_notes.issue(
            client.invoice_id,
            [CreditRequest(line.key, 100)],
            reason=client.desktop.name,
            by="operator:1",
            key="two",
        )
        self.world.pump()
        return note

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
    world.services.metering.service.meter_due()
    world.services.billing.run.run_due()
    world.pump()
    ready = []
    for account, owner, order, token in clients:
        (desktop,) = world.services.desktops.service.of_account(account.id)
        (invoice,) = world.services.billing.service.invoices_of(account.id)
        ready.append(Client(account, owner, order, desktop, invoice.id, invoice.number, token))
    mine, other = ready
    _lend_a_pod(world, other, "OP-9001", lost=True)
    _lend_a_pod(world, mine, "OP-9002")
    _lend_a_pod(world, mine, "OP-9003", lost=True)
    users = {
        "owner": mine.owner,
        "user": a_user(world, mine.account, Role.USER, "utilisateur@lumen.example"),
        "billing": a_user(world, mine.account, Role.BILLING, "compta@lumen.example"),
        "operator": operator,
    }
    return TwoClients(world, mine, other, users)


def _lend_a_pod(world: World, client: Client, serial: str, *, lost: bool = False) -> None:
    """Have an OmnyPod delivered to a client, who may report it lost; dispatch ``opt-{serial}``."""
    services, by = world.services, "operator:usr_test"
    account, on = client.account, today(world.clock)
    services.equipment.stock.import_csv(
        f"serial;model;received_on\n{serial};OmnyPod 2;2026-11-02", by
    )
    services.equipment.reservations.add(account.id, serial, client.desktop.id, account.address, by)
    dispatch = f"opt-{serial}"
    services.equipment.dispatches.ship(
        account.id, dispatch, carrier="Colis Exemple", tracking=serial, on=on, by=by
    )
    services.equipment.dispatches.deliver(account.id, dispatch, on=on, by=by)
    if lost:
        user = client.owner.id
        services.equipment.custody.report(account.id, serial, Cause.LOSS, "Oublié", on=on, by=user)
    world.pump()


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
    world.services.accounts.service.set_order_limit(account.id, 100_00, by="operator:usr_test")
    world.services.accounts.service.approve_invoice_mode(account.id, by="operator:usr_test")
    account = world.services.accounts.service.account(account.id)
    request = OrderRequest((LineRequest("standard", desktop_names=(desktop,)),))
    order = world.services.orders.service.place(account, owner, request, f"{mailbox:0>32}")
    world.pump()
    return account, owner, order, token_mailed(world, "desktop_ready", owner.email)
