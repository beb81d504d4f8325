"""Everything payments need, over fakes: one client with invoices to pay."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.messages import Queue
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.payments.card_service import CardService
from chalicelib.payments.card_storage import CardsStorage
from chalicelib.payments.collection_service import CollectionService
from chalicelib.payments.outcomes import Outcomes
from chalicelib.payments.payment import Card, PaymentStatus
from chalicelib.payments.ports import Receivable
from chalicelib.payments.storage import PaymentsStorage
from chalicelib.payments.webhook_service import WebhookService
from tests.fakes.card_processor import GOOD, FakeCardProcessor
from tests.fakes.clock import StoppedClock
from tests.fakes.outside import InMemoryQueues
from tests.fakes.tables import InMemoryTables

ACCOUNT = "acc_lumen"
OTHER_ACCOUNT = "acc_autre"
INVOICE = "inv_octobre"
RETURN_URL = "https://console.example.com/invoices/inv_octobre/payment"


@dataclass
class KnownPayer:
    """A client as payments see one."""

    id: str
    name: str = "Atelier Lumen"
    first_name: str = "Camille"
    last_name: str = "Morel"
    email: str = "direction@atelier-lumen.example"
    language: str = "fr"


class KnownPayers:
    """Any account is known."""

    def account(self, account_id: str) -> KnownPayer:
        return KnownPayer(account_id)


class KnownReceivables:
    """The invoices issued."""

    def __init__(self) -> None:
        self.known: dict[str, Receivable] = {}

    def receivable(self, invoice_id: str) -> Receivable:
        try:
            return self.known[invoice_id]
        except KeyError as unknown:
            raise NotFoundError from unknown


@dataclass
class Orders:
    """Notes for whom a card was announced."""

    announced: list[str] = field(default_factory=list)

    def card_saved(self, account_id: str) -> None:
        self.announced.append(account_id)


@dataclass
class Costs:
    """Whether the account goes on costing."""

    owed: bool = False

    def anything_owed(self, account_id: str) -> bool:
        return self.owed


class Collecting:
    """Services over fakes; ``outside`` may be wrapped, to kill or to disturb."""

    def __init__(self, now: str = "2026-11-01 06:00") -> None:
        self.clock = StoppedClock(now)
        self.tables: Any = InMemoryTables()
        self.queues: Any = InMemoryQueues()
        self.processor: Any = FakeCardProcessor(self.clock)
        self.stripe: FakeCardProcessor = self.processor
        self.receivables = KnownReceivables()
        self.orders = Orders()
        self.costs = Costs()
        self.build()

    def build(self) -> None:
        """Make the services, as a new process would, over what lies outside."""
        self.work = UnitOfWork(self.tables, self.queues)
        self.journal = Journal(self.tables, self.clock)
        self.storage = PaymentsStorage(self.tables)
        self.card_storage = CardsStorage(self.tables)
        outcomes = Outcomes(
            storage=self.storage,
            cards=self.card_storage,
            payers=KnownPayers(),
            journal=self.journal,
            clock=self.clock,
        )
        shared: dict[str, Any] = {
            "processor": self.processor,
            "receivables": self.receivables,
            "storage": self.storage,
            "outcomes": outcomes,
            "work": self.work,
            "clock": self.clock,
        }
        self.cards = CardService(
            processor=self.processor,
            storage=self.card_storage,
            payers=KnownPayers(),
            orders=self.orders,
            costs=self.costs,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )
        self.collection = CollectionService(cards=self.card_storage, **shared)
        self.webhooks = WebhookService(cards=self.cards, **shared)

    # what happens
    def issue(
        self, invoice_id: str = INVOICE, cents: int = 3480, mode: str = "card", **changes: Any
    ) -> Receivable:
        """Issue an invoice of October, due at once by card."""
        receivable = Receivable(
            invoice_id=invoice_id,
            account_id=changes.pop("account_id", ACCOUNT),
            number=f"F-2026-{len(self.receivables.known) + 1:06d}",
            amount_cents=cents,
            issued_on=date(2026, 11, 1),
            due_on=date(2026, 11, 1) + timedelta(days=30 if mode == "invoice" else 0),
            payment_mode=mode,
        )
        self.receivables.known[invoice_id] = receivable
        return receivable

    def save_card(self, number: str = GOOD, account_id: str = ACCOUNT) -> Card:
        """Type a card on the hosted page and come back from it."""
        url = self.cards.start_saving(
            account_id,
            success_url="https://console.example.com/cards/return?session={CHECKOUT_SESSION_ID}",
            cancel_url="https://console.example.com/cards",
            language="fr",
        )
        session_id = url.rsplit("/", 1)[1]
        self.stripe.type_card(session_id, number)
        card = self.cards.note_saved(account_id, session_id)
        assert card is not None
        return card

    def deliver(self) -> int:
        """Deliver every notice once, in order; tell how many."""
        waiting, self.stripe.events[:] = list(self.stripe.events), []
        for event in waiting:
            notice = self.stripe.notice(event)
            self.webhooks.receive(notice.raw, notice.signature)
        return len(waiting)

    def pump(self) -> int:
        """Do what the collection queue asks; tell how many messages."""
        handled = 0
        while message := self.queues.take():
            if message.queue is Queue.COLLECTION:
                self.collection.collect(message.body["invoice_id"])
                handled += 1
        return handled

    # what is seen
    def status(self, invoice_id: str = INVOICE) -> PaymentStatus:
        """The payment of an invoice as the client sees it."""
        return self.collection.status_of(invoice_id)

    def mails(self, template: str) -> set[str]:
        """The mails of a template asked for: one key is one mail, however often it is asked."""
        return {
            message.key
            for message in self.queues.of(Queue.MAIL)
            if message.body["template"] == template
        }

    def journaled(self, account_id: str = ACCOUNT) -> list[str]:
        """The kinds in the account's journal, in order."""
        assert self.journal.verify(account_id) is None
        return [entry.kind for entry in self.journal.entries(account_id)]
