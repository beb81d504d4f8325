"""The ledger of an account: what moved for each invoice, and what an invoice therefore is owed.

CGV art. 8.2; PAY-2, PAY-4, PAY-5, EVD-2.  Entries are written once and never changed: a mistake is
put right by another entry.  Amounts are cents including VAT; what lessens a debt is positive.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# Where money stands that belongs to the account and to no invoice yet (PAY-4).
BALANCE = "BALANCE"


class SettlementKind(StrEnum):
    """Why an entry was written."""

    CARD = "card"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    TRANSFER = "transfer"
    TRANSFER_REVERSED = "transfer_reversed"
    BANK_REFUND = "bank_refund"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    # No money: between the account's balance and an invoice, or given up.
    ALLOCATION = "allocation"
    CREDIT = "credit_note"
    WAIVER = "waiver"


_PAYING = {
    SettlementKind.CARD,
    SettlementKind.ALLOCATION,
    SettlementKind.TRANSFER,
    SettlementKind.TRANSFER_REVERSED,
    SettlementKind.BANK_REFUND,
}
_NO_MONEY = {SettlementKind.ALLOCATION, SettlementKind.CREDIT, SettlementKind.WAIVER}
_GIVEN_UP = {SettlementKind.CREDIT, SettlementKind.WAIVER}
_GIVEN_BACK = {SettlementKind.REFUND, SettlementKind.REFUND_FAILED}
_WITHHELD = {SettlementKind.DISPUTE, SettlementKind.DISPUTE_WON}


@dataclass(frozen=True)
class Settlement:
    """One entry; ``invoice_id`` is ``BALANCE`` for what no invoice has taken yet.

    ``at`` is when we recorded it; ``value_on`` the bank's own day, for transfers; ``fee_cents``
    what the processor kept of ours, which the client never owes.
    """

    id: str
    invoice_id: str
    account_id: str
    kind: SettlementKind
    amount_cents: int
    at: datetime
    reference: str
    card_brand: str = ""
    card_last4: str = ""
    fee_cents: int = 0
    value_on: date | None = None

    @property
    def is_money(self) -> bool:
        """Whether money came or went: a receipt that the closings count (EVD-2)."""
        return self.kind not in _NO_MONEY


@dataclass(frozen=True)
class InvoiceMoney:
    """How an invoice stands, all in cents.

    ``excess_cents`` is what we hold above what is owed, to be given back; ``left_cents`` what is
    still owed; ``favour_cents`` what was given back without a credit note.
    """

    amount_cents: int
    paid_cents: int
    credited_cents: int
    refunded_cents: int
    withheld_cents: int
    left_cents: int
    excess_cents: int
    favour_cents: int = 0


def money_of(amount_cents: int, entries: Iterable[Settlement]) -> InvoiceMoney:
    """Derive how an invoice of this amount stands from its entries (PAY-2, PAY-5).

    Money given back without a credit note is a favour: the invoice does not become due again.
    Money that a bank took back (a dispute) makes it due again.
    """
    ledger = list(entries)
    paid = _sum(ledger, _PAYING)
    credited = _sum(ledger, _GIVEN_UP)
    refunded = -_sum(ledger, _GIVEN_BACK)
    withheld = -_sum(ledger, _WITHHELD)
    owed = max(0, amount_cents - credited)
    owed_back = max(0, paid - owed)
    favour = max(0, refunded - owed_back)
    held = paid - (refunded - favour) - withheld
    return InvoiceMoney(
        amount_cents=amount_cents,
        paid_cents=paid,
        credited_cents=credited,
        refunded_cents=refunded,
        withheld_cents=withheld,
        left_cents=max(0, owed - held),
        excess_cents=max(0, held - owed - favour),
        favour_cents=favour,
    )


def favours(amount_cents: int, entries: Iterable[Settlement]) -> Iterator[tuple[Settlement, int]]:
    """Give each entry that changes what was given back without a credit note, and by how much.

    A credit note that comes later takes the favour back: its entry then has a negative amount.
    """
    so_far: list[Settlement] = []
    known = 0
    for entry in entries:
        so_far.append(entry)
        cents = money_of(amount_cents, so_far).favour_cents
        if cents != known:
            yield entry, cents - known
        known = cents


def _sum(ledger: list[Settlement], kinds: set[SettlementKind]) -> int:
    return sum(entry.amount_cents for entry in ledger if entry.kind in kinds)
