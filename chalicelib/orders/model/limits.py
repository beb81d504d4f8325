"""How far an account's requests validate themselves: by what it would rent in all (ORD-3).

Judged order by order, the limit would be passed by ordering twice; a change to a larger
configuration and an option added later count as an order would, from the request on.  What is
judged is part of the commit: see ``MonthlyCommitment``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.orders.model.order import Order, OrderState

# The company said yes to these, whether or not their desktops run already.
_AGREED = {OrderState.VALIDATED, OrderState.AWAITING_START}


@dataclass(frozen=True)
class RentedDesktop:
    """A desktop that was created, and what a month of it costs or will, in cents excl. VAT."""

    order_id: str
    monthly_excl_vat_cents: int
    is_active: bool


@dataclass(frozen=True)
class MonthlyCommitment:
    """What an account was let commit to each month, in cents excl. VAT, when it last grew.

    Whoever lets it grow reads this before adding up, and writes it in the commit of what is added:
    of two that added up the same desktops, the second starts again.
    """

    account_id: str
    monthly_excl_vat_cents: int = 0
    at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class LimitUse:
    """What an account rents each month against its limit, in cents excl. VAT.

    ``commitment`` is as it was read before the sum was made.
    """

    limit_cents: int
    rented_cents: int
    commitment: MonthlyCommitment

    @property
    def left_cents(self) -> int:
        """What can still be added without anybody looking at it."""
        return max(0, self.limit_cents - self.rented_cents)

    def allows(self, added_cents: int) -> bool:
        """Tell whether that much more per month validates itself; less always does (ORD-3)."""
        return added_cents <= 0 or self.rented_cents + added_cents <= self.limit_cents

    def grown_by(self, added_cents: int, at: datetime) -> MonthlyCommitment:
        """Give the commitment once so much more is added."""
        total = self.rented_cents + added_cents
        return replace(self.commitment, monthly_excl_vat_cents=total, at=at)


def rented_cents(orders: Iterable[Order], desktops: Iterable[RentedDesktop]) -> int:
    """Give the monthly cents excl. VAT of the desktops that exist, and of those agreed to come.

    Desktops of an order that are not created yet count at its average price, rounded up.
    """
    known = list(desktops)
    created = Counter(desktop.order_id for desktop in known)
    to_come = 0
    for order in orders:
        if order.state in _AGREED and order.desktop_count:
            missing = max(0, order.desktop_count - created[order.id])
            to_come -= -order.monthly_excl_vat_cents * missing // order.desktop_count
    return to_come + sum(each.monthly_excl_vat_cents for each in known if each.is_active)
