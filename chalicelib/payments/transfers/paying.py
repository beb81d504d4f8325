"""How an invoice that falls due is paid: by what we hold for its client, then by the card."""

from dataclasses import dataclass

from chalicelib.payments.collection.service import CollectionService
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.transfers.spreading import Spreading


@dataclass(kw_only=True)
class Paying:
    """Opens the collection of an invoice and has it paid (PAY-1, PAY-4)."""

    receivables: InvoiceReceivables
    collection: CollectionService
    spreading: Spreading

    def pay(self, invoice_id: str) -> None:
        """Have what the account holds with us pay first, then its card.

        Done again it changes nothing.  Raises TemporaryGatewayError when it is to be tried later.
        """
        receivable = self.receivables.receivable(invoice_id)
        self.collection.opened(receivable)
        self.spreading.use_balance(receivable.account_id)
        self.collection.collect(invoice_id)
