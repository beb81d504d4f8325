"""Wires cards, collection and webhooks."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.documents import DocumentServices

if TYPE_CHECKING:
    from chalicelib.payments.cards.service import CardService
    from chalicelib.payments.collection.noting import Noting
    from chalicelib.payments.collection.outcomes import Outcomes
    from chalicelib.payments.collection.service import CollectionService
    from chalicelib.payments.collection.webhook_service import WebhookService
    from chalicelib.payments.late.rates import LateRates
    from chalicelib.payments.money.books import Books
    from chalicelib.payments.money.first_payment import FirstPayment
    from chalicelib.payments.money.ledger_storage import LedgerStorage
    from chalicelib.payments.money.mails import PaymentMails
    from chalicelib.payments.money.receivables import InvoiceReceivables
    from chalicelib.payments.money.storage import PaymentsStorage
    from chalicelib.payments.terms.dunning_policies import DunningPolicies


class PaymentServices(DocumentServices):
    """Wires cards, collection and webhooks."""

    @cached_property
    def payments_storage(self) -> "PaymentsStorage":
        """Collections and notices handled."""
        from chalicelib.payments.money.storage import PaymentsStorage

        return PaymentsStorage(self.adapters.tables)

    @cached_property
    def payments_ledger(self) -> "LedgerStorage":
        """The ledger of payments."""
        from chalicelib.payments.money.ledger_storage import LedgerStorage

        return LedgerStorage(self.adapters.tables)

    @cached_property
    def payment_mails(self) -> "PaymentMails":
        """The mails about payments."""
        from chalicelib.payments.money.mails import PaymentMails

        return PaymentMails(payers=self.accounts, staff_address=lambda: self.settings.company.email)

    @cached_property
    def books(self) -> "Books":
        """Posts to the ledger of invoices."""
        from chalicelib.payments.money.books import Books

        return Books(storage=self.payments_storage, ledger=self.payments_ledger, clock=self.clock)

    @cached_property
    def first_payment(self) -> "FirstPayment":
        """The day orders take effect."""
        from chalicelib.payments.money.first_payment import FirstPayment

        accounts = self._accounts_ports["store"]
        return FirstPayment(
            effective_on=accounts.effective_on, save_effective=accounts.save_effective
        )

    @cached_property
    def receivables(self) -> "InvoiceReceivables":
        """Invoices as amounts to collect."""
        from chalicelib.payments.money.receivables import InvoiceReceivables

        return InvoiceReceivables(
            billing=self.billing, notes=self.credit_notes, ledger=self.payments_ledger
        )

    @cached_property
    def dunning_policies(self) -> "DunningPolicies":
        """The days of retries, reminders and notice."""
        from chalicelib.payments.terms.dated_terms import DatedTerms
        from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage
        from chalicelib.payments.terms.dunning_policies import FILE, DunningPolicies
        from chalicelib.payments.terms.dunning_steps import DunningPolicy

        storage = DatedTermsStorage(self.adapters.tables, DunningPolicy, FILE.stem)
        return DunningPolicies(
            terms=DatedTerms(
                kind=DunningPolicy, file=FILE, storage=storage, recording=self.recording
            )
        )

    @cached_property
    def late_rates(self) -> "LateRates":
        """The rates of late interest."""
        from chalicelib.payments.late.rates import FILE, LateRate, LateRates
        from chalicelib.payments.terms.dated_terms import DatedTerms
        from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage

        storage = DatedTermsStorage(self.adapters.tables, LateRate, FILE.stem)
        return LateRates(
            terms=DatedTerms(kind=LateRate, file=FILE, storage=storage, recording=self.recording)
        )

    @cached_property
    def _outcomes(self) -> "Outcomes":
        """What the state of an intent means."""
        from chalicelib.payments.cards.storage import CardsStorage
        from chalicelib.payments.collection.money_facts import MoneyFacts
        from chalicelib.payments.collection.outcomes import Outcomes

        shared: dict[str, Any] = {
            "storage": self.payments_storage,
            "cards": CardsStorage(self.adapters.tables),
            "books": self.books,
            "mails": self.payment_mails,
            "recording": self.recording,
        }
        money = MoneyFacts(ledger=self.payments_ledger, first_payment=self.first_payment, **shared)
        return Outcomes(money=money, policies=self.dunning_policies, **shared)

    @cached_property
    def _payments_ports(self) -> dict[str, Any]:
        """What collecting and notices both stand on."""
        return {
            "processor": self.adapters.card_processor,
            "receivables": self.receivables,
            "storage": self.payments_storage,
            "outcomes": self._outcomes,
            "recording": self.recording,
        }

    @cached_property
    def cards(self) -> "CardService":
        """Cards of the accounts."""
        from chalicelib.payments.cards.running_costs import AccountCosts
        from chalicelib.payments.cards.service import CardService
        from chalicelib.payments.cards.storage import CardsStorage

        return CardService(
            processor=self.adapters.card_processor,
            storage=CardsStorage(self.adapters.tables),
            payers=self.accounts,
            orders=self.orders,
            costs=AccountCosts(
                orders=self.orders,
                desktops=self.desktops,
                billing=self.billing,
                storage=self.payments_storage,
                clock=self.clock,
            ),
            recording=self.recording,
        )

    @cached_property
    def collection(self) -> "CollectionService":
        """Charges invoices by card."""
        from chalicelib.payments.cards.storage import CardsStorage
        from chalicelib.payments.collection.invoice_intents import InvoiceIntents
        from chalicelib.payments.collection.service import CollectionService

        ports = {name: each for name, each in self._payments_ports.items() if name != "receivables"}
        cards = CardsStorage(self.adapters.tables)
        return CollectionService(
            cards=cards,
            ledger=self.payments_ledger,
            books=self.books,
            policies=self.dunning_policies,
            intents=InvoiceIntents(cards=cards, books=self.books, **ports),
            noting=self.noting,
            **self._payments_ports,
        )

    @cached_property
    def noting(self) -> "Noting":
        """Records what intents tell."""
        from chalicelib.payments.collection.noting import Noting

        return Noting(
            processor=self.adapters.card_processor,
            outcomes=self._outcomes,
            recording=self.recording,
        )

    @cached_property
    def webhooks(self) -> "WebhookService":
        """Receives Stripe's notices."""
        from chalicelib.payments.collection.webhook_service import WebhookService

        return WebhookService(cards=self.cards, **self._payments_ports)
