"""Orders over fakes: a client, a catalogue, legal documents, cards and VAT that tests decide."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.accounts.clients.account import (
    Account,
    AccountKind,
    PaymentMode,
    PostalAddress,
    Role,
    User,
)
from chalicelib.catalogue import service as catalogue_service
from chalicelib.catalogue.service import CatalogueService
from chalicelib.catalogue.storage import CatalogueStorage
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.documents_storage import LegalStorage
from chalicelib.legal.journal import Journal
from chalicelib.legal.library import LegalDocuments
from chalicelib.legal.policies_storage import PolicyStorage
from chalicelib.legal.published_policies import ContractPolicies
from chalicelib.legal.recording import Recording
from chalicelib.orders.fulfilment.confirmation import OrderConfirmation
from chalicelib.orders.model.limits import RentedDesktop
from chalicelib.orders.model.request import LineRequest, OrderRequest
from chalicelib.orders.model.storage import OrderStorage
from chalicelib.orders.model.terms import OrderTerms
from chalicelib.orders.placing.service import OrderService
from tests.fakes.clock import StoppedClock
from tests.fakes.outside import InMemoryDocuments, InMemoryQueues
from tests.fakes.tables import InMemoryTables

DEMO = Path(catalogue_service.__file__).parent / "demo_catalogue.json"
KEY = "0123456789abcdef0123456789abcdef"
LICENCES = (
    "licence-windows-server",
    "licence-libreoffice",
    "licence-firefox",
    "licence-blender",
    "licence-gimp",
)


def demo_document() -> dict[str, Any]:
    """Read the demo catalogue afresh, to be changed by a test."""
    document: dict[str, Any] = json.loads(DEMO.read_text(encoding="utf-8"))
    return document


def an_account(clock: StoppedClock, **changes: Any) -> Account:
    """Build a company in Lyon that pays by card and may order up to 500 euros a month."""
    account = Account(
        id=AccountId("acc_lumen"),
        kind=AccountKind.COMPANY,
        name="Atelier Lumen",
        email="direction@atelier-lumen.example",
        phone="+33199000001",
        address=PostalAddress("8 quai des Exemples", "", "69001", "Lyon", "FR"),
        first_name="Camille",
        last_name="Morel",
        legal_form="SARL",
        siren="900000001",
        created_at=clock.now(),
        order_limit_cents=500_00,
    )
    return replace(account, **changes)


def a_user(account: Account, clock: StoppedClock, **changes: Any) -> User:
    """Build the owner of an account."""
    user = User(
        id=UserId(f"usr_{account.id}"),
        account_id=account.id,
        email=account.email,
        full_name="Camille Morel",
        role=Role.OWNER,
        password_hash="",
        created_at=clock.now(),
    )
    return replace(user, **changes)


class KnownAccounts:
    """Accounts and their users."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.users: dict[str, list[User]] = {}

    def choose_payment_mode(self, account_id: AccountId, mode: PaymentMode, *, by: str) -> Account:
        chosen = replace(self.accounts[account_id], payment_mode=mode)
        self.accounts[account_id] = chosen
        return chosen

    def account(self, account_id: AccountId) -> Account:
        try:
            return self.accounts[account_id]
        except KeyError as unknown:
            raise NotFoundError from unknown

    def users_of(self, account_id: AccountId) -> list[User]:
        return self.users.get(account_id, [])


class SavedCards:
    """Which accounts have a card."""

    def __init__(self) -> None:
        self.accounts: set[str] = set()

    def has_card(self, account_id: str) -> bool:
        return account_id in self.accounts


class RentedDesktops:
    """The desktops an account has, as a test says."""

    def __init__(self) -> None:
        self.desktops: list[RentedDesktop] = []

    def rented(self, account_id: str) -> list[RentedDesktop]:
        return self.desktops


