"""Billing's invoices and credit notes as payments sees them: amounts to collect, or to take off."""

from collections.abc import Callable
from typing import Protocol

from chalicelib.billing.credits.credit_rules import credited_incl_vat_cents, taken_off_cents
from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.credit_note import Credited, CreditNote
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import CreditNoteId, InvoiceId
from chalicelib.payments.money.ports import Credit, Receivable

CLAIM = "clm_"


class CreditNotes(Protocol):
    """Billing's record of credit notes."""

    def credit_note(self, credit_note_id: CreditNoteId) -> CreditNote | None:
        """Give a credit note."""

    def credited(self, invoice_id: InvoiceId) -> Credited:
        """Tell which credit notes an invoice has."""


class InvoiceReceivables:
    """Reads what payments needs of an issued invoice, or of a claim for having paid it late."""

    def __init__(
        self,
        billing: BillingService,
        notes: CreditNotes,
        claims: Callable[[str], Receivable | None],
    ) -> None:
        self._billing = billing
        self._notes = notes
        self._claims = claims

    def receivable(self, invoice_id: str) -> Receivable:
        """Give an invoice, or a claim.  Raises NotFoundError."""
        if invoice_id.startswith(CLAIM):
            claim = self._claims(invoice_id)
            if claim is None:
                raise NotFoundError
            return claim
        invoice = self._billing.invoice(InvoiceId(invoice_id))
        return Receivable(
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            number=invoice.number,
            amount_cents=invoice.totals.incl_vat_cents,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            payment_mode=invoice.payment_mode,
            credited_cents=credited_incl_vat_cents(invoice, self._credit_notes(invoice.id)),
            month=str(invoice.month),
            is_professional=invoice.buyer.is_professional,
            late_rate_percent=invoice.late_rate_percent,
        )

    def credit(self, credit_note_id: str) -> Credit:
        """Give a credit note.  Raises NotFoundError."""
        note = self._notes.credit_note(CreditNoteId(credit_note_id))
        if note is None:
            raise NotFoundError
        return Credit(
            id=note.id,
            number=note.number,
            account_id=note.account_id,
            invoice_id=note.invoice.id,
            amount_cents=taken_off_cents(
                self._billing.invoice(note.invoice.id), self._credit_notes(note.invoice.id), note
            ),
            issued_on=note.issued_on,
        )

    def _credit_notes(self, invoice_id: InvoiceId) -> list[CreditNote]:
        ids = self._notes.credited(invoice_id).credit_note_ids
        return [note for one in ids if (note := self._notes.credit_note(one))]
