"""Undoes a bank transfer that the bank took back, by entries that answer the first ones (PAY-4)."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.reasons import read_reason
from chalicelib.legal.recording import Recording
from chalicelib.payments.collection.money_facts import use_balance
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.ledger import BALANCE, Settlement, SettlementKind
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.refund_order import RefundOrder, RefundState
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.money.transfer import AccountBalance, Transfer, TransferState
from chalicelib.payments.transfers.spreading import MOST_INVOICES


def transfer_entry(transfer: Transfer, at: datetime) -> Settlement:
    """Make the entry of a transfer, on its account's balance."""
    return Settlement(
        id=transfer.id,
        invoice_id=BALANCE,
        account_id=transfer.account_id,
        kind=SettlementKind.TRANSFER,
        amount_cents=transfer.amount_cents,
        at=at,
        reference=transfer.reference,
        value_on=transfer.received_on,
    )


@dataclass(kw_only=True)
class TransferReversal:
    """Reverses transfers."""

    storage: PaymentsStorage
    ledger: LedgerStorage
    books: Books
    recording: Recording

    def reverse(self, transfer_id: str, *, reason: str, by: str) -> None:
        """Take a transfer back, as the bank did: its invoices become due again (PAY-4).

        No money is sent back that may not be there any more: refunds by the bank still to make are
        left with the account, whose invoices take them; what remains can be asked for again.

        Raises FieldErrors, NotFoundError; a transfer already reversed stays so.
        """
        why = read_reason(reason, "Dites pourquoi ce virement est annulé.")
        self.recording.again(lambda: self._reversed(transfer_id, why, by))

    def _reversed(self, transfer_id: str, reason: str, by: str) -> None:
        transfer = self.ledger.transfer(transfer_id)
        if transfer is None:
            raise NotFoundError
        if transfer.state is TransferState.REVERSED:
            return
        account_id = transfer.account_id
        held = self.ledger.balance(account_id)
        refunds = self._to_make(account_id)
        promised = sum(order.amount_cents for order in refunds)
        balance = replace(held, reserved_cents=held.reserved_cents - promised)
        taken = self._taken_back(transfer, balance)
        entry = replace(
            transfer_entry(transfer, self.recording.now()),
            id=f"{transfer.id}-reversed",
            kind=SettlementKind.TRANSFER_REVERSED,
            amount_cents=-transfer.amount_cents,
            value_on=self.recording.today(),
        )
        left = balance.balance_cents - transfer.amount_cents + sum(taken.values())
        facts = {"transfer": transfer.id, "amount_cents": entry.amount_cents, "reason": reason}
        facts |= {"refunds_kept": [order.id for order in refunds]} if refunds else {}
        self.recording.commit(
            self.ledger.save_transfer(
                replace(
                    transfer,
                    state=TransferState.REVERSED,
                    reversed_at=self.recording.now(),
                    reversed_by=by,
                    reason=reason,
                )
            ),
            *self.ledger.save_settlement(entry),
            *self._undone(account_id, taken),
            *(self.ledger.save_refund(self._kept(order, by)) for order in refunds),
            self.ledger.save_balance(replace(balance, balance_cents=left)),
            self.recording.entry(account_id, "payment.transfer_reversed", facts, by=by),
            *((use_balance(account_id, entry.id),) if left > 0 else ()),
        )

    def _to_make(self, account_id: str) -> list[RefundOrder]:
        """Give the refunds by the bank that wait: what they promise may be what is taken back."""
        waiting = self.ledger.listed_refunds(still_open=True)
        return [
            order
            for order in waiting
            if order.account_id == account_id and order.state is RefundState.TO_MAKE
        ]

    def _kept(self, order: RefundOrder, by: str) -> RefundOrder:
        return replace(order, state=RefundState.KEPT, closed_at=self.recording.now(), closed_by=by)

    def _taken_back(
        self, transfer: Transfer, balance: AccountBalance
    ) -> dict[tuple[str, str], int]:
        """Choose the allocations to undo: the transfer's own, then others until it is covered.

        Gives cents by (invoice, name of the allocation).
        """
        entries = self.ledger.settlements(transfer.account_id, BALANCE)
        undone = {entry.id for entry in entries if entry.id.endswith("-undone")}
        given = [
            (entry.reference, entry.id.removeprefix(f"{entry.reference}-"), -entry.amount_cents)
            for entry in reversed(entries)
            if entry.kind is SettlementKind.ALLOCATION and entry.amount_cents < 0
            if f"{entry.id}-undone" not in undone
        ]
        given.sort(key=lambda one: one[1] != transfer.id)
        taken: dict[tuple[str, str], int] = {}
        for invoice_id, name, cents in given:
            short = balance.usable_cents + sum(taken.values()) < transfer.amount_cents
            if name == transfer.id or (short and len(taken) < MOST_INVOICES):
                taken[invoice_id, name] = cents
        return taken

    def _undone(self, account_id: str, taken: dict[tuple[str, str], int]) -> list[Change]:
        by_invoice: dict[str, dict[str, int]] = defaultdict(dict)
        for (invoice_id, name), cents in taken.items():
            by_invoice[invoice_id][f"{name}-undone"] = -cents
        changes: list[Change] = []
        for invoice_id, moved in by_invoice.items():
            collection = self.storage.collection(account_id, invoice_id)
            if collection is None:
                raise DomainError("Une facture de ce virement est introuvable.")
            changes += self.books.allocated(collection, moved)
        return changes
