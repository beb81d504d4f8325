"""Dated terms of payment: days of follow-up, rates of late interest."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base

if TYPE_CHECKING:
    from chalicelib.payments.late.rates import LateRates
    from chalicelib.payments.terms.dunning_policies import DunningPolicies
    from chalicelib.payments.terms.payment_terms import PaymentTermsTable


@dataclass(kw_only=True, eq=False)
class Terms:
    """Dated terms of payment: days of follow-up, rates of late interest."""

    base: Base

    @cached_property
    def dunning_policies(self) -> "DunningPolicies":
        """The days of retries, reminders and notice."""
        from chalicelib.payments.terms.dated_terms import DatedTerms
        from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage
        from chalicelib.payments.terms.dunning_policies import FILE, DunningPolicies
        from chalicelib.payments.terms.dunning_steps import DunningPolicy

        storage = DatedTermsStorage(self.base.adapters.tables, DunningPolicy, FILE.stem)
        return DunningPolicies(
            terms=DatedTerms(
                kind=DunningPolicy, file=FILE, storage=storage, recording=self.base.recording
            )
        )

    @cached_property
    def late_rates(self) -> "LateRates":
        """The rates of late interest."""
        from chalicelib.payments.late.rates import FILE, LateRate, LateRates
        from chalicelib.payments.terms.dated_terms import DatedTerms
        from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage

        storage = DatedTermsStorage(self.base.adapters.tables, LateRate, FILE.stem)
        return LateRates(
            terms=DatedTerms(
                kind=LateRate, file=FILE, storage=storage, recording=self.base.recording
            )
        )

    @cached_property
    def payment_terms(self) -> "PaymentTermsTable":
        """How long there is to pay, and what is carried."""
        from chalicelib.payments.terms.dated_terms import DatedTerms
        from chalicelib.payments.terms.dated_terms_storage import DatedTermsStorage
        from chalicelib.payments.terms.payment_terms import FILE, PaymentTerms, PaymentTermsTable

        storage = DatedTermsStorage(self.base.adapters.tables, PaymentTerms, FILE.stem)
        return PaymentTermsTable(
            terms=DatedTerms(
                kind=PaymentTerms, file=FILE, storage=storage, recording=self.base.recording
            )
        )
