"""Credit notes: number, document, journal and announcements in one commit (BIL-3, BIL-5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.credits.credit_rules import (
    CreditLeft,
    CreditRequest,
    credit_left,
    credit_lines,
    credit_totals,
    credited_incl_vat_cents,
    requests_for_all,
)
from chalicelib.billing.invoices.credit_note import (
    CreditNote,
    InvoiceReference,
    credit_note_id_of,
)
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.invoices.mentions import credit_note_mentions
from chalicelib.billing.invoices.numbering import credit_note_number
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.papers.messages import DrawCreditNote, SettleCreditNote
from chalicelib.billing.sales.journal import row_of
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId, CreditNoteId
from chalicelib.foundation.settings import Company
from chalicelib.legal.recording import Recording

_LONGEST_REASON = 500
_PAGES_AT_ONCE = 10
_SERIES = "A"


@dataclass(kw_only=True)
class CreditNotes:
    """Takes back invoices in part or whole, and tells what was taken back."""

    storage: BillingStorage
    ledger: LedgerStorage
    sales: SalesStorage
    recording: Recording
    company: Callable[[], Company]

    def issue(
        self,
        invoice_id: str,
        lines: Sequence[CreditRequest] | Literal["all"],
        *,
        reason: str,
        by: str,
        key: str,
    ) -> CreditNote:
        """Take back lines of an invoice, or all that is left of it (BIL-5).

        ``key`` names the decision: asked twice, or killed anywhere and asked again, one credit note
        is issued.  Raises FieldErrors without a reason, DomainError above what is left, and
        NotFoundError.
        """
        invoice = self._invoice(invoice_id)
        reason = reason.strip()
        if not reason or len(reason) > _LONGEST_REASON:
            raise FieldErrors({"reason": "Indiquez un motif, en 500 caractères au plus."})
        return self.recording.again(
            lambda: self._issue_once(invoice, lines, reason=reason, by=by, key=key)
        )

    def _issue_once(
        self,
        invoice: Invoice,
        requested: Sequence[CreditRequest] | Literal["all"],
        *,
        reason: str,
        by: str,
        key: str,
    ) -> CreditNote:
        note_id = credit_note_id_of(invoice.id, key)
        issued = self.ledger.credit_note(note_id)
        if issued is not None:
            return issued
        credited = self.ledger.credited(invoice.id)
        left = credit_left(invoice, map(self.credit_note, credited.credit_note_ids))
        if not left.excl_vat_cents:
            raise DomainError("Cette facture est déjà entièrement reprise par avoir.")
        requests = requests_for_all(left) if requested == "all" else requested
        # The series before the clock, as for invoices: dates never go back along the numbers.
        series = self.storage.series(_SERIES)
        now = self.recording.now()
        issued_on = series.date_of_issue(max(paris_day(now), invoice.issued_on))
        number = credit_note_number(series.last + 1, issued_on)
        note = self._drawn_up(note_id, number, invoice, left, requests, reason, now, issued_on)
        self._keep_pages(note)
        self.recording.commit(
            self.storage.save_series(series.after(1, issued_on), _SERIES),
            self.sales.add([row_of(note)]),
            self.ledger.add_credit_note(note),
            self.ledger.save_credited(
                replace(credited, credit_note_ids=(*credited.credit_note_ids, note.id))
            ),
            self.recording.entry(note.account_id, "credit_note.issued", _facts(note), by=by),
            DrawCreditNote(credit_note_id=note.id).message(f"document:{note.id}"),
            SettleCreditNote(credit_note_id=note.id).message(f"credit:{note.id}"),
        )
        return note

    def left(self, invoice: Invoice) -> CreditLeft:
        """Tell what is left to credit of an invoice."""
        return credit_left(invoice, self.of_invoice(invoice.id))

    def of_invoice(self, invoice_id: str) -> list[CreditNote]:
        """Give the credit notes of an invoice, in order."""
        ids = self.ledger.credited(invoice_id).credit_note_ids
        return [self.credit_note(each) for each in ids]

    def of_account(self, account_id: AccountId) -> list[CreditNote]:
        """Give the credit notes of an account, newest first."""
        return list(self.ledger.credit_notes_of(account_id))

    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Give a credit note, whoever's (for workers and operators).  Raises NotFoundError."""
        note = self.ledger.credit_note(credit_note_id)
        if note is None:
            raise NotFoundError
        return note

    def credit_note_of(self, account_id: AccountId, credit_note_id: str) -> CreditNote:
        """Give a credit note of that account.  Raises NotFoundError for any other."""
        note = self.credit_note(CreditNoteId(credit_note_id))
        if note.account_id != account_id:
            raise NotFoundError
        return note

    def document_stored_at(self, note: CreditNote) -> datetime | None:
        """Tell since when the document of a credit note is there; None while it is being made."""
        return self.ledger.credit_note_state(note.id).document_stored_at

    def credited_cents(self, invoice: Invoice) -> int:
        """Give what credit notes took off an invoice, VAT included, for payments (BIL-5)."""
        return credited_incl_vat_cents(invoice, self.of_invoice(invoice.id))

    def _invoice(self, invoice_id: str) -> Invoice:
        invoice = self.storage.invoice(invoice_id)
        if invoice is None:
            raise NotFoundError
        return invoice

    def _keep_pages(self, note: CreditNote) -> None:
        """Write the lines of a large credit note before the commit that makes it count."""
        pages = self.ledger.credit_note_pages(note)
        for start in range(0, len(pages), _PAGES_AT_ONCE):
            self.recording.commit(*pages[start : start + _PAGES_AT_ONCE])

    def _drawn_up(  # noqa: PLR0913, PLR0917 - what a credit note is made of
        self,
        note_id: CreditNoteId,
        number: str,
        invoice: Invoice,
        left: CreditLeft,
        requests: Sequence[CreditRequest],
        reason: str,
        now: datetime,
        issued_on: date,
    ) -> CreditNote:
        lines = credit_lines(left, requests)
        totals = credit_totals(left, lines)
        reference = InvoiceReference.of(invoice)
        natures = {line.nature for line in lines}
        return CreditNote(
            id=note_id,
            number=number,
            account_id=invoice.account_id,
            month=invoice.month,
            issued_at=now,
            issued_on=issued_on,
            invoice=reference,
            lines=lines,
            totals=totals,
            seller=self.company(),
            buyer=invoice.buyer,
            payment_mode=invoice.payment_mode,
            reason=reason,
            mentions=credit_note_mentions(
                invoice.buyer, totals, natures, reference=reference, issued_on=issued_on
            ),
        )


def _facts(note: CreditNote) -> dict[str, object]:
    return {
        "credit_note_id": note.id,
        "number": note.number,
        "invoice_id": note.invoice.id,
        "invoice_number": note.invoice.number,
        "issued_on": note.issued_on.isoformat(),
        "excl_vat_cents": note.totals.excl_vat_cents,
        "incl_vat_cents": note.totals.incl_vat_cents,
        "reason": note.reason,
    }
