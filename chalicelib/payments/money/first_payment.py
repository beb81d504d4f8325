"""The first payment of an account, by which its order takes effect (CGV art. 3; P6).

The contract is formed at acceptance; the day of the first payment is kept beside the account, once,
in the commit that records that payment, and its journal entry says it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put


@dataclass(kw_only=True)
class FirstPayment:
    """Tells what a payment changes besides, when it is its account's first.

    ``effective_on`` gives the Paris day kept of an account, ``save_effective`` the write that keeps
    one: one already there makes the commit fail.
    """

    effective_on: Callable[[AccountId], date | None]
    save_effective: Callable[[AccountId, date], Put]

    def changes(self, account_id: str, paid_on: date) -> tuple[tuple[Put, ...], dict[str, str]]:
        """Give the write to commit with a payment and what its journal entry adds (P6).

        Nothing for any payment but the first.  ``paid_on`` is its Paris day.
        """
        account = AccountId(account_id)
        if self.effective_on(account) is not None:
            return (), {}
        return (self.save_effective(account, paid_on),), {"effective_on": paid_on.isoformat()}
