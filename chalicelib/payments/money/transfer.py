"""Bank transfers, the account's balance, how money that came is spread over invoices (PAY-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class TransferState(StrEnum):
    """Whether a transfer still stands."""

    RECEIVED = "received"
    REVERSED = "reversed"


@dataclass(frozen=True)
class Transfer:
    """A bank transfer an operator recorded; its natural key is the bank's reference.

    ``received_on`` is the bank's day; ``left_cents`` is what no invoice took when it was recorded.
    """

    id: str
    account_id: str
    amount_cents: int
    received_on: date
    reference: str
    recorded_at: datetime
    recorded_by: str
    state: TransferState = TransferState.RECEIVED
    left_cents: int = 0
    reversed_at: datetime | None = None
    reversed_by: str = ""
    reason: str = ""
    version: int = 0


@dataclass(frozen=True)
class AccountBalance:
    """Money of an account that no invoice has taken: used by its next invoice (PAY-4).

    ``reserved_cents`` of it wait to be sent back by the bank.
    """

    account_id: str
    balance_cents: int = 0
    reserved_cents: int = 0
    version: int = 0

    @property
    def usable_cents(self) -> int:
        """What an invoice may take."""
        return max(0, self.balance_cents - self.reserved_cents)


@dataclass(frozen=True)
class Share:
    """What one invoice takes of money that came."""

    invoice_id: str
    amount_cents: int


def shares(amount_cents: int, open_invoices: Iterable[tuple[str, int]]) -> list[Share]:
    """Spread an amount over (invoice, cents left to pay) in the order given (PAY-4).

    Never more than is left of each; what remains afterwards stays with the account.
    """
    given: list[Share] = []
    for invoice_id, left_cents in open_invoices:
        taken = min(left_cents, amount_cents)
        if taken > 0:
            given.append(Share(invoice_id, taken))
            amount_cents -= taken
    return given
