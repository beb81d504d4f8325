"""Invoice numbers: one series, gapless, in the order of issue (BIL-3).

The year is there to be read; the count never starts again, so a number is unique for ever.  At
most 35 characters of ``[A-Za-z0-9+_/-]``, as electronic invoicing asks.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.accounts.account import PaymentMode

_INVOICE_MODE_TERM = timedelta(days=30)


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


def due_on(mode: PaymentMode, issued_on: date) -> date:
    """Give the due date: the day of issue by card, 30 days later on invoice (CGV art. 8.2; P7)."""
    return issued_on if mode is PaymentMode.CARD else issued_on + _INVOICE_MODE_TERM
