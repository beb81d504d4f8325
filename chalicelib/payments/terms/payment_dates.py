"""By when an invoice is to be paid, and from when it is in default (CGV art. 8.2; PAY-6; P7).

Asked by the dunning of unpaid invoices and by ``python -m chalicelib.explain payment-dates``.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.numbering import INVOICE_TERMS_DAYS, due_on
from chalicelib.foundation.civil_time import BillingMonth

CARD_GRACE_DAYS = 30  # after the end of the month of service


@dataclass(frozen=True)
class PaymentDates:
    """Paris days: when payment is due, the last one to pay, the first one in default."""

    due_on: date
    last_day: date

    @property
    def in_default_from(self) -> date:
        """The first Paris day on which the invoice, still unpaid, is in default."""
        return self.last_day + timedelta(days=1)

    def in_default(self, day: date) -> bool:
        """Tell whether what is unpaid on a Paris day is in default."""
        return day > self.last_day


def by_card(service_month: BillingMonth) -> PaymentDates:
    """Give the dates of what is paid by card: due at the end of the month of service.

    The card is charged the day after; in default when unpaid 30 days after the end of the month,
    whenever the invoice was made (CGV art. 8.2(a); PAY-6; P7).
    """
    end = service_month.last_day
    return PaymentDates(end, end + timedelta(days=CARD_GRACE_DAYS))


def on_invoice(invoice_date: date, terms_days: int = INVOICE_TERMS_DAYS) -> PaymentDates:
    """Give the dates of what is paid on invoice: 30 days after its date unless agreed otherwise.

    The due day is the last one to pay (CGV art. 8.2(b); PAY-6; P7).  Raises ValueError for terms
    that are negative.
    """
    due = due_on(PaymentMode.INVOICE, invoice_date, terms_days)
    return PaymentDates(due, due)


def payment_dates(mode: PaymentMode, service_month: BillingMonth, due_on: date) -> PaymentDates:
    """Give the dates of an issued invoice; ``due_on`` is the due date written on it (P7)."""
    return by_card(service_month) if mode is PaymentMode.CARD else PaymentDates(due_on, due_on)
