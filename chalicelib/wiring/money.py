"""Wires what moves money besides cards: transfers, refunds, dunning, closings, comparison."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.payments import PaymentServices

if TYPE_CHECKING:
    from chalicelib.payments.cards.expiry import CardExpiry
    from chalicelib.payments.closings.service import ClosingService
    from chalicelib.payments.collection.credit_settlement import CreditSettlement
    from chalicelib.payments.collection.refund_service import RefundService
    from chalicelib.payments.late.claims import LateClaims
    from chalicelib.payments.late.dunning_service import DunningService
    from chalicelib.payments.late.dunning_storage import DunningStorage
    from chalicelib.payments.late.suspension_service import SuspensionService
    from chalicelib.payments.reconciliation.service import Reconciliation
    from chalicelib.payments.statements.statement import Statements
    from chalicelib.payments.statements.timeline import PaymentTimeline
    from chalicelib.payments.transfers.paying import Paying
    from chalicelib.payments.transfers.reversal import TransferReversal
    from chalicelib.payments.transfers.service import TransferService
    from chalicelib.payments.transfers.spreading import Spreading


class MoneyServices(PaymentServices):
    """Wires what moves money besides cards."""

    @cached_property
    def spreading(self) -> "Spreading":
        """Spreads money over invoices."""
        from chalicelib.payments.transfers.spreading import Spreading

        return Spreading(
            storage=self.payments_storage,
            ledger=self.payments_ledger,
            books=self.books,
            recording=self.recording,
        )

    @cached_property
    def transfers(self) -> "TransferService":
        """Bank transfers."""
        from chalicelib.payments.transfers.service import TransferService

        return TransferService(
            receivables=self.receivables,
            ledger=self.payments_ledger,
            books=self.books,
            spreading=self.spreading,
            first_payment=self.first_payment,
            mails=self.payment_mails,
            recording=self.recording,
        )

    @cached_property
    def transfer_reversal(self) -> "TransferReversal":
        """Bank transfers taken back."""
        from chalicelib.payments.transfers.reversal import TransferReversal

        return TransferReversal(
            storage=self.payments_storage,
            ledger=self.payments_ledger,
            books=self.books,
            recording=self.recording,
        )

    @cached_property
    def refunds(self) -> "RefundService":
        """Gives back what was paid too much."""
        from chalicelib.payments.collection.refund_service import RefundService

        return RefundService(
            processor=self.adapters.card_processor,
            receivables=self.receivables,
            storage=self.payments_storage,
            ledger=self.payments_ledger,
            books=self.books,
            noting=self.noting,
            mails=self.payment_mails,
            recording=self.recording,
        )

    @cached_property
    def credit_settlement(self) -> "CreditSettlement":
        """Posts credit notes to the ledger."""
        from chalicelib.payments.collection.credit_settlement import CreditSettlement

        return CreditSettlement(
            credits=self.receivables,
            receivables=self.receivables,
            books=self.books,
            recording=self.recording,
        )

    @cached_property
    def paying(self) -> "Paying":
        """Has invoices paid that fall due."""
        from chalicelib.payments.transfers.paying import Paying

        return Paying(
            receivables=self.receivables, collection=self.collection, spreading=self.spreading
        )

    @cached_property
    def dunning_storage(self) -> "DunningStorage":
        """What was sent to late payers."""
        from chalicelib.payments.late.dunning_storage import DunningStorage

        return DunningStorage(self.adapters.tables)

    @cached_property
    def late_claims(self) -> "LateClaims":
        """Interest and fee of late payers."""
        from chalicelib.payments.late.claims import LateClaims

        return LateClaims(
            ledger=self.payments_ledger,
            rates=self.late_rates,
            books=self.books,
            mails=self.payment_mails,
            recording=self.recording,
        )

    @cached_property
    def suspensions(self) -> "SuspensionService":
        """Suspensions of accounts that do not pay."""
        from chalicelib.payments.late.suspension_service import SuspensionService

        return SuspensionService(
            storage=self.payments_storage,
            dunning=self.dunning_storage,
            desktops=self.desktops,
            mails=self.payment_mails,
            recording=self.recording,
        )

    @cached_property
    def dunning(self) -> "DunningService":
        """Follows late payers."""
        from chalicelib.payments.late.dunning_service import DunningService

        return DunningService(
            receivables=self.receivables,
            storage=self.payments_storage,
            dunning=self.dunning_storage,
            policies=self.dunning_policies,
            books=self.books,
            claims=self.late_claims,
            suspensions=self.suspensions,
            mails=self.payment_mails,
            recording=self.recording,
        )

    @cached_property
    def closings(self) -> "ClosingService":
        """Closings of receipts."""
        from chalicelib.payments.closings.service import ClosingService
        from chalicelib.payments.closings.storage import ClosingStorage

        return ClosingService(
            ledger=self.payments_ledger,
            closings=ClosingStorage(self.adapters.tables),
            signer=self.adapters.signer,
            recording=self.recording,
        )

    @cached_property
    def money_reconciliation(self) -> "Reconciliation":
        """The daily comparison with Stripe's list."""
        from chalicelib.payments.reconciliation.service import Reconciliation
        from chalicelib.payments.reconciliation.storage import ReconciliationStorage

        return Reconciliation(
            processor=self.adapters.card_processor,
            receivables=self.receivables,
            storage=self.payments_storage,
            ledger=self.payments_ledger,
            findings=ReconciliationStorage(self.adapters.tables),
            noting=self.noting,
            recording=self.recording,
        )

    @cached_property
    def card_expiry(self) -> "CardExpiry":
        """Warns of cards about to expire."""
        from chalicelib.payments.cards.expiry import CardExpiry
        from chalicelib.payments.cards.storage import CardsStorage

        return CardExpiry(
            cards=CardsStorage(self.adapters.tables),
            mails=self.payment_mails,
            recording=self.recording,
        )

    @cached_property
    def payment_timeline(self) -> "PaymentTimeline":
        """What happened to the payment of an invoice, in order."""
        from chalicelib.payments.statements.timeline import PaymentTimeline

        return PaymentTimeline(
            storage=self.payments_storage,
            ledger=self.payments_ledger,
            dunning=self.dunning_storage,
        )

    @cached_property
    def statements(self) -> "Statements":
        """Statements of account."""
        from chalicelib.payments.statements.statement import Statements

        return Statements(billing=self.billing, ledger=self.payments_ledger)
