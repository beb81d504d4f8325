"""Money given back on Stripe's own pages: a difference until an operator attaches it (PAY-5).

The ledger has it as soon as its notice comes: the money is gone.  What is missing is why: a credit
note, which takes it off the invoice, or none, which makes it a favour.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.foundation.errors import FieldErrors
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.reconciliation.difference import Difference, DifferenceKind
from chalicelib.payments.reconciliation.storage import ReconciliationStorage
from chalicelib.payments.stripe.processor import CardProcessor, Movement, MovementKind

NO_CREDIT_NOTE = "none"


@dataclass(kw_only=True)
class HandRefunds:
    """Finds what was given back by hand, and reads what an operator attaches it to."""

    processor: CardProcessor
    receivables: InvoiceReceivables
    ledger: LedgerStorage
    findings: ReconciliationStorage

    def difference(
        self, movement: Movement, receivable: Receivable, at: datetime
    ) -> Difference | None:
        """Give the difference that a refund is; None for one of ours, or attached already."""
        if movement.kind is not MovementKind.REFUND or self._is_ours(movement, receivable):
            return None
        name = f"{DifferenceKind.BY_HAND}-{movement.object_id}"
        known = self.findings.difference(name)
        if known and not known.is_open:
            return None
        return known or Difference(
            name=name,
            kind=DifferenceKind.BY_HAND,
            object_id=movement.object_id,
            intent_id=movement.intent_id,
            there_cents=movement.amount_cents,
            here_cents=movement.amount_cents,
            found_at=at,
            account_id=receivable.account_id,
            invoice_id=receivable.invoice_id,
        )

    def _is_ours(self, movement: Movement, receivable: Receivable) -> bool:
        orders = self.ledger.refunds(receivable.account_id, receivable.invoice_id)
        if any(order.reference == movement.object_id for order in orders):
            return True
        refunds = self.processor.charge(movement.intent_id).refunds
        return any(one.asked_as for one in refunds if one.id == movement.object_id)

    def credit_note_of(self, difference: Difference, credit_note_id: str) -> str:
        """Give the number of the credit note chosen, "" for none.  Raises FieldErrors."""
        if credit_note_id == NO_CREDIT_NOTE:
            return ""
        for credit in self.receivables.credits_of(difference.invoice_id):
            if credit.id == credit_note_id:
                return credit.number
        raise FieldErrors({"credit_note": "Choisissez un avoir de cette facture, ou aucun."})
