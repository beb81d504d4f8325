"""Handles the messages of the COLLECTION queue: each says what to look at, never what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.payments.collection.credit_settlement import CreditSettlement
from chalicelib.payments.collection.refund_service import RefundService
from chalicelib.payments.collection.service import CollectionService
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.transfers.spreading import Spreading


@dataclass(kw_only=True)
class CollectionMessages:
    """Leads each message to its service; every one may come again."""

    receivables: InvoiceReceivables
    collection: CollectionService
    credits: CreditSettlement
    refunds: RefundService
    spreading: Spreading
    on_settled_late: Callable[[str], None]
    on_suspension: Callable[[str], None]

    def handle(self, body: dict[str, Any]) -> None:
        """Do what a message calls for.  Raises TemporaryGatewayError: it comes back."""
        if "credit_note_id" in body:
            self.refunds.give_back(self.credits.settle(body["credit_note_id"]))
        elif "excess_of" in body:
            self.refunds.give_back(body["excess_of"])
        elif "settled_late" in body:
            self.on_settled_late(body["settled_late"])
        elif "suspension_of" in body:
            self.on_suspension(body["suspension_of"])
        elif "use_balance_of" in body:
            self.spreading.use_balance(body["use_balance_of"])
        else:
            self._collect(body["invoice_id"])

    def _collect(self, invoice_id: str) -> None:
        """Have what the account holds with us pay first, then its card."""
        receivable = self.receivables.receivable(invoice_id)
        self.collection.opened(receivable)
        self.spreading.use_balance(receivable.account_id)
        self.collection.collect(invoice_id)
