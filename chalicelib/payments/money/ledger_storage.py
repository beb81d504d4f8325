"""Keeps the ledger and what moves it, in the payments table.

In the account's partition: ``LEDGER#invoice#id`` (entry), ``BALANCE``, ``REFUND#id``,
``DISPUTE#id``.  Beside it ``CLAIM#id`` is a claim for having paid late; ``RECEIPTS#day`` holds each
entry of money once more, by the Paris day it was recorded on, for the closings (EVD-2), and
``RECEIPTS``/``CLOSED`` the last day closed;
``TRANSFER#id`` makes a bank's reference count once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.claim import Claim, WaitingClaim
from chalicelib.payments.money.dispute import Dispute
from chalicelib.payments.money.ledger import Settlement
from chalicelib.payments.money.refund_order import RefundOrder
from chalicelib.payments.money.transfer import AccountBalance, Transfer


@dataclass(frozen=True)
class ClosedReceipts:
    """The last Paris day whose receipts are closed."""

    until: date
    version: int = 0


SETTLEMENTS = Kind("payments", "settlement", Settlement)
_CLOSED = Kind("payments", "closed_receipts", ClosedReceipts)
_BALANCES = Kind("payments", "balance", AccountBalance)
_TRANSFERS = Kind("payments", "transfer", Transfer)
_REFUNDS = Kind("payments", "refund", RefundOrder)
_DISPUTES = Kind("payments", "dispute", Dispute)
_CLAIMS = Kind("payments", "claim", Claim)
_WAITING_CLAIMS = Kind("payments", "waiting_claim", WaitingClaim)


class LedgerStorage:
    """Reads the ledger's objects and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # entries
    def settlements(self, account_id: str, invoice_id: str = "") -> list[Settlement]:
        """Give the entries of one invoice, or of all the account's, oldest first."""
        prefix = f"LEDGER#{invoice_id}#" if invoice_id else "LEDGER#"
        found = self._tables.query(SETTLEMENTS, _account(account_id), starts_with=prefix)
        return sorted(found, key=lambda entry: entry.at)

    def save_settlement(self, settlement: Settlement) -> list[Put]:
        """Make the writes of an entry; one already there makes the commit fail."""
        place = f"LEDGER#{settlement.invoice_id}#{settlement.id}"
        writes = [SETTLEMENTS.put(settlement, _account(settlement.account_id), place)]
        if settlement.is_money:
            day = self._open_day(paris_day(settlement.at))
            sort = f"{iso(settlement.at)}#{settlement.account_id}#{settlement.id}"
            writes.append(SETTLEMENTS.put(settlement, f"RECEIPTS#{day}", sort))
        return writes

    def _open_day(self, day: date) -> date:
        """Give the day itself, or the first one open should a clock have gone back (EVD-2)."""
        closed = self._closed()
        return max(day, closed.until + timedelta(days=1)) if closed else day

    def _closed(self) -> ClosedReceipts | None:
        return next(self._tables.query(_CLOSED, "RECEIPTS", limit=1), None)

    def close_receipts(self, day: date) -> Put:
        """Make the write after which no receipt is entered on this Paris day or before."""
        closed = self._closed()
        version = closed.version if closed else 0
        return _CLOSED.put(ClosedReceipts(day, version), "RECEIPTS", "CLOSED")

    def receipts(self, day: date, *, limit: int | None = None) -> Iterator[Settlement]:
        """Give the money entries entered on a Paris day, in the order of their instants."""
        yield from self._tables.query(SETTLEMENTS, f"RECEIPTS#{day}", limit=limit)

    # balances
    def balance(self, account_id: str) -> AccountBalance:
        """Give what the account holds with us beyond its invoices."""
        found = self._tables.get(_BALANCES, _account(account_id), "BALANCE")
        return found or AccountBalance(account_id)

    def balances(self) -> list[AccountBalance]:
        """Give the balances that are not nil."""
        return list(self._tables.listing(_BALANCES, "BALANCES", newest_first=True))

    def save_balance(self, balance: AccountBalance) -> Put:
        """Make the write of a balance."""
        shown = balance.balance_cents != 0
        return _BALANCES.put(
            balance,
            _account(balance.account_id),
            "BALANCE",
            listed=("BALANCES", balance.account_id) if shown else None,
        )

    # transfers
    def transfer(self, transfer_id: str) -> Transfer | None:
        """Give a transfer."""
        return self._tables.get(_TRANSFERS, f"TRANSFER#{transfer_id}", "TRANSFER")

    def transfers(self, limit: int) -> list[Transfer]:
        """Give the last transfers recorded, newest first."""
        return list(self._tables.listing(_TRANSFERS, "TRANSFERS", newest_first=True, limit=limit))

    def save_transfer(self, transfer: Transfer) -> Put:
        """Make the write of a transfer."""
        sort = f"{iso(transfer.recorded_at)}#{transfer.id}"
        listed = ("TRANSFERS", sort)
        return _TRANSFERS.put(transfer, f"TRANSFER#{transfer.id}", "TRANSFER", listed=listed)

    # refunds
    def refund(self, account_id: str, refund_id: str) -> RefundOrder | None:
        """Give a refund."""
        return self._tables.get(_REFUNDS, _account(account_id), f"REFUND#{refund_id}")

    def refunds(self, account_id: str, invoice_id: str = "") -> list[RefundOrder]:
        """Give the refunds of an invoice, or of all the account's."""
        prefix = f"REFUND#{invoice_id}-" if invoice_id else "REFUND#"
        found = self._tables.query(_REFUNDS, _account(account_id), starts_with=prefix)
        return list(found)

    def listed_refunds(self, *, still_open: bool, limit: int | None = None) -> list[RefundOrder]:
        """Give the refunds with something to do, or the last ones closed, newest first."""
        key = "REFUNDS_OPEN" if still_open else "REFUNDS"
        return list(self._tables.listing(_REFUNDS, key, newest_first=True, limit=limit))

    def save_refund(self, refund: RefundOrder) -> Put:
        """Make the write of a refund."""
        key = "REFUNDS_OPEN" if refund.is_open else "REFUNDS"
        listed = (key, f"{iso(refund.asked_at)}#{refund.id}")
        return _REFUNDS.put(
            refund, _account(refund.account_id), f"REFUND#{refund.id}", listed=listed
        )

    # disputes
    def dispute(self, account_id: str, dispute_id: str) -> Dispute | None:
        """Give a dispute."""
        return self._tables.get(_DISPUTES, _account(account_id), f"DISPUTE#{dispute_id}")

    def waiting_disputes(self) -> list[Dispute]:
        """Give the disputes that an operator has to look at, newest first."""
        return list(self._tables.listing(_DISPUTES, "DISPUTES_OPEN", newest_first=True))

    def past_disputes(self, limit: int) -> list[Dispute]:
        """Give the last disputes over, newest first."""
        return list(self._tables.listing(_DISPUTES, "DISPUTES", newest_first=True, limit=limit))

    def save_dispute(self, dispute: Dispute) -> Put:
        """Make the write of a dispute."""
        key = "DISPUTES_OPEN" if dispute.waits else "DISPUTES"
        listed = (key, f"{iso(dispute.opened_at)}#{dispute.id}")
        return _DISPUTES.put(
            dispute, _account(dispute.account_id), f"DISPUTE#{dispute.id}", listed=listed
        )

    # claims
    def claim(self, claim_id: str) -> Claim | None:
        """Give a claim for having paid late."""
        return self._tables.get(_CLAIMS, f"CLAIM#{claim_id}", "CLAIM")

    def claims(self, account_id: str) -> list[Claim]:
        """Give the claims on an account, oldest first."""
        return list(self._tables.listing(_CLAIMS, f"CLAIMS#{account_id}"))

    def save_claim(self, claim: Claim) -> Put:
        """Make the write of a claim."""
        listed = (f"CLAIMS#{claim.account_id}", f"{iso(claim.fixed_at)}#{claim.id}")
        return _CLAIMS.put(claim, f"CLAIM#{claim.id}", "CLAIM", listed=listed)

    # claims that wait for a rate
    def waiting_claim(self, account_id: str, invoice_id: str) -> WaitingClaim | None:
        """Tell whether the claims of an invoice wait for a rate, or did."""
        return self._tables.get(
            _WAITING_CLAIMS, _account(account_id), f"WAITING_CLAIM#{invoice_id}"
        )

    def waiting_claims(self) -> list[WaitingClaim]:
        """Give the invoices whose claims wait for a rate, the newest first."""
        return list(self._tables.listing(_WAITING_CLAIMS, "CLAIMS_WAITING", newest_first=True))

    def save_waiting_claim(self, waiting: WaitingClaim) -> Put:
        """Make the write that has the claims of an invoice wait, or wait no more."""
        place = f"WAITING_CLAIM#{waiting.invoice_id}"
        sort = f"{iso(waiting.since)}#{waiting.invoice_id}"
        listed = None if waiting.closed_at else ("CLAIMS_WAITING", sort)
        return _WAITING_CLAIMS.put(waiting, _account(waiting.account_id), place, listed=listed)


def _account(account_id: str) -> str:
    return f"ACC#{account_id}"
