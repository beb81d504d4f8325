"""Handles the messages of the COLLECTION queue: each says what to look at, never what to do."""

from collections.abc import Callable
from typing import Any

from chalicelib.payments.collection.credit_settlement import CreditSettlement
from chalicelib.payments.collection.refund_service import RefundService
from chalicelib.payments.collection.service import CollectionService
from chalicelib.payments.money.ports import Receivables
from chalicelib.payments.transfers.spreading import Spreading


class CollectionMessages:
    """Leads each message to its service; every one may come again."""

    def __init__(  # noqa: PLR0913 - one per service
        self,
        *,
        receivables: Receivables,
        collection: CollectionService,
        credits: CreditSettlement,
        refunds: RefundService,
        spreading: Spreading,
        on_settled_late: Callable[[str], None],
        on_suspension: Callable[[str], None],
    ) -> None:
        self._receivables = receivables
        self._collection = collection
        self._credits = credits
        self._refunds = refunds
        self._spreading = spreading
        self._on_settled_late = on_settled_late
        self._on_suspension = on_suspension

    def handle(self, body: dict[str, Any]) -> None:
        """Do what a message calls for.  Raises TemporaryGatewayError: it comes back."""
        if "credit_note_id" in body:
            self._refunds.give_back(self._credits.settle(body["credit_note_id"]))
        elif "excess_of" in body:
            self._refunds.give_back(body["excess_of"])
        elif "settled_late" in body:
            self._on_settled_late(body["settled_late"])
        elif "suspension_of" in body:
            self._on_suspension(body["suspension_of"])
        elif "use_balance_of" in body:
            self._spreading.use_balance(body["use_balance_of"])
        else:
            self._collect(body["invoice_id"])

    def _collect(self, invoice_id: str) -> None:
        """Have what the account holds with us pay first, then its card."""
        receivable = self._receivables.receivable(invoice_id)
        self._collection.opened(receivable)
        self._spreading.use_balance(receivable.account_id)
        self._collection.collect(invoice_id)
