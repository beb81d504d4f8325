"""Late payers: reminders, claims, suspension."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base
from chalicelib.wiring.desktops import Desktops
from chalicelib.wiring.payments import Payments
from chalicelib.wiring.terms import Terms

if TYPE_CHECKING:
    from chalicelib.payments.late.claims import LateClaims
    from chalicelib.payments.late.dunning_service import DunningService
    from chalicelib.payments.late.dunning_storage import DunningStorage
    from chalicelib.payments.late.suspension_service import SuspensionService
    from chalicelib.payments.statements.timeline import PaymentTimeline


@dataclass(kw_only=True, eq=False)
class Late:
    """Late payers: reminders, claims, suspension."""

    base: Base
    desktops: Desktops
    payments: Payments
    terms: Terms

    @cached_property
    def storage(self) -> "DunningStorage":
        """What was sent to late payers."""
        from chalicelib.payments.late.dunning_storage import DunningStorage

        return DunningStorage(self.base.adapters.tables)

    @cached_property
    def claims(self) -> "LateClaims":
        """Interest and fee of late payers."""
        from chalicelib.payments.late.claims import LateClaims

        return LateClaims(
            ledger=self.payments.ledger,
            rates=self.terms.late_rates,
            terms=self.terms.payment_terms,
            books=self.payments.books,
            mails=self.payments.mails,
            recording=self.base.recording,
        )

    @cached_property
    def suspensions(self) -> "SuspensionService":
        """Suspensions of accounts that do not pay."""
        from chalicelib.payments.late.suspension_service import SuspensionService

        return SuspensionService(
            storage=self.payments.storage,
            dunning=self.storage,
            desktops=self.desktops.service,
            terms=self.terms.payment_terms,
            mails=self.payments.mails,
            recording=self.base.recording,
        )

    @cached_property
    def dunning(self) -> "DunningService":
        """Follows late payers."""
        from chalicelib.payments.late.dunning_service import DunningService

        return DunningService(
            receivables=self.payments.receivables,
            storage=self.payments.storage,
            dunning=self.storage,
            policies=self.terms.dunning_policies,
            terms=self.terms.payment_terms,
            books=self.payments.books,
            claims=self.claims,
            suspensions=self.suspensions,
            mails=self.payments.mails,
            recording=self.base.recording,
        )

    @cached_property
    def timeline(self) -> "PaymentTimeline":
        """What happened to the payment of an invoice, in order."""
        from chalicelib.payments.statements.timeline import PaymentTimeline

        return PaymentTimeline(
            storage=self.payments.storage,
            ledger=self.payments.ledger,
            dunning=self.storage,
        )
