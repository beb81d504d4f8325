"""Payments that a holder's bank disputes (PAY-5)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Dispute:
    """A dispute as it was last seen at the processor; its money is in the ledger.

    ``outcome`` is "open", "won" or "lost"; ``status`` the processor's own word.
    """

    id: str
    account_id: str
    invoice_id: str
    number: str
    amount_cents: int
    reason: str
    status: str
    outcome: str
    opened_at: datetime
    fee_cents: int = 0
    answer_by: datetime | None = None
    closed_at: datetime | None = None
    seen_at: datetime | None = None
    seen_by: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided."""
        return self.outcome == "open"

    @property
    def waits(self) -> bool:
        """Whether an operator has to look at it: not decided, or lost and not seen yet."""
        return self.is_open or (self.outcome == "lost" and self.seen_at is None)
