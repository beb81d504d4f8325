"""Everything payments need, over fakes: one client with invoices to pay."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib.accounts.clients.storage import AccountsStorage
from chalicelib.billing.papers.messages import SettleCreditNote
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.messages import Queue, Task
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.service import CardService
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.closings.service import ClosingService
from chalicelib.payments.closings.storage import ClosingStorage
from chalicelib.payments.collection.credit_settlement import CreditSettlement
from chalicelib.payments.collection.dispute_service import DisputeService
from chalicelib.payments.collection.invoice_intents import InvoiceIntents
from chalicelib.payments.collection.money_facts import MoneyFacts
from chalicelib.payments.collection.noting import Noting
from chalicelib.payments.collection.outcomes import Outcomes
from chalicelib.payments.collection.refund_service import RefundService
from chalicelib.payments.collection.service import CollectionService
from chalicelib.payments.collection.webhook_service import WebhookService
from chalicelib.payments.late.claims import LateClaims
from chalicelib.payments.late.dunning_service import DunningService
from chalicelib.payments.late.dunning_storage import DunningStorage
from chalicelib.payments.late.rates import FILE as RATES
from chalicelib.payments.late.rates import LateRate, LateRates
from chalicelib.payments.late.suspension_service import SuspensionService
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.claim import Claim
from chalicelib.payments.money.first_payment import FirstPayment
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import Card, PaymentStatus
from chalicelib.payments.money.receivable import Credit, Receivable
from chalicelib.payments.money.receivables import receivable_of
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.money.transfer import Transfer
from chalicelib.payments.reconciliation.hand_refunds import HandRefunds
from chalicelib.payments.reconciliation.service import Reconciliation
from chalicelib.payments.reconciliation.storage import ReconciliationStorage
from chalicelib.payments.statements.statement import Statements
from chalicelib.payments.terms.dated_terms import DatedTerms, Row
from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage
from chalicelib.payments.terms.dunning_policies import FILE as DUNNING
from chalicelib.payments.terms.dunning_policies import DunningPolicies
from chalicelib.payments.terms.dunning_steps import DunningPolicy
from chalicelib.payments.terms.payment_terms import FILE as PAYMENT_TERMS
from chalicelib.payments.terms.payment_terms import PaymentTerms, PaymentTermsTable
from chalicelib.payments.transfers.paying import Paying
from chalicelib.payments.transfers.reversal import TransferReversal
from chalicelib.payments.transfers.service import ReceivedTransfer, TransferService
from chalicelib.payments.transfers.spreading import Spreading
from chalicelib.queues import handle, perform
from tests.fakes.card_processor import GOOD, FakeCardProcessor
from tests.fakes.clock import StoppedClock
from tests.fakes.crash_points import Killed
from tests.fakes.outside import InMemoryQueues, InMemorySigner
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
        self.credits: dict[str, Credit] = {}
        self.claims: Callable[[str], Claim | None] = lambda claim_id: None

    def credit(self, credit_note_id: str) -> Credit:
        return self.credits[credit_note_id]

    def credits_of(self, invoice_id: str) -> list[Credit]:
        return [one for one in self.credits.values() if one.invoice_id == invoice_id]

    def receivable(self, invoice_id: str) -> Receivable:
        if claim := self.claims(invoice_id):
            return receivable_of(claim)
        try:
            return self.known[invoice_id]
        except KeyError as unknown:
            raise NotFoundError from unknown


@dataclass
class IssuedInvoices:
    """The invoices issued, as a statement reads them."""

    receivables: KnownReceivables

    def invoices_of(self, account_id: str) -> list[Any]:
        return [
            SimpleNamespace(
                id=one.invoice_id,
                number=one.number,
                issued_on=one.issued_on,
                issued_at=datetime.combine(one.issued_on, time(5), UTC),
                totals=SimpleNamespace(incl_vat_cents=one.amount_cents),
            )
            for one in self.receivables.known.values()
            if one.account_id == account_id
        ]


@dataclass
class Orders:
    """Notes for whom a card was announced."""

    announced: list[str] = field(default_factory=list)

    def card_saved(self, account_id: str) -> None:
        self.announced.append(account_id)


@dataclass
class Desktops:
    """Notes which accounts are suspended."""

    suspended: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def suspend_account(self, account_id: str, *, why: str, by: str) -> int:
        self.asked.append("suspend")
        self.suspended.add(account_id)
        return 1

    def resume_account(self, account_id: str, *, by: str) -> int:
        self.asked.append("resume")
        self.suspended.discard(account_id)
        return 1


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
        self.issued: Any = IssuedInvoices(self.receivables)
        self.settled_late: list[str] = []
        self.desktops: Any = Desktops()
        self.signer: Any = InMemorySigner()
        self.orders = Orders()
        self.costs = Costs()
        self.build()

    def build(self) -> None:
        """Make the services, as a new process would, over what lies outside."""
        self.work = UnitOfWork(self.tables, self.queues)
        self.journal = Journal(self.tables, self.clock)
        self.recording = Recording(work=self.work, journal=self.journal, clock=self.clock)
        self.storage = PaymentsStorage(self.tables)
        self.card_storage = CardsStorage(self.tables)
        self.ledger = LedgerStorage(self.tables)
        self.receivables.claims = self.ledger.claim
        self.terms = PaymentTermsTable(terms=self._terms(PaymentTerms, PAYMENT_TERMS))
        self.books = Books(
            storage=self.storage, ledger=self.ledger, terms=self.terms, clock=self.clock
        )
        payers: Any = KnownPayers()
        mails = PaymentMails(payers=payers, staff_address=lambda: "staff@omny.example")
        self.accounts = AccountsStorage(self.tables)
        self.first_payment = FirstPayment(
            effective_on=self.accounts.effective_on, save_effective=self.accounts.save_effective
        )
        stands_on: dict[str, Any] = {
            "storage": self.storage,
            "cards": self.card_storage,
            "books": self.books,
            "mails": mails,
            "recording": self.recording,
        }
        self.policies = DunningPolicies(terms=self._terms(DunningPolicy, DUNNING))
        self.rates = LateRates(terms=self._terms(LateRate, RATES))
        outcomes = Outcomes(
            policies=self.policies,
            money=MoneyFacts(ledger=self.ledger, first_payment=self.first_payment, **stands_on),
            **stands_on,
        )
        shared: dict[str, Any] = {
            "processor": self.processor,
            "receivables": self.receivables,
            "storage": self.storage,
            "outcomes": outcomes,
            "recording": self.recording,
        }
        self.cards = CardService(
            processor=self.processor,
            storage=self.card_storage,
            payers=payers,
            orders=self.orders,
            costs=self.costs,
            recording=self.recording,
        )
        self.noting = Noting(processor=self.processor, outcomes=outcomes, recording=self.recording)
        of_intents = {name: each for name, each in shared.items() if name != "receivables"}
        self.collection = CollectionService(
            intents=InvoiceIntents(
                cards=self.card_storage, books=self.books, terms=self.terms, **of_intents
            ),
            noting=self.noting,
            cards=self.card_storage,
            ledger=self.ledger,
            books=self.books,
            policies=self.policies,
            terms=self.terms,
            **shared,
        )
        self.webhooks = WebhookService(cards=self.cards, **shared)
        self._build_money(shared, mails)

    def _terms(self, kind: type[Row], file: Path) -> DatedTerms[Row]:
        return DatedTerms(
            kind=kind,
            file=file,
            storage=DatedTermsStorage(self.tables, kind, file.stem),
            recording=self.recording,
        )

    def _build_money(self, shared: dict[str, Any], mails: PaymentMails) -> None:
        """Make what moves money besides cards."""
        common: dict[str, Any] = {
            "ledger": self.ledger,
            "books": self.books,
            "recording": self.recording,
        }
        self.spreading = Spreading(storage=self.storage, **common)
        self.transfers = TransferService(
            receivables=self.receivables,
            spreading=self.spreading,
            first_payment=self.first_payment,
            mails=mails,
            **common,
        )
        self.reversal = TransferReversal(storage=self.storage, **common)
        self.refunds = RefundService(
            processor=self.processor,
            receivables=self.receivables,
            storage=self.storage,
            noting=self.noting,
            mails=mails,
            **common,
        )
        self.disputes = DisputeService(ledger=self.ledger, recording=self.recording)
        self.claims = LateClaims(mails=mails, rates=self.rates, terms=self.terms, **common)
        del common["ledger"]
        self.dunning_storage = DunningStorage(self.tables)
        followed: dict[str, Any] = {
            "storage": self.storage,
            "dunning": self.dunning_storage,
            "terms": self.terms,
            "mails": mails,
            "recording": self.recording,
        }
        self.closings = ClosingService(
            ledger=self.ledger,
            closings=ClosingStorage(self.tables),
            signer=self.signer,
            recording=self.recording,
        )
        receivables: Any = self.receivables
        self.statements = Statements(billing=self.issued, ledger=self.ledger)
        self.reconciliation = Reconciliation(
            processor=self.processor,
            receivables=self.receivables,
            storage=self.storage,
            ledger=self.ledger,
            findings=ReconciliationStorage(self.tables),
            noting=self.noting,
            hand_refunds=HandRefunds(
                processor=self.processor,
                receivables=receivables,
                ledger=self.ledger,
                findings=ReconciliationStorage(self.tables),
            ),
            recording=self.recording,
        )
        self.suspensions = SuspensionService(desktops=self.desktops, **followed)
        self.dunning = DunningService(
            receivables=self.receivables,
            policies=self.policies,
            books=self.books,
            claims=self.claims,
            suspensions=self.suspensions,
            **followed,
        )
        settling = CreditSettlement(
            credits=self.receivables, receivables=self.receivables, **common
        )
        # What the handlers of the COLLECTION queue ask of the services.
        self.services: Any = SimpleNamespace(
            payments=SimpleNamespace(
                paying=Paying(
                    receivables=self.receivables,
                    collection=self.collection,
                    spreading=self.spreading,
                ),
                refunds=self.refunds,
                credit_settlement=settling,
                spreading=self.spreading,
            ),
            late=SimpleNamespace(
                dunning=SimpleNamespace(settled=self._settled_late), suspensions=self.suspensions
            ),
        )

    def _settled_late(self, invoice_id: str) -> None:
        self.settled_late.append(invoice_id)
        self.dunning.settled(invoice_id)

    def handle(self, asked: Task) -> None:
        """Do what a message asks."""
        perform(asked, self.services)

    # what happens
    def issue(
        self, invoice_id: str = INVOICE, cents: int = 3480, mode: str = "card", **changes: Any
    ) -> Receivable:
        """Issue an invoice of October: by card due at its end, else in 30 days."""
        receivable = Receivable(
            invoice_id=invoice_id,
            account_id=changes.pop("account_id", ACCOUNT),
            number=f"F-2026-{len(self.receivables.known) + 1:06d}",
            amount_cents=cents,
            issued_on=date(2026, 11, 1),
            due_on=changes.pop(
                "due_on", date(2026, 10, 31) + timedelta(days=31 if mode == "invoice" else 0)
            ),
            payment_mode=mode,
            month="2026-10",
            **changes,
        )
        self.receivables.known[invoice_id] = receivable
        return receivable

    def credit(self, cents: int, invoice_id: str = INVOICE, credit_id: str = "") -> str:
        """Issue a credit note on an invoice, as billing announces it."""
        receivable = self.receivables.known[invoice_id]
        name = credit_id or f"crn_{len(self.receivables.credits) + 1}"
        self.receivables.credits[name] = Credit(
            id=name,
            number=f"A-2026-{len(self.receivables.credits) + 1:06d}",
            account_id=receivable.account_id,
            invoice_id=invoice_id,
            amount_cents=cents,
            issued_on=today(self.clock),
        )
        self.receivables.known[invoice_id] = replace(
            receivable, credited_cents=receivable.credited_cents + cents
        )
        self.queues.send(SettleCreditNote(credit_note_id=name).message(name))
        return name

    def transfer(self, cents: int, reference: str = "VIR 1", invoice_id: str = "") -> Transfer:
        """Have the operator record a transfer received today."""
        received = ReceivedTransfer(ACCOUNT, cents, today(self.clock), reference, invoice_id)
        return self.transfers.record(received, by="operator:usr_test")

    def know_rates(self, *starts: date, legal: str = "2.62", ecb: str = "2.15") -> None:
        """Have an operator publish made-up rates of half-years: of this one and the next."""
        for start in starts or (date(2026, 7, 1), date(2027, 1, 1)):
            rate = LateRate(
                from_on=start,
                legal_percent=Decimal(legal),
                ecb_percent=Decimal(ecb),
                reason="Taux de l’essai",
            )
            self.rates.publish(rate, day=today(self.clock), by="operator:usr_test")

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
                try:
                    handle(message.queue, message.text, self.services)
                except Killed:
                    self.queues.waiting.insert(0, message)  # as SQS gives back
                    raise
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
