"""Billing over fakes: accounts and metering reduced to what an invoice needs, builders."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from chalicelib.accounts.clients.account import Account, AccountKind, PostalAddress
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.papers.document_record import Document
from chalicelib.billing.papers.document_storage import DocumentStorage
from chalicelib.billing.papers.documents_service import InvoiceDocumentsService
from chalicelib.billing.papers.facturx import Paid
from chalicelib.catalogue.catalogue import Catalogue, Configuration, DatedPrice, Label, Option
from chalicelib.desktops.model.desktop import Desktop, Tariff
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message, Queue, Queues
from chalicelib.foundation.tables import Tables
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.legal.recording import Recording
from chalicelib.metering.usage import UsageDay, usage_on
from chalicelib.queues import handle
from tests.fakes.billing_parts import AgreedContracts, BillingParts
from tests.fakes.clock import StoppedClock, paris
from tests.fakes.outside import InMemoryDocuments, InMemoryQueues
from tests.fakes.tables import InMemoryTables
from tests.fakes.world import COMPANY

SELLER = COMPANY
PRICES = {"standard": 2900, "pro": 6450, "graphique": 9999, "storage-10gb": 150, "backup": 420}


def a_configuration(code: str) -> Configuration:
    """Build a configuration of that code."""
    return Configuration(
        code=code,
        name=Label(code.capitalize(), code.capitalize()),
        vcpu=2,
        memory_gib=8,
        storage_gib=80,
        os="Ubuntu 24.04 LTS",
        os_licence_url="/legal/licence-ubuntu",
        applications=(),
        pod_included=False,
        provider="ec2",
        instance_type="t3.large",
        image="ami-1",
        sla_percent="99.5",
        sla_tiers=(),
        on_sale_from=date(2026, 1, 1),
    )


def a_catalogue(**prices: int) -> Catalogue:
    """Build the offer: three configurations, two options, prices from 1 January 2026."""
    return Catalogue(
        configurations=tuple(map(a_configuration, ("standard", "pro", "graphique"))),
        options=(
            Option("storage-10gb", Label("Stockage", "Storage"), Label("10 Go", "10 GB"), 20, 10),
            Option("backup", Label("Sauvegarde", "Backup"), Label("", ""), 1),
        ),
        prices=tuple(
            DatedPrice(code, date(2026, 1, 1), cents)
            for code, cents in {**PRICES, **prices}.items()
        ),
    )


def an_account(account_id: str = "acc_lumen", **changes: object) -> Account:
    """Build a company in Lyon that pays by card, unless told otherwise."""
    account = Account(
        id=AccountId(account_id),
        kind=AccountKind.COMPANY,
        name="Atelier Lumen",
        email=f"{account_id}@example.com",
        phone="+33199000001",
        address=PostalAddress("8 quai des Exemples", "", "69002", "Lyon", "FR"),
        first_name="Camille",
        last_name="Exemple",
        legal_form="SARL",
        siren="552100554",
        created_at=paris("2026-01-02 10:00"),
    )
    return replace(account, **changes)  # type: ignore[arg-type]


def a_desktop(
    account_id: str = "acc_lumen",
    name: str = "Compta",
    *,
    created: str = "2026-01-10 10:00",
    deleted: str | None = None,
    tariffs: tuple[tuple[str, str], ...] = (),
    configuration: str = "standard",
    options: tuple[tuple[str, int], ...] = (),
) -> Desktop:
    """Build a desktop; ``tariffs`` are later changes, (configuration, Paris time)."""
    created_at = paris(created)
    changes = tuple(Tariff(code, paris(at)) for code, at in tariffs)
    return Desktop(
        id=f"dsk_{account_id}_{name}".lower().replace(" ", ""),
        account_id=account_id,
        order_id="ord_1",
        name=name,
        configuration_code=changes[-1].configuration_code if changes else configuration,
        option_codes=options,
        state=State.DELETED if deleted else State.RUNNING,
        provider="ec2",
        created_at=created_at,
        recorded_at=created_at,
        tariffs=(Tariff(configuration, created_at), *changes),
        deleted_at=paris(deleted) if deleted else None,
    )


class FakeAccounts:
    """Accounts by id."""

    def __init__(self, *accounts: Account) -> None:
        self.by_id = {account.id: account for account in accounts}

    def account(self, account_id: AccountId) -> Account:
        if account_id not in self.by_id:
            raise NotFoundError
        return self.by_id[account_id]

    def all_accounts(self, after: str = "", limit: int = 100) -> list[Account]:
        return [self.by_id[key] for key in sorted(self.by_id) if key > after][:limit]


class FakeCatalogues:
    """The offer, as it is."""

    def __init__(self, offer: Catalogue) -> None:
        self.offer = offer

    def current(self) -> Catalogue:
        return self.offer


class FakeMetering:
    """Usage days of some desktops, by the function the real metering uses."""

    def __init__(self, clock: StoppedClock, catalogues: FakeCatalogues) -> None:
        self.clock = clock
        self.catalogues = catalogues
        self.desktops: list[Desktop] = []
        self.until: date | None = None
        self.recorded: dict[tuple[str, date], UsageDay] = {}

    def meter_due(self) -> None:
        """Record every day that is over; a failure keeps the mark where it was."""
        failed = False
        for desktop in self.desktops:
            for day in self._days_since(paris_day(desktop.created_at)):
                if day < today(self.clock) and (self.until is None or day > self.until):
                    try:
                        self._record(desktop.account_id, day)
                    except DomainError:
                        failed = True
        if not failed:
            self.until = today(self.clock) - timedelta(days=1)

    def usage(self, account_id: AccountId, month: BillingMonth) -> list[UsageDay]:
        return [
            self.recorded[key]
            for key in sorted(self.recorded)
            if key[0] == account_id and BillingMonth.of(key[1]) == month
        ]

    def today_so_far(self, account_id: AccountId) -> list[UsageDay]:
        days = self._days_since(date(2026, 8, 1))
        missing = [day for day in days if (account_id, day) not in self.recorded]
        computed = (self._usage(account_id, day) for day in missing)
        return [day for day in computed if day]

    def metered_until(self) -> date | None:
        return self.until

    def of_account(self, account_id: str) -> list[Desktop]:
        return [desktop for desktop in self.desktops if desktop.account_id == account_id]

    def _record(self, account_id: str, day: date) -> None:
        usage = self._usage(account_id, day)
        if usage:
            self.recorded[account_id, day] = usage

    def _usage(self, account_id: str, day: date) -> UsageDay | None:
        own = [desktop for desktop in self.desktops if desktop.account_id == account_id]
        return usage_on(account_id, own, day, self.catalogues.current())

    def _days_since(self, first: date) -> list[date]:
        count = (today(self.clock) - first).days + 1
        return [first + timedelta(days=n) for n in range(count)]


Draw = Callable[[Document, Paid | None], bytes]


def draw_nothing(document: Document, paid: Paid | None = None) -> bytes:
    """Stand for the PDF where only its presence counts."""
    return b"%PDF " + document.number.encode()


class BillingWorld:
    """Billing's services over fakes, and the loop that stands for its queues."""

    def __init__(
        self,
        *accounts: Account,
        now: str = "2026-11-01 05:00",
        tables: Tables | None = None,
        queues: Queues | None = None,
        draw: Draw = draw_nothing,
    ) -> None:
        self.clock = StoppedClock(now)
        self.memory = InMemoryTables()
        self.queues = InMemoryQueues()
        self.documents = InMemoryDocuments()
        self.accounts = FakeAccounts(*(accounts or (an_account(),)))
        self.catalogues = FakeCatalogues(a_catalogue())
        self.metering = FakeMetering(self.clock, self.catalogues)
        self.contracts = AgreedContracts()
        self.build(tables or self.memory, queues or self.queues, draw)

    def build(self, tables: Tables, queues: Queues, draw: Draw) -> None:
        """Make the services anew over these ports, as another process would."""
        self.work = UnitOfWork(tables, queues)
        self.journal = Journal(tables, self.clock)
        self.parts = BillingParts(
            tables=tables,
            work=self.work,
            clock=self.clock,
            accounts=self.accounts,
            metering=self.metering,
            desktops=self.metering,
            catalogue=self.catalogues,
            documents=self.documents,
            contracts=self.contracts,
        )
        self.storage, self.ledger = self.parts.storage, self.parts.ledger
        self.billing, self.run = self.parts.billing, self.parts.run
        self.progress = self.parts.run_progress
        self.credit_notes, self.corrections = self.parts.credit_notes, self.parts.corrections
        self.charges, self.credits = self.parts.charges, self.parts.credits
        self.policies = self.parts.policies
        self.papers = InvoiceDocumentsService(
            storage=self.storage,
            ledger=self.ledger,
            sales=self.parts.sales,
            digests=DocumentStorage(tables),
            documents=self.documents,
            draw=draw,
            follow_up=lambda _: (),
            recording=Recording(
                work=self.work, journal=Journal(tables, self.clock), clock=self.clock
            ),
        )

    def handle(self, message: Message) -> None:
        """Do what billing's workers do with a message; others' messages are left alone."""
        if message.queue in {Queue.DRAFTS, Queue.ISSUE, Queue.DOCUMENTS}:
            services: Any = SimpleNamespace(
                billing=SimpleNamespace(run=self.run),
                papers=SimpleNamespace(documents=self.papers),
            )
            handle(message.queue, message.text, services)

    def pump(self) -> None:
        """Handle messages until none is left."""
        while (message := self.queues.take()) is not None:
            self.handle(message)

    def invoice_month(self, month: str) -> None:
        """Run a month from beginning to end, as the schedule does."""
        self.metering.meter_due()
        self.run.start_run(BillingMonth.parse(month), by="system")
        self.pump()

    def the_invoice(self, account_id: str = "acc_lumen") -> Invoice:
        """Give the only invoice of an account."""
        (invoice,) = self.billing.invoices_of(AccountId(account_id))
        return invoice

    def numbers(self) -> list[str]:
        """Every number issued, over all accounts."""
        return sorted(
            invoice.number
            for account_id in self.accounts.by_id
            for invoice in self.billing.invoices_of(account_id)
        )


def keys_of(queues: InMemoryQueues, queue: Queue) -> list[str]:
    """The distinct keys of the messages sent to a queue, in order."""
    return list(dict.fromkeys(message.key for message in queues.of(queue)))
