"""By when an invoice is to be paid, and from when it is in default (CGV art. 8.2; PAY-6; P7).

Asked by the dunning of unpaid invoices and by ``python -m chalicelib.explain payment-dates``.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.numbering import due_on
from chalicelib.foundation.civil_time import BillingMonth


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


def by_card(service_month: BillingMonth, grace_days: int) -> PaymentDates:
    """Give the dates of what is paid by card: due at the end of the month of service.

    The card is charged the day after; in default when unpaid ``grace_days`` after the end of the
    month, whenever the invoice was made (CGV art. 8.2(a); PAY-6; P7).
    """
    end = due_on(PaymentMode.CARD, service_month, service_month.last_day, 0)
    return PaymentDates(end, end + timedelta(days=grace_days))


def on_invoice(invoice_date: date, terms_days: int) -> PaymentDates:
    """Give the dates of what is paid on invoice, whose due day is the last one to pay.

    (CGV art. 8.2(b); PAY-6; P7)  Raises ValueError for terms that are negative.
    """
    month = BillingMonth.of(invoice_date)
    due = due_on(PaymentMode.INVOICE, month, invoice_date, terms_days)
    return PaymentDates(due, due)


def last_day_to_pay(by_card: bool, due_on: date, grace_days: int) -> date:
    """Give the last day before default of an invoice, from the due date written on it (P7)."""
    return due_on + timedelta(days=grace_days) if by_card else due_on
