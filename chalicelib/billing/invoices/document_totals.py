"""Totals of a document from what it lists: lines and charges, less allowances (BIL-8, BIL-10)."""

from collections.abc import Iterable

from chalicelib.billing.invoices.credit_note import CreditLine
from chalicelib.billing.invoices.invoice import Allowance, ChargeLine, InvoiceLine
from chalicelib.billing.invoices.totals import Totals, totals_of

Billed = InvoiceLine | ChargeLine | CreditLine


def document_totals(lines: Iterable[Billed], allowances: Iterable[Allowance] = ()) -> Totals:
    """Add up a document: lines and charges, less allowances, per VAT treatment (BIL-8, BIL-10)."""
    return totals_of(
        [
            *((line.amount_excl_vat_cents, line.vat) for line in lines),
            *((-each.amount_excl_vat_cents, each.vat) for each in allowances),
        ]
    )
