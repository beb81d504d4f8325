"""Posts entries to the ledger of an invoice: the one place that does (PAY-2, PAY-4, PAY-5).

Whatever moves an invoice's money writes its entries together with the collection, whose version
makes two writers at once start again: so the sums compared are the sums written.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.payments.money.ledger import (
    BALANCE,
    InvoiceMoney,
    Settlement,
    SettlementKind,
    money_of,
)
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.messages import ClaimLateness, GiveBackExcess
from chalicelib.payments.money.payment import Collection, CollectionState
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.terms.payment_dates import last_day_to_pay
from chalicelib.payments.terms.payment_terms import PaymentTermsTable

Change = Write | Message


@dataclass(frozen=True)
class Posting:
    """What a posting leaves: the collection as it will be stored, and what to commit."""

    collection: Collection
    money: InvoiceMoney
    changes: tuple[Change, ...]


@dataclass(kw_only=True)
class Books:
    """Reads how invoices stand and makes the writes of new entries."""

    storage: PaymentsStorage
    ledger: LedgerStorage
    terms: PaymentTermsTable
    clock: Clock

    def collection(self, receivable: Receivable) -> Collection:
        """Give the collection of an invoice, or a new one, not stored yet."""
        stored = self.storage.collection(receivable.account_id, receivable.invoice_id)
        # Nothing to collect (BIL-8): over before it begins, so that no list has it as unpaid.
        is_nil = receivable.amount_cents == 0
        return stored or Collection(
            invoice_id=receivable.invoice_id,
            account_id=receivable.account_id,
            number=receivable.number,
            amount_cents=receivable.amount_cents,
            state=CollectionState.SETTLED if is_nil else CollectionState.STARTED,
            opened_at=self.clock.now(),
            settled_at=self.clock.now() if is_nil else None,
            due_on=receivable.due_on,
            payment_mode=receivable.payment_mode,
            left_cents=receivable.amount_cents,
        )

    def entries(self, collection: Collection) -> list[Settlement]:
        """Give the entries of an invoice."""
        return self.ledger.settlements(collection.account_id, collection.invoice_id)

    def money(self, collection: Collection) -> InvoiceMoney:
        """Give how an invoice stands."""
        return money_of(collection.amount_cents, self.entries(collection))

    def left_cents(self, receivable: Receivable, collection: Collection) -> int:
        """Give what is left to pay, credit notes that no message brought yet taken off."""
        money = self.money(collection)
        return max(0, money.left_cents - max(0, receivable.credited_cents - money.credited_cents))

    def post(self, collection: Collection, *entries: Settlement, **changes: Any) -> Posting:
        """Make the writes of entries with the collection they leave; ``changes`` are made to it.

        ``collection`` must have been read before the ledger is, here.  Adds the messages of what
        follows: money held in excess, a late invoice settled.
        """
        money = money_of(collection.amount_cents, [*self.entries(collection), *entries])
        after = self._after(replace(collection, **changes), money)
        writes: list[Change] = [self.storage.save_collection(after)]
        for entry in entries:
            writes += self.ledger.save_settlement(entry)
        name = entries[-1].id if entries else str(collection.version)
        if money.excess_cents:
            writes.append(_ask(GiveBackExcess, "excess_of", after, name))
        if self._no_more_asked(after) and not self._no_more_asked(collection):
            late = self._was_late(after)
            writes += [_ask(ClaimLateness, "settled_late", after, name)] if late else []
        return Posting(after, money, tuple(writes))

    def to_balance(
        self, collection: Collection, cents: int, name: str, *, reserved: bool = False
    ) -> tuple[Settlement, tuple[Write, ...]]:
        """Move money held for an invoice to its account's balance.

        Gives the entry to post on the invoice, and the writes of the balance's side.  ``reserved``
        keeps it for the bank transfer that gives it back.
        """
        entry, mirror = self.pair(collection, -cents, name)
        balance = self.ledger.balance(collection.account_id)
        moved = replace(
            balance,
            balance_cents=balance.balance_cents + cents,
            reserved_cents=balance.reserved_cents + (cents if reserved else 0),
        )
        return entry, (*self.ledger.save_settlement(mirror), self.ledger.save_balance(moved))

    def pair(
        self, collection: Collection, cents: int, name: str, value_on: date | None = None
    ) -> tuple[Settlement, Settlement]:
        """Make the two entries that move cents from the balance to an invoice (negative: back)."""
        entry = Settlement(
            id=name,
            invoice_id=collection.invoice_id,
            account_id=collection.account_id,
            kind=SettlementKind.ALLOCATION,
            amount_cents=cents,
            at=self.clock.now(),
            reference=name,
            value_on=value_on,
        )
        mirror = replace(
            entry,
            id=f"{collection.invoice_id}-{name}",
            invoice_id=BALANCE,
            amount_cents=-cents,
            reference=collection.invoice_id,
        )
        return entry, mirror

    def allocated(
        self, collection: Collection, moved: dict[str, int], value_on: date | None = None
    ) -> tuple[Change, ...]:
        """Make the writes that move cents, by name, from the balance to an invoice.

        Negative cents go back.  ``value_on`` is the bank's day when it is not today.  The balance
        itself is the caller's to write, once for all its invoices.
        """
        pairs = [self.pair(collection, cents, name, value_on) for name, cents in moved.items()]
        mirrors = [put for _, mirror in pairs for put in self.ledger.save_settlement(mirror)]
        return (*self.post(collection, *(entry for entry, _ in pairs)).changes, *mirrors)

    def _after(self, collection: Collection, money: InvoiceMoney) -> Collection:
        was_settled = collection.state is CollectionState.SETTLED
        left = replace(collection, left_cents=money.left_cents)
        if money.left_cents == 0:
            return replace(
                left,
                state=CollectionState.SETTLED,
                settled_at=collection.settled_at or self.clock.now(),
                reason="",
            )
        if not was_settled:
            return left
        return replace(
            left,
            state=CollectionState.WAITING,
            settled_at=None,
            first_declined_at=None,
            reopened_on=today(self.clock),
        )

    def _no_more_asked(self, collection: Collection) -> bool:
        """Tell whether an invoice is paid, but perhaps for some cents that are carried."""
        return self.terms.on(today(self.clock)).is_carried(collection.left_cents)

    def _was_late(self, collection: Collection) -> bool:
        """Tell whether it was in default, or due again: what was begun is then to be closed."""
        if collection.due_on is None:
            return False
        grace_days = self.terms.on(paris_day(collection.opened_at)).card_grace_days
        last_day = last_day_to_pay(collection.payment_mode == "card", collection.due_on, grace_days)
        return today(self.clock) > min(last_day, collection.reopened_on or last_day)


def _ask(
    what: type[GiveBackExcess | ClaimLateness], called: str, collection: Collection, name: str
) -> Message:
    asked = what(invoice_id=collection.invoice_id)
    return asked.message(f"{called}:{collection.invoice_id}:{name}")
