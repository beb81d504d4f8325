"""What the daily comparison with Stripe's own list finds (PAY-5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DifferenceKind(StrEnum):
    """How the two lists differ."""

    MISSING_HERE = "missing_here"  # Stripe has it, our ledger does not
    MISSING_THERE = "missing_there"  # our ledger has it, Stripe does not
    AMOUNT = "amount"
    UNKNOWN = "unknown"  # of no invoice of ours
    BY_HAND = "by_hand"  # given back at Stripe, without any order of ours


@dataclass(frozen=True)
class Difference:
    """One difference, named by the object it is about: found again, it is the same one.

    ``healed`` says that the notice had merely not come, and that looking at the object put the
    ledger right; any other waits for an operator.  Money given back by hand is attached to
    ``credit_note``, its number, or to none: a favour.
    """

    name: str
    kind: DifferenceKind
    object_id: str
    intent_id: str
    there_cents: int
    here_cents: int
    found_at: datetime
    account_id: str = ""
    invoice_id: str = ""
    healed: bool = False
    closed_at: datetime | None = None
    closed_by: str = ""
    reason: str = ""
    credit_note: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether an operator has to look at it."""
        return not self.healed and self.closed_at is None


@dataclass(frozen=True)
class ReconciliationRun:
    """The last comparison: what it covered and found.

    The totals are those of Stripe's own list, in cents.
    """

    since: datetime
    until: datetime
    made_at: datetime
    compared: int
    found: int
    healed: int
    by_hand: int = 0
    charges: int = 0
    charged_cents: int = 0
    refunds: int = 0
    refunded_cents: int = 0
    disputes: int = 0
    disputed_cents: int = 0
    version: int = 0
