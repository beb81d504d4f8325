"""An operator's correction of usage, and what it changes of invoices (CGV art. 8.1; MET-4)."""

from dataclasses import dataclass

from chalicelib.billing.credits.corrections import Corrections
from chalicelib.billing.drafts.basis_service import MONTHS_BACK
from chalicelib.billing.drafts.usage_lines import counted_days
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.metering.correction_service import (
    CorrectedUsage,
    CorrectionRequest,
    UsageCorrectionService,
)


@dataclass(frozen=True)
class CorrectionOutcome:
    """What a correction did: the usage, the credit notes issued at once for an invoiced month.

    ``goes_with_next_invoice`` tells that days of an invoiced month were added.
    """

    usage: CorrectedUsage
    credit_notes: tuple[CreditNote, ...]
    is_invoiced: bool
    goes_with_next_invoice: bool


@dataclass(kw_only=True)
class InvoicedUsageCorrections:
    """What the operator's page of corrections calls."""

    storage: BillingStorage
    usage: UsageCorrectionService
    corrections: Corrections
    clock: Clock

    def correct(
        self, account_id: AccountId, request: CorrectionRequest, *, by: str
    ) -> CorrectionOutcome:
        """Correct usage, then the invoices that billed it (MET-4; BIL-5).

        Days taken back of an invoiced month are credited at once; days added go with the next
        invoice.  Should we die in between, asking again or the next run makes the credit note.
        Raises FieldErrors when days are added to a month too old to be billed; and like metering.
        """
        entry = self.storage.entry(account_id, request.month)
        is_invoiced = entry is not None and entry.is_over
        if is_invoiced and self._is_out_of_reach(request.month):
            planned = self.usage.preview(account_id, request, by=by)
            if _adds(planned):
                raise FieldErrors(
                    {"first": "Ce mois est trop ancien pour que des jours y soient ajoutés."}
                )
        corrected = self.usage.correct(account_id, request, by=by)
        notes = (
            self.corrections.settle_month(account_id, request.month, reason=request.reason, by=by)
            if is_invoiced
            else []
        )
        return CorrectionOutcome(
            corrected, tuple(notes), is_invoiced, is_invoiced and _adds(corrected)
        )

    def _is_out_of_reach(self, month: BillingMonth) -> bool:
        """Tell whether the invoice being formed looks back to a month no more."""
        reached = BillingMonth.of(today(self.clock))
        for _ in range(MONTHS_BACK):
            reached = reached.previous
        return month < reached


def _adds(corrected: CorrectedUsage) -> bool:
    return bool(counted_days(corrected.after) - counted_days(corrected.before))
