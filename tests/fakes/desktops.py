"""Desktops over fakes: an account whose orders are validated, a cloud, a pump for their queue."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from chalicelib.accounts.clients.account import Role, User
from chalicelib.desktops.connection.access_code_service import AccessCodeService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.notices import Notices
from chalicelib.desktops.model.price_notices import PriceNotices
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.desktops.reconciliation.comparisons import Comparisons
from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage
from chalicelib.desktops.reconciliation.service import Reconciliation
from chalicelib.desktops.requests.creation import DesktopCreation
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.desktops.work.machine_work import MachineWork
from chalicelib.desktops.work.outcomes import Outcomes
from chalicelib.desktops.work.worker import DesktopWorker
from chalicelib.foundation.errors import TemporaryGatewayError
from chalicelib.foundation.ids import UserId
from chalicelib.foundation.messages import Message, Queue, Task
from chalicelib.foundation.tables import Tables, Write
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.legal.recording import Recording
from chalicelib.metering.service import MeteringService
from chalicelib.metering.storage import UsageStorage
from chalicelib.orders.messages import CreateDesktops
from chalicelib.orders.model.order import Order, OrderLine, OrderState
from chalicelib.orders.placing.billing_start import billing_start
from chalicelib.queues import handle, perform
from tests.fakes.machines import FakeMachines, FakeMachineSecrets
from tests.fakes.ordering import DEMO, FlatVat, Ordering, a_user
from tests.fakes.outside import InMemoryVault

ACCOUNT = "acc_lumen"


class ValidatedOrders:
    """Orders as the company validated them."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}

    def any(self, order_id: str) -> Order:
        return self.orders[order_id]


class Limits:
    """What an account may rent more by itself, in cents a month."""

    left_cents = 1_000_00

    def room_for(self, account_id: str, added_excl_vat_cents: int) -> list[Write] | None:
        return [] if added_excl_vat_cents <= self.left_cents else None


