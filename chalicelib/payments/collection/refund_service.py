"""Gives back what an account paid too much, by the means it paid with (BIL-5, PAY-5).

What is to give back follows from the ledger (``ledger.money_of``): never asked for by hand, never
twice.  Each giving-back is first recorded as an order with a name of its own, under which Stripe
makes one refund whatever dies in between; what a card cannot take is sent back by the bank.
"""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import DomainError, FieldErrors, FinalGatewayError, NotFoundError
from chalicelib.legal.recording import Recording
from chalicelib.payments.collection.money_facts import use_balance
from chalicelib.payments.collection.noting import Noting
from chalicelib.payments.collection.refund_rule import refundable_intents
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.ledger import BALANCE, Settlement, SettlementKind
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import Collection
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.money.refund_order import RefundOrder, RefundState
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.stripe.processor import CardProcessor, RefundRequest, RefundStatus


@dataclass(kw_only=True)
class RefundService:
    """Orders refunds, has the card ones made, keeps the bank ones for the operator."""

    processor: CardProcessor
    receivables: InvoiceReceivables
    storage: PaymentsStorage
    ledger: LedgerStorage
    books: Books
    noting: Noting
    mails: PaymentMails
    recording: Recording

    def give_back(self, invoice_id: str) -> None:
        """Give back all that is held of an invoice above what it is owed; again changes nothing.

        Raises TemporaryGatewayError when Stripe does not answer: the message comes back.
        """
        receivable = self.receivables.receivable(invoice_id)
        while order := self.recording.again(lambda: self._next(receivable)):
            if order.state is not RefundState.ASKED:
                continue  # the bank's: an operator makes it
            self._carry_out(receivable, order)

    def _next(self, receivable: Receivable) -> RefundOrder | None:
        """Give the order to carry out: one begun, else a new one; None when nothing is due."""
        collection = self.books.collection(receivable)
        orders = self.ledger.refunds(receivable.account_id, receivable.invoice_id)
        begun = [order for order in orders if order.state is RefundState.ASKED]
        if begun:
            return begun[0]
        excess = self.books.money(collection).excess_cents
        return self._ordered(collection, orders, excess) if excess else None

    def _ordered(
        self, collection: Collection, orders: list[RefundOrder], excess: int
    ) -> RefundOrder:
        """Record an order: to the card first, by the bank for what no card can take."""
        intents = refundable_intents(self.books.entries(collection), orders)
        intent_id, cents = next(iter(intents.items()), ("", excess))
        order = RefundOrder(
            id=f"{collection.invoice_id}-{len(orders) + 1}",
            account_id=collection.account_id,
            invoice_id=collection.invoice_id,
            number=collection.number,
            amount_cents=min(excess, cents),
            state=RefundState.ASKED if intent_id else RefundState.TO_MAKE,
            asked_at=self.recording.now(),
            intent_id=intent_id,
        )
        facts = {"refund": order.id, "number": order.number, "amount_cents": order.amount_cents}
        changes = [
            self.ledger.save_refund(order),
            self.recording.entry(order.account_id, "payment.refund_asked", facts, by="system"),
        ]
        if intent_id:
            # Unchanged but for its version: two workers must not both order the same excess.
            self.recording.commit(self.storage.save_collection(collection), *changes)
        else:
            entry, kept = self.books.to_balance(
                collection, order.amount_cents, order.id, reserved=True
            )
            self.recording.commit(*self.books.post(collection, entry).changes, *kept, *changes)
        return order

    def _carry_out(self, receivable: Receivable, order: RefundOrder) -> None:
        """Have the card given back what its order says (BIL-5)."""
        request = RefundRequest(order.intent_id, order.amount_cents, order.id)
        try:
            refund = self.processor.refund(request)
        except FinalGatewayError as refused:
            self._close(order, RefundState.FAILED, reason=refused.code or "refused")
            return
        self.noting.look(receivable, order.intent_id)
        failed = refund.status is RefundStatus.FAILED
        state = RefundState.FAILED if failed else RefundState.SENT
        self._close(order, state, reference=refund.id, reason=refund.reason)

    def _close(
        self, order: RefundOrder, state: RefundState, *, reference: str = "", reason: str = ""
    ) -> None:
        def close() -> None:
            now = self.ledger.refund(order.account_id, order.id)
            if now is None or now.state is not RefundState.ASKED:
                return
            closed = replace(
                now,
                state=state,
                closed_at=self.recording.now(),
                closed_by="stripe",
                reference=reference,
                reason=reason,
            )
            self.recording.commit(self.ledger.save_refund(closed))

        self.recording.again(close)

    # what operators do
    def to_make(self) -> list[RefundOrder]:
        """Give the refunds with something to do, newest first."""
        return self.ledger.listed_refunds(still_open=True)

    def closed(self, limit: int = 50) -> list[RefundOrder]:
        """Give the last refunds over, newest first."""
        return self.ledger.listed_refunds(still_open=False, limit=limit)

    def order_of_balance(self, account_id: str, *, by: str) -> None:
        """Have what an account holds with us sent back by the bank (PAY-4).

        Raises DomainError when there is nothing to send back.
        """
        self.recording.again(lambda: self._balance_ordered(account_id, by))

    def _balance_ordered(self, account_id: str, by: str) -> None:
        balance = self.ledger.balance(account_id)
        if not balance.usable_cents:
            raise DomainError("Ce compte n’a rien à se faire rembourser.")
        orders = self.ledger.refunds(account_id, BALANCE)
        order = RefundOrder(
            id=f"{BALANCE}-{len(orders) + 1}",
            account_id=account_id,
            invoice_id=BALANCE,
            number="",
            amount_cents=balance.usable_cents,
            state=RefundState.TO_MAKE,
            asked_at=self.recording.now(),
        )
        reserved = balance.reserved_cents + order.amount_cents
        facts = {"refund": order.id, "amount_cents": order.amount_cents}
        self.recording.commit(
            self.ledger.save_refund(order),
            self.ledger.save_balance(replace(balance, reserved_cents=reserved)),
            self.recording.entry(account_id, "payment.refund_asked", facts, by=by),
        )

    def made_by_bank(
        self, account_id: str, refund_id: str, *, reference: str, paid_on: date, by: str
    ) -> None:
        """Record that the operator sent the money back by the bank (PAY-4, BIL-5).

        Raises NotFoundError, FieldErrors, DomainError once it was kept or sent by another transfer;
        again changes nothing.
        """
        errors = {}
        if not reference.strip():
            errors["reference"] = "Indiquez la référence du virement émis."
        if paid_on > self.recording.today():
            errors["paid_on"] = "Un virement ne peut pas être émis dans l’avenir."
        elif paid_on < paris_day(self._of_bank(account_id, refund_id).asked_at):
            errors["paid_on"] = "Ce remboursement n’était pas encore demandé à cette date."
        if errors:
            raise FieldErrors(errors)
        self.recording.again(
            lambda: self._made(self._of_bank(account_id, refund_id), reference.strip(), paid_on, by)
        )

    def _of_bank(self, account_id: str, refund_id: str) -> RefundOrder:
        order = self.ledger.refund(account_id, refund_id)
        if order is None or order.intent_id:
            raise NotFoundError
        return order

    def _made(self, order: RefundOrder, reference: str, paid_on: date, by: str) -> None:
        if (order.state, order.reference) == (RefundState.MADE, reference):
            return
        _require_to_make(order)
        now = self.recording.now()
        entry = Settlement(
            id=f"bank-{order.id}",
            invoice_id=BALANCE,
            account_id=order.account_id,
            kind=SettlementKind.BANK_REFUND,
            amount_cents=-order.amount_cents,
            at=now,
            reference=reference,
            value_on=paid_on,
        )
        balance = self.ledger.balance(order.account_id)
        facts = {"refund": order.id, "amount_cents": entry.amount_cents, "reference": reference}
        made = replace(order, state=RefundState.MADE, closed_at=now, closed_by=by)
        self.recording.commit(
            self.ledger.save_refund(replace(made, reference=reference)),
            *self.ledger.save_settlement(entry),
            self.ledger.save_balance(
                replace(
                    balance,
                    balance_cents=balance.balance_cents - order.amount_cents,
                    reserved_cents=balance.reserved_cents - order.amount_cents,
                )
            ),
            self.recording.entry(order.account_id, "payment.refunded", facts, by=by),
            self.mails.refunded_by_bank(order, entry),
        )

    def keep(self, account_id: str, refund_id: str, *, by: str) -> None:
        """Leave the money with the account, at its wish: its next invoices use it (PAY-4).

        Raises NotFoundError, DomainError once it was sent; again changes nothing.
        """

        def kept() -> None:
            order = self._of_bank(account_id, refund_id)
            if order.state is RefundState.KEPT:
                return
            _require_to_make(order)
            balance = self.ledger.balance(account_id)
            reserved = balance.reserved_cents - order.amount_cents
            facts = {"refund": order.id, "amount_cents": order.amount_cents}
            closed = replace(
                order, state=RefundState.KEPT, closed_at=self.recording.now(), closed_by=by
            )
            self.recording.commit(
                self.ledger.save_refund(closed),
                self.ledger.save_balance(replace(balance, reserved_cents=reserved)),
                self.recording.entry(account_id, "payment.refund_kept", facts, by=by),
                use_balance(account_id, f"{order.id}-kept"),
            )

        self.recording.again(kept)


def _require_to_make(order: RefundOrder) -> None:
    """Refuse what was decided otherwise meanwhile.  Raises DomainError."""
    if order.state is not RefundState.TO_MAKE:
        raise DomainError(
            "Ce remboursement n’est plus à faire\u00a0: il a déjà été envoyé, ou laissé au client."
        )
