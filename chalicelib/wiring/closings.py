"""Closings of receipts, statements, the comparison with Stripe."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base
from chalicelib.wiring.billing import Billing
from chalicelib.wiring.payments import Payments

if TYPE_CHECKING:
    from chalicelib.payments.closings.service import ClosingService
    from chalicelib.payments.reconciliation.service import Reconciliation
    from chalicelib.payments.statements.statement import Statements


@dataclass(kw_only=True, eq=False)
class Closings:
    """Closings of receipts, statements, the comparison with Stripe."""

    base: Base
    billing: Billing
    payments: Payments

    @cached_property
    def receipts(self) -> "ClosingService":
        """Closings of receipts."""
        from chalicelib.payments.closings.service import ClosingService
        from chalicelib.payments.closings.storage import ClosingStorage

        return ClosingService(
            ledger=self.payments.ledger,
            closings=ClosingStorage(self.base.adapters.tables),
            signer=self.base.adapters.signer,
            recording=self.base.recording,
        )

    @cached_property
    def reconciliation(self) -> "Reconciliation":
        """The daily comparison with Stripe's list."""
        from chalicelib.payments.reconciliation.hand_refunds import HandRefunds
        from chalicelib.payments.reconciliation.service import Reconciliation
        from chalicelib.payments.reconciliation.storage import ReconciliationStorage

        findings = ReconciliationStorage(self.base.adapters.tables)
        return Reconciliation(
            processor=self.base.adapters.card_processor,
            receivables=self.payments.receivables,
            storage=self.payments.storage,
            ledger=self.payments.ledger,
            findings=findings,
            hand_refunds=HandRefunds(
                processor=self.base.adapters.card_processor,
                receivables=self.payments.receivables,
                ledger=self.payments.ledger,
                findings=findings,
            ),
            noting=self.payments.noting,
            recording=self.base.recording,
        )

    @cached_property
    def statements(self) -> "Statements":
        """Statements of account."""
        from chalicelib.payments.statements.statement import Statements

        return Statements(billing=self.billing.service, ledger=self.payments.ledger)
