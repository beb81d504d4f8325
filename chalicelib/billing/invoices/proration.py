"""Pro rata temporis: the part of a monthly price owed for part of a month.

CGV art. 8.1(a): a calendar day begun, Paris time, is owed whole; a month counts its real number of
days.  CGV art. 9: the monthly fee is owed by the days between order and deletion.  An amount is
rounded once, half up, to the cent.
"""

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import CENT, round_half_up


@dataclass(frozen=True)
class Proration:
    """The facts an invoice line shows, "18 jours sur 30", and what follows from them (euros)."""

    monthly_price: Decimal
    days_charged: int
    days_in_month: int

    @property
    def charged(self) -> Decimal:
        """The price of the days, rounded once; a full month is the full price (BIL-1)."""
        return round_half_up(self.monthly_price * self.days_charged / self.days_in_month)

    @property
    def credited(self) -> Decimal:
        """The rest.  Derived, never rounded on its own, so no cent is lost (CGV art. 9)."""
        return self.monthly_price - self.charged


def prorate(monthly_price: Decimal, days_charged: int, month: BillingMonth) -> Proration:
    """Split the monthly price (euros, excl. VAT) by the days used (CGV art. 8.1, 9; BIL-1).

    Raises ValueError for a price that is negative or has parts of cents, and for days that the
    month does not have.
    """
    if monthly_price < 0 or monthly_price != monthly_price.quantize(CENT):
        raise ValueError(f"a price is in euros and whole cents, not {monthly_price}")
    if not 0 <= days_charged <= month.day_count:
        raise ValueError(f"{month} does not have {days_charged} days")
    return Proration(monthly_price, days_charged, month.day_count)