class Renting(Ordering):
    """An account with desktops, on 5 November 2026 unless told otherwise."""

    def __init__(self, now: str = "2026-11-05 10:00") -> None:
        super().__init__(now)
        self.catalogue.load_file(DEMO)
        self.account, self.owner = self.client()
        self.validated = ValidatedOrders()
        self.machines = FakeMachines()
        self.secrets = FakeMachineSecrets()
        self.vault = InMemoryVault()
        self.limits = Limits()
        self.build(self.tables, self.machines, self.secrets)

    def build(self, tables: Tables, machines: Any, secrets: Any) -> None:
        """Make the services over these."""
        work = UnitOfWork(tables, self.queues)
        recording = Recording(work=work, journal=Journal(tables, self.clock), clock=self.clock)
        shared: dict[str, Any] = {
            "storage": DesktopStorage(tables),
            "recording": recording,
        }
        self.desktop_storage = DesktopStorage(tables)
        self.desktops = DesktopService(
            accounts=self.known,
            catalogues=self.catalogue,
            limits=self.limits,
            vault=self.vault,
            **shared,
        )
        self.codes = AccessCodeService(accounts=self.known, vault=self.vault, **shared)
        outcomes = Outcomes(
            accounts=self.known,
            catalogues=self.catalogue,
            codes=self.codes,
            check_delay_seconds=0,
            **shared,
        )
        self.machine_work = MachineWork(
            storage=self.desktop_storage,
            catalogues=self.catalogue,
            providers={"ec2": machines, "workspaces": machines},
            machine_secrets=secrets,
            codes=self.codes,
            outcomes=outcomes,
            clock=self.clock,
        )
        self.worker = DesktopWorker(
            storage=self.desktop_storage,
            machines=self.machine_work,
            outcomes=outcomes,
            clock=self.clock,
        )
        self.metering = MeteringService(
            desktops=self.desktops,
            catalogues=self.catalogue,
            **{**shared, "storage": UsageStorage(tables)},
        )
        self.reconciliation = Reconciliation(
            findings=FindingsStorage(tables),
            providers={"ec2": machines},
            notices=Notices(accounts=self.known, catalogues=self.catalogue),
            **shared,
        )
        self.comparisons = Comparisons(
            storage=FindingsStorage(tables),
            reconciliation=self.reconciliation,
            recording=recording,
        )
        # What the handlers of the DESKTOPS queue ask of the services.
        self.services: Any = SimpleNamespace(
            desktops=SimpleNamespace(
                creation=DesktopCreation(
                    orders=self.validated, catalogues=self.catalogue, **shared
                ),
                worker=self.worker,
                machine_work=self.machine_work,
                comparisons=self.comparisons,
                price_notices=PriceNotices(
                    storage=shared["storage"],
                    accounts=self.known,
                    catalogues=self.catalogue,
                    vat_rate=FlatVat().rate_for,
                    recording=recording,
                ),
            ),
            metering=SimpleNamespace(service=self.metering),
        )
        self.desktop_work = work
        self.recording = recording

    # ordering
    def validate(self, *names: str, order_id: str = "ord_1", **changes: Any) -> Order:
        """Have an order validated now, placed now unless told otherwise; nothing is pumped."""
        configuration = changes.pop("configuration", "standard")
        options = changes.pop("options", ())
        users = changes.pop("user_ids", ("",) * len(names))
        line = OrderLine(
            configuration_code=configuration,
            name=configuration.title(),
            quantity=len(names),
            desktop_names=names,
            user_ids=users,
            option_codes=options,
            unit_prices=(),
            monthly_excl_vat_cents=0,
        )
        now = self.clock.now()
        order = Order(
            id=order_id,
            account_id=self.account.id,
            number=f"C-{order_id}",
            lines=(line,),
            payment_mode="card",
            delivery_address=None,
            vat_rate_percent="20",
            monthly_excl_vat_cents=0,
            monthly_incl_vat_cents=0,
            express_request=True,
            terms=(),
            ordered_by=self.owner.id,
            state=OrderState.VALIDATED,
            accepted_at=now,
            placed_at=now,
            validated_at=now,
        )
        order = replace(order, **changes)
        if order.placed_at and order.billable_at is None:
            start = billing_start(order.placed_at, now, at_confirmation=True)
            order = replace(order, billable_at=start)
        self.validated.orders[order.id] = order
        self.queues.send(CreateDesktops(order_id=order.id).message(f"create:{order.id}"))
        return order

    def rent(self, name: str = "Accueil", **changes: Any) -> Desktop:
        """Have one desktop ordered, validated and made ready."""
        order_id = changes.pop("order_id", f"ord_{len(self.validated.orders) + 1}")
        self.validate(name, order_id=order_id, **changes)
        self.pump()
        return self.named(name)

    # working
    def handle(self, asked: Message | Task | None) -> None:
        """Do what a message of the DESKTOPS queue asks; others are left alone."""
        assert asked is not None
        if isinstance(asked, Message):
            if asked.queue is Queue.DESKTOPS:
                handle(asked.queue, asked.text, self.services)
        else:
            perform(asked, self.services)

    def pump(self, *, at_most: int = 1000) -> None:
        """Handle the DESKTOPS messages and those they cause; one that must come back does."""
        for _ in range(at_most):
            message = self.queues.take()
            if message is None:
                return
            if message.queue is not Queue.DESKTOPS:
                continue
            try:
                self.handle(message)
            except TemporaryGatewayError:
                self.queues.send(message)
        raise AssertionError("messages cause messages without end")

    def look(self, desktop: Desktop) -> None:
        """Have the worker look at a desktop once, as ``watch`` does."""
        self.worker.advance(desktop.account_id, desktop.id, once=True)

    # looking
    def now_of(self, desktop: Desktop) -> Desktop:
        """Read a desktop again."""
        return self.desktops.get(desktop.account_id, desktop.id)

    def named(self, name: str) -> Desktop:
        """Find a desktop by its name."""
        return next(each for each in self.desktops.of_account(self.account.id) if each.name == name)

    def mails(self, template: str) -> list[dict[str, Any]]:
        """The mails of a template asked for, by their messages."""
        return [m.body for m in self.queues.of(Queue.MAIL) if m.body["template"] == template]

    def link(self, template: str = "desktop_ready") -> str:
        """The token of the last access link mailed."""
        return str(self.mails(template)[-1]["context"]["path"]).removeprefix("/access/")

    def colleague(self, role: Role, name: str = "Léa Perrin") -> User:
        """Another user of the account."""
        return a_user(self.account, self.clock, id=UserId(f"usr_{role}"), role=role, full_name=name)
