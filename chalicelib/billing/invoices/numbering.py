"""Numbers: one series of invoices, one of credit notes, gapless, in order of issue (BIL-3).

The year is there to be read; the count never starts again, so a number is unique for ever.  At
most 35 characters of ``[A-Za-z0-9+_/-]``, as electronic invoicing asks.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.foundation.civil_time import BillingMonth


@dataclass(frozen=True)
class Series:
    """The last number given and its date."""

    last: int = 0
    last_issued_on: date = date.min
    version: int = 0

    def date_of_issue(self, today: date) -> date:
        """Give the date of the next document: today, or the last one's should a clock lag."""
        return max(today, self.last_issued_on)

    def after(self, count: int, issued_on: date) -> "Series":
        """Give the series once ``count`` more documents are issued."""
        return replace(self, last=self.last + count, last_issued_on=issued_on)


def invoice_number(count: int, issued_on: date) -> str:
    """Write a number, ``F-2026-000412`` (BIL-3)."""
    return f"F-{issued_on.year}-{count:06d}"


def credit_note_number(count: int, issued_on: date) -> str:
    """Write the number of a credit note, ``A-2026-000003`` (BIL-3, BIL-5)."""
    return f"A-{issued_on.year}-{count:06d}"


def due_on(mode: PaymentMode, month: BillingMonth, issued_on: date, terms_days: int) -> date:
    """Give the due date written on an invoice (CGV art. 8.2; P7).

    By card, the end of the month of service, whenever the invoice is made: the card is charged the
    day after.  On invoice, ``terms_days`` after its date.  Raises ValueError for negative terms.
    """
    if terms_days < 0:
        raise ValueError(f"payment terms are not negative: {terms_days}")
    by_card = mode is PaymentMode.CARD
    return month.last_day if by_card else issued_on + timedelta(days=terms_days)
