"""The list of an account's invoices and credit notes, for spreadsheets (CON-1)."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.foundation.money import from_cents

_COLUMNS = (
    "kind",
    "number",
    "month",
    "issued_on",
    "due_on",
    "invoice_number",
    "excl_vat",
    "vat",
    "incl_vat",
    "payment",
    "paid",
)


def invoices_csv(
    invoices: Iterable[Invoice], notes: Iterable[CreditNote], payments: Mapping[str, Any]
) -> str:
    """Write one row per document, newest first; amounts in euros, those of credit notes negative.

    ``payments`` are the payment statuses by invoice.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    rows = [_invoice_row(each, payments.get(each.id)) for each in invoices]
    rows += [_note_row(each) for each in notes]
    writer.writerows(sorted(rows, key=lambda row: (row["issued_on"], row["number"]), reverse=True))
    # The mark tells spreadsheets that the text is UTF-8.
    return "\ufeff" + text.getvalue()


def _invoice_row(invoice: Invoice, payment: Any) -> dict[str, str]:
    totals = invoice.totals
    return {
        "kind": "invoice",
        "number": invoice.number,
        "month": str(invoice.month),
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "invoice_number": "",
        "excl_vat": str(from_cents(totals.excl_vat_cents)),
        "vat": str(from_cents(totals.vat_cents)),
        "incl_vat": str(from_cents(totals.incl_vat_cents)),
        "payment": str(payment.state) if payment else "due",
        "paid": str(from_cents(payment.paid_cents)) if payment else "0.00",
    }


def _note_row(note: CreditNote) -> dict[str, str]:
    totals = note.totals
    return {
        "kind": "credit_note",
        "number": note.number,
        "month": str(note.month),
        "issued_on": note.issued_on.isoformat(),
        "due_on": "",
        "invoice_number": note.invoice.number,
        "excl_vat": str(from_cents(-totals.excl_vat_cents)),
        "vat": str(from_cents(-totals.vat_cents)),
        "incl_vat": str(from_cents(-totals.incl_vat_cents)),
        "payment": "",
        "paid": "",
    }
