"""Cards, collection, transfers, refunds: whatever moves money."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.base import Base
from chalicelib.wiring.billing import Billing
from chalicelib.wiring.desktops import Desktops
from chalicelib.wiring.orders import Orders
from chalicelib.wiring.terms import Terms

if TYPE_CHECKING:
    from chalicelib.payments.cards.expiry import CardExpiry
    from chalicelib.payments.cards.service import CardService
    from chalicelib.payments.cards.storage import CardsStorage
    from chalicelib.payments.collection.credit_settlement import CreditSettlement
    from chalicelib.payments.collection.dispute_service import DisputeService
    from chalicelib.payments.collection.noting import Noting
    from chalicelib.payments.collection.outcomes import Outcomes
    from chalicelib.payments.collection.refund_service import RefundService
    from chalicelib.payments.collection.service import CollectionService
    from chalicelib.payments.collection.webhook_service import WebhookService
    from chalicelib.payments.money.books import Books
    from chalicelib.payments.money.first_payment import FirstPayment
    from chalicelib.payments.money.ledger_storage import LedgerStorage
    from chalicelib.payments.money.mails import PaymentMails
    from chalicelib.payments.money.receivables import InvoiceReceivables
    from chalicelib.payments.money.storage import PaymentsStorage
    from chalicelib.payments.transfers.paying import Paying
    from chalicelib.payments.transfers.reversal import TransferReversal
    from chalicelib.payments.transfers.service import TransferService
    from chalicelib.payments.transfers.spreading import Spreading


@dataclass(kw_only=True, eq=False)
class Payments:
    """Cards, collection, transfers, refunds: whatever moves money."""

    base: Base
    accounts: Accounts
    orders: Orders
    desktops: Desktops
    billing: Billing
    terms: Terms

    @cached_property
    def storage(self) -> "PaymentsStorage":
        """Collections and notices handled."""
        from chalicelib.payments.money.storage import PaymentsStorage

        return PaymentsStorage(self.base.adapters.tables)

    @cached_property
    def ledger(self) -> "LedgerStorage":
        """The ledger of payments."""
        from chalicelib.payments.money.ledger_storage import LedgerStorage

        return LedgerStorage(self.base.adapters.tables)

    @cached_property
    def mails(self) -> "PaymentMails":
        """The mails about payments."""
        from chalicelib.payments.money.mails import PaymentMails

        return PaymentMails(
            payers=self.accounts.service, staff_address=lambda: self.base.settings.company.email
        )

    @cached_property
    def books(self) -> "Books":
        """Posts to the ledger of invoices."""
        from chalicelib.payments.money.books import Books

        return Books(
            storage=self.storage,
            ledger=self.ledger,
            terms=self.terms.payment_terms,
            clock=self.base.clock,
        )

    @cached_property
    def first_payment(self) -> "FirstPayment":
        """The day orders take effect."""
        from chalicelib.payments.money.first_payment import FirstPayment

        kept = self.accounts.storage
        return FirstPayment(effective_on=kept.effective_on, save_effective=kept.save_effective)

    @cached_property
    def receivables(self) -> "InvoiceReceivables":
        """Invoices as amounts to collect."""
        from chalicelib.payments.money.receivables import InvoiceReceivables

        return InvoiceReceivables(
            billing=self.billing.service, notes=self.billing.credit_notes, ledger=self.ledger
        )

    @cached_property
    def _outcomes(self) -> "Outcomes":
        """What the state of an intent means."""
        from chalicelib.payments.collection.money_facts import MoneyFacts
        from chalicelib.payments.collection.outcomes import Outcomes

        money = MoneyFacts(
            storage=self.storage,
            ledger=self.ledger,
            cards=self._cards,
            books=self.books,
            first_payment=self.first_payment,
            mails=self.mails,
            recording=self.base.recording,
        )
        return Outcomes(
            storage=self.storage,
            cards=self._cards,
            books=self.books,
            money=money,
            policies=self.terms.dunning_policies,
            mails=self.mails,
            recording=self.base.recording,
        )

    @cached_property
    def cards(self) -> "CardService":
        """Cards of the accounts."""
        from chalicelib.payments.cards.running_costs import AccountCosts
        from chalicelib.payments.cards.service import CardService

        return CardService(
            processor=self.base.adapters.card_processor,
            storage=self._cards,
            payers=self.accounts.service,
            orders=self.orders.service,
            costs=AccountCosts(
                orders=self.orders.service,
                desktops=self.desktops.service,
                billing=self.billing.service,
                storage=self.storage,
                terms=self.terms.payment_terms,
                clock=self.base.clock,
            ),
            recording=self.base.recording,
        )

    @cached_property
    def collection(self) -> "CollectionService":
        """Charges invoices by card."""
        from chalicelib.payments.collection.invoice_intents import InvoiceIntents
        from chalicelib.payments.collection.service import CollectionService

        return CollectionService(
            cards=self._cards,
            ledger=self.ledger,
            books=self.books,
            policies=self.terms.dunning_policies,
            terms=self.terms.payment_terms,
            intents=InvoiceIntents(
                terms=self.terms.payment_terms,
                cards=self._cards,
                books=self.books,
                processor=self.base.adapters.card_processor,
                storage=self.storage,
                outcomes=self._outcomes,
                recording=self.base.recording,
            ),
            noting=self.noting,
            processor=self.base.adapters.card_processor,
            receivables=self.receivables,
            storage=self.storage,
            outcomes=self._outcomes,
            recording=self.base.recording,
        )

    @cached_property
    def noting(self) -> "Noting":
        """Records what intents tell."""
        from chalicelib.payments.collection.noting import Noting

        return Noting(
            processor=self.base.adapters.card_processor,
            outcomes=self._outcomes,
            recording=self.base.recording,
        )

    @cached_property
    def webhooks(self) -> "WebhookService":
        """Receives Stripe's notices."""
        from chalicelib.payments.collection.webhook_service import WebhookService

        return WebhookService(
            cards=self.cards,
            processor=self.base.adapters.card_processor,
            receivables=self.receivables,
            storage=self.storage,
            outcomes=self._outcomes,
            recording=self.base.recording,
        )

    @cached_property
    def spreading(self) -> "Spreading":
        """Spreads money over invoices."""
        from chalicelib.payments.transfers.spreading import Spreading

        return Spreading(
            storage=self.storage,
            ledger=self.ledger,
            books=self.books,
            recording=self.base.recording,
        )

    @cached_property
    def transfers(self) -> "TransferService":
        """Bank transfers."""
        from chalicelib.payments.transfers.service import TransferService

        return TransferService(
            receivables=self.receivables,
            ledger=self.ledger,
            books=self.books,
            spreading=self.spreading,
            first_payment=self.first_payment,
            mails=self.mails,
            recording=self.base.recording,
        )

    @cached_property
    def transfer_reversal(self) -> "TransferReversal":
        """Bank transfers taken back."""
        from chalicelib.payments.transfers.reversal import TransferReversal

        return TransferReversal(
            storage=self.storage,
            ledger=self.ledger,
            books=self.books,
            recording=self.base.recording,
        )

    @cached_property
    def refunds(self) -> "RefundService":
        """Gives back what was paid too much."""
        from chalicelib.payments.collection.refund_service import RefundService

        return RefundService(
            processor=self.base.adapters.card_processor,
            receivables=self.receivables,
            storage=self.storage,
            ledger=self.ledger,
            books=self.books,
            noting=self.noting,
            mails=self.mails,
            recording=self.base.recording,
        )

    @cached_property
    def disputes(self) -> "DisputeService":
        """Disputes as operators follow them."""
        from chalicelib.payments.collection.dispute_service import DisputeService

        return DisputeService(ledger=self.ledger, recording=self.base.recording)

    @cached_property
    def credit_settlement(self) -> "CreditSettlement":
        """Posts credit notes to the ledger."""
        from chalicelib.payments.collection.credit_settlement import CreditSettlement

        return CreditSettlement(
            credits=self.receivables,
            receivables=self.receivables,
            books=self.books,
            recording=self.base.recording,
        )

    @cached_property
    def paying(self) -> "Paying":
        """Has invoices paid that fall due."""
        from chalicelib.payments.transfers.paying import Paying

        return Paying(
            receivables=self.receivables, collection=self.collection, spreading=self.spreading
        )

    @cached_property
    def card_expiry(self) -> "CardExpiry":
        """Warns of cards about to expire."""
        from chalicelib.payments.cards.expiry import CardExpiry

        return CardExpiry(
            cards=self._cards,
            mails=self.mails,
            recording=self.base.recording,
        )

    @cached_property
    def _cards(self) -> "CardsStorage":
        """Cards."""
        from chalicelib.payments.cards.storage import CardsStorage

        return CardsStorage(self.base.adapters.tables)
