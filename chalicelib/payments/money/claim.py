"""What a professional owes for having paid late: interest, and the fee for recovery (PAY-6).

Outside the scope of VAT: never lines of an invoice, but claims of their own in the ledger, paid
like an invoice, or waived by an operator with a reason.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

CLAIM = "clm_"  # how the id of a claim begins


class ClaimKind(StrEnum):
    """What a claim is for."""

    INTEREST = "interest"
    FEE = "fee"


@dataclass(frozen=True)
class Claim:
    """A claim, fixed on the day its invoice was paid.

    ``days`` and ``rate_percent`` (annual, as text) tell how interest was computed: the last rate.
    """

    id: str
    account_id: str
    invoice_id: str
    number: str
    kind: ClaimKind
    amount_cents: int
    fixed_at: datetime
    due_on: date
    days: int = 0
    rate_percent: str = ""
    waived_at: datetime | None = None
    waived_by: str = ""
    reason: str = ""
    version: int = 0


@dataclass(frozen=True)
class WaitingClaim:
    """An invoice paid late whose claims cannot be computed yet: a rate is not known."""

    invoice_id: str
    account_id: str
    since: datetime
    closed_at: datetime | None = None
    version: int = 0


def claim_id_of(invoice_id: str, kind: ClaimKind) -> str:
    """Name the claim of an invoice: one of each kind, once."""
    return CLAIM + hashlib.sha256(f"{kind}:{invoice_id}".encode()).hexdigest()[:24]
