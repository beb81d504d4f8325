"""Money to give back, by the means it came by (BIL-5, PAY-5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RefundState(StrEnum):
    """Where giving back stands."""

    ASKED = "asked"  # to a card; the processor may not have heard of it yet
    SENT = "sent"
    FAILED = "failed"  # the card cannot take it: given back by the bank instead
    TO_MAKE = "to_make"  # a transfer that an operator has to make
    MADE = "made"
    KEPT = "kept"  # left with the account, for its next invoice


OPEN_REFUNDS = {RefundState.ASKED, RefundState.TO_MAKE}


@dataclass(frozen=True)
class RefundOrder:
    """An amount to give back of an invoice; ``id`` names it at the processor too.

    ``intent_id`` is the payment it is taken from, "" for one to be made by the bank;
    ``reference`` the processor's refund, or the bank's reference of the transfer made.
    """

    id: str
    account_id: str
    invoice_id: str
    number: str
    amount_cents: int
    state: RefundState
    asked_at: datetime
    intent_id: str = ""
    reference: str = ""
    reason: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN_REFUNDS
