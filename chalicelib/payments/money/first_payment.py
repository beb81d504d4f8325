"""The first payment of an account, by which its order takes effect (CGV art. 3; P6).

The contract is formed at acceptance; the day of the first payment is kept beside the account, once,
in the commit that records that payment, and its journal entry says it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put


class EffectiveDates(Protocol):
    """The accounts' dates of effect."""

    def effective_on(self, account_id: AccountId) -> date | None:
        """Give the Paris day of an account's first payment."""

    def save_effective(self, account_id: AccountId, day: date) -> Put:
        """Give the write that keeps it; one already there makes the commit fail."""


@dataclass(frozen=True)
class FirstPayment:
    """Tells what a payment changes besides, when it is its account's first."""

    dates: EffectiveDates

    def changes(self, account_id: str, paid_on: date) -> tuple[tuple[Put, ...], dict[str, str]]:
        """Give the write to commit with a payment and what its journal entry adds (P6).

        Nothing for any payment but the first.  ``paid_on`` is its Paris day.
        """
        account = AccountId(account_id)
        if self.dates.effective_on(account) is not None:
            return (), {}
        return (self.dates.save_effective(account, paid_on),), {"effective_on": paid_on.isoformat()}