class ReceivedPods:
    """When the last OmnyPod of each order came."""

    def __init__(self) -> None:
        self.received_on: dict[str, date] = {}

    def last_received_on(self, account_id: str, order_id: str) -> date | None:
        return self.received_on.get(order_id)


class FlatVat:
    """One rate for everybody."""

    def __init__(self, percent: str = "20") -> None:
        self.percent = Decimal(percent)

    def rate_for(self, account: Account, on: date) -> Decimal:
        return self.percent


class Ordering:
    """Everything an order needs, on 5 November 2026 unless told otherwise."""

    def __init__(self, now: str = "2026-11-05 10:00") -> None:
        self.clock = StoppedClock(now)
        self.tables = InMemoryTables()
        self.queues = InMemoryQueues()
        self.documents = InMemoryDocuments()
        self.known = KnownAccounts()
        self.cards = SavedCards()
        self.rented = RentedDesktops()
        self.receipts = ReceivedPods()
        self.vat = FlatVat()
        self.work = UnitOfWork(self.tables, self.queues)
        self.journal = Journal(self.tables, self.clock)
        self.recording = Recording(work=self.work, journal=self.journal, clock=self.clock)
        self.catalogue = CatalogueService(
            storage=CatalogueStorage(self.tables), recording=self.recording
        )
        self.policies = ContractPolicies(
            storage=PolicyStorage(self.tables), recording=self.recording
        )
        self.library = LegalDocuments(store=LegalStorage(self.tables), recording=self.recording)
        self.storage = OrderStorage(self.tables)
        self.orders = self.order_service()

    def order_service(self) -> OrderService:
        """Make the service, as another worker would have it."""
        return OrderService(
            storage=self.storage,
            accounts=self.known,
            catalogue=self.catalogue,
            terms=OrderTerms(library=self.library),
            has_card=self.cards.has_card,
            rented=self.rented.rented,
            pods_received_on=self.receipts.last_received_on,
            vat_rate=self.vat.rate_for,
            policies=self.policies,
            recording=self.recording,
        )

    def confirmation(self) -> OrderConfirmation:
        """Make the worker that confirms orders."""
        from tests.fakes.world import COMPANY

        return OrderConfirmation(
            orders=self.orders,
            storage=self.storage,
            accounts=self.known,
            catalogues=self.catalogue,
            library=self.library,
            documents=self.documents,
            recording=self.recording,
            company=COMPANY,
        )

    def open_for_business(self) -> None:
        """Publish the demo catalogue and the legal documents it names."""
        self.catalogue.load_file(DEMO)
        for kind in ("cgv", "withdrawal-form", *LICENCES):
            self.library.publish(
                kind, "1", f"Document {kind}", f"# {kind}\nTexte.", date(2026, 1, 1), by="system"
            )

    def client(self, *, card: bool = True, **changes: Any) -> tuple[Account, User]:
        """Register an account with its owner, a card saved unless told otherwise."""
        account = an_account(self.clock, **changes)
        user = a_user(account, self.clock)
        self.known.accounts[account.id] = account
        self.known.users[account.id] = [user]
        if card:
            self.cards.accounts.add(account.id)
        return account, user

    def kinds_in_journal(self, account_id: str) -> list[str]:
        """The kinds of an account's journal, in order."""
        return [entry.kind for entry in self.journal.entries(account_id)]


def a_request(**changes: Any) -> OrderRequest:
    """Ask for two Standard desktops without options, as a consumer could."""
    line = LineRequest("standard", 2, desktop_names=("Accueil", "Comptabilité"))
    own = {name: changes.pop(name) for name in [*changes] if hasattr(line, name)}
    lines = changes.pop("lines", (replace(line, **own),))
    request = OrderRequest(lines, express_request=True, express_acknowledged=True)
    return replace(request, **changes)


__all__ = [
    "DEMO",
    "KEY",
    "AccountKind",
    "Ordering",
    "PaymentMode",
    "a_request",
    "a_user",
    "an_account",
    "demo_document",
]
