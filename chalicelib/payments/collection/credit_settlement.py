"""What a credit note changes for payments: less is due, or something is to give back (BIL-5)."""

from dataclasses import dataclass

from chalicelib.legal.recording import Recording
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.receivable import Credit, Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables


@dataclass(kw_only=True)
class CreditSettlement:
    """Posts credit notes to the ledger of their invoices, once each."""

    credits: InvoiceReceivables
    receivables: InvoiceReceivables
    books: Books
    recording: Recording

    def settle(self, credit_note_id: str) -> str:
        """Take a credit note off what its invoice owes; again changes nothing (BIL-5).

        Gives the invoice, of which something may now be to give back.
        """
        credit = self.credits.credit(credit_note_id)
        receivable = self.receivables.receivable(credit.invoice_id)
        self.recording.again(lambda: self._post(credit, receivable))
        return credit.invoice_id

    def _post(self, credit: Credit, receivable: Receivable) -> None:
        collection = self.books.collection(receivable)
        if credit.id in {entry.id for entry in self.books.entries(collection)}:
            return
        entry = Settlement(
            id=credit.id,
            invoice_id=credit.invoice_id,
            account_id=credit.account_id,
            kind=SettlementKind.CREDIT,
            amount_cents=credit.amount_cents,
            at=self.recording.now(),
            reference=credit.number,
        )
        facts = {
            "invoice_id": credit.invoice_id,
            "credit_note": credit.number,
            "amount_cents": credit.amount_cents,
        }
        self.recording.commit(
            *self.books.post(collection, entry).changes,
            self.recording.entry(credit.account_id, "payment.credited", facts, by="system"),
        )
