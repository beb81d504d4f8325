"""What a credit note changes for payments: less is due, or something is to give back (BIL-5)."""

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.ports import Credit, Credits, Receivable, Receivables


class CreditSettlement:
    """Posts credit notes to the ledger of their invoices, once each."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        *,
        credits: Credits,
        receivables: Receivables,
        books: Books,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._credits = credits
        self._receivables = receivables
        self._books = books
        self._work = work
        self._journal = journal
        self._clock = clock

    def settle(self, credit_note_id: str) -> str:
        """Take a credit note off what its invoice owes; again changes nothing (BIL-5).

        Gives the invoice, of which something may now be to give back.
        """
        credit = self._credits.credit(credit_note_id)
        receivable = self._receivables.receivable(credit.invoice_id)
        retry_on_conflict(lambda: self._post(credit, receivable))
        return credit.invoice_id

    def _post(self, credit: Credit, receivable: Receivable) -> None:
        collection = self._books.collection(receivable)
        if credit.id in {entry.id for entry in self._books.entries(collection)}:
            return
        entry = Settlement(
            id=credit.id,
            invoice_id=credit.invoice_id,
            account_id=credit.account_id,
            kind=SettlementKind.CREDIT,
            amount_cents=credit.amount_cents,
            at=self._clock.now(),
            reference=credit.number,
        )
        facts = {
            "invoice_id": credit.invoice_id,
            "credit_note": credit.number,
            "amount_cents": credit.amount_cents,
        }
        self._work.commit(
            *self._books.post(collection, entry).changes,
            self._journal.entry(credit.account_id, "payment.credited", facts, by="system"),
        )
