"""Spreads money an account holds with us over its invoices, the oldest due first (PAY-4)."""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.legal.recording import Recording
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.payment import Collection, CollectionState
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.money.transfer import AccountBalance, Share, shares

MOST_INVOICES = 20  # a commit holds 100 writes; what remains follows by the next message


@dataclass(kw_only=True)
class Spreading:
    """Chooses the invoices that money pays, and makes the entries."""

    storage: PaymentsStorage
    ledger: LedgerStorage
    books: Books
    recording: Recording

    def open_invoices(self, account_id: str) -> list[Collection]:
        """Give what an account still owes, the oldest due first; disputed ones are left out."""
        found = [
            one
            for one in self.storage.collections(account_id)
            if one.left_cents > 0 and one.state is not CollectionState.SETTLED and not one.disputed
        ]
        return sorted(found, key=lambda one: (one.due_on or date.min, one.number))

    def use_balance(self, account_id: str) -> None:
        """Pay the oldest invoices with what the account holds with us; again changes nothing."""
        self.recording.again(lambda: self._balance_used(account_id))

    def balance_of(self, account_id: str) -> AccountBalance:
        """Give what an account holds with us beyond its invoices."""
        return self.ledger.balance(account_id)

    def balances(self) -> list[AccountBalance]:
        """Give the balances that are not nil."""
        return self.ledger.balances()

    def allocations(
        self,
        invoices: list[Collection],
        given: list[Share],
        name: str,
        value_on: date | None = None,
    ) -> list[Change]:
        """Make the writes by which each invoice takes its share of the balance."""
        by_id = {one.invoice_id: one for one in invoices}
        return [
            change
            for share in given
            for change in self.books.allocated(
                by_id[share.invoice_id], {name: share.amount_cents}, value_on
            )
        ]

    def _balance_used(self, account_id: str) -> None:
        balance = self.ledger.balance(account_id)
        if not balance.usable_cents:
            return
        invoices = self.open_invoices(account_id)
        given = shares(balance.usable_cents, [(one.invoice_id, one.left_cents) for one in invoices])
        given = given[:MOST_INVOICES]
        if not given:
            return
        used = sum(share.amount_cents for share in given)
        facts = {share.invoice_id: share.amount_cents for share in given}
        self.recording.commit(
            # Named by the state of the balance it is taken from: once per state.
            *self.allocations(invoices, given, f"balance-{balance.version}"),
            self.ledger.save_balance(replace(balance, balance_cents=balance.balance_cents - used)),
            self.recording.entry(
                account_id, "payment.balance_used", {"invoices": facts}, by="system"
            ),
        )
