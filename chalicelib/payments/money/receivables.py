"""Billing's invoices and credit notes as payments sees them: amounts to collect, or to take off."""

from dataclasses import dataclass

from chalicelib.billing.credits.credit_note_service import CreditNotes
from chalicelib.billing.credits.credit_rules import taken_off_cents
from chalicelib.billing.drafts.service import BillingService
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import InvoiceId
from chalicelib.payments.money.claim import CLAIM, Claim
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.receivable import Credit, Receivable


def receivable_of(claim: Claim) -> Receivable:
    """Read a claim as an amount to collect: never charged by itself, and no claim arises on it."""
    return Receivable(
        invoice_id=claim.id,
        account_id=claim.account_id,
        number=claim.number,
        amount_cents=claim.amount_cents,
        issued_on=paris_day(claim.fixed_at),
        due_on=claim.due_on,
        payment_mode="claim",
        is_professional=False,
    )


@dataclass(kw_only=True)
class InvoiceReceivables:
    """Reads what payments needs of an issued invoice, or of a claim for having paid it late."""

    billing: BillingService
    notes: CreditNotes
    ledger: LedgerStorage

    def receivable(self, invoice_id: str) -> Receivable:
        """Give an invoice, or a claim.  Raises NotFoundError."""
        if invoice_id.startswith(CLAIM):
            claim = self.ledger.claim(invoice_id)
            if claim is None:
                raise NotFoundError
            return receivable_of(claim)
        invoice = self.billing.invoice(InvoiceId(invoice_id))
        return Receivable(
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            number=invoice.number,
            amount_cents=invoice.totals.incl_vat_cents,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            payment_mode=invoice.payment_mode,
            credited_cents=self.notes.credited_cents(invoice),
            month=str(invoice.month),
            is_professional=invoice.buyer.is_professional,
            late_rate_percent=invoice.late_rate_percent,
        )

    def credit(self, credit_note_id: str) -> Credit:
        """Give a credit note.  Raises NotFoundError."""
        note = self.notes.credit_note(credit_note_id)
        found = {credit.id: credit for credit in self.credits_of(note.invoice.id)}
        return found[note.id]

    def credits_of(self, invoice_id: str) -> list[Credit]:
        """Give the credit notes of an invoice, in order.  Raises NotFoundError: no such invoice."""
        invoice = self.billing.invoice(InvoiceId(invoice_id))
        notes = self.notes.of_invoice(invoice.id)
        return [
            Credit(
                id=note.id,
                number=note.number,
                account_id=note.account_id,
                invoice_id=invoice.id,
                amount_cents=taken_off_cents(invoice, notes, note),
                issued_on=note.issued_on,
            )
            for note in notes
        ]
