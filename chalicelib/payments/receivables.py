"""Billing's invoices as amounts to collect."""

from chalicelib.billing.service import BillingService
from chalicelib.foundation.ids import InvoiceId
from chalicelib.payments.ports import Receivable


class InvoiceReceivables:
    """Reads what payments needs of an issued invoice."""

    def __init__(self, billing: BillingService) -> None:
        self._billing = billing

    def receivable(self, invoice_id: str) -> Receivable:
        """Give an invoice.  Raises NotFoundError."""
        invoice = self._billing.invoice(InvoiceId(invoice_id))
        return Receivable(
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            number=invoice.number,
            amount_cents=invoice.totals.incl_vat_cents,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            payment_mode=invoice.payment_mode,
        )
