"""Credit notes as JSON, and back: what storage keeps of them."""

from dataclasses import asdict
from datetime import date

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.credit_note import CreditLine, CreditNote, InvoiceReference
from chalicelib.billing.invoices.invoice_json import (
    Json,
    read_buyer,
    read_totals,
    read_vat,
    totals_json,
    vat_json,
)
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, CreditNoteId, InvoiceId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.settings import Company


def credit_note_json(note: CreditNote) -> Json:
    """Write a credit note."""
    return {
        "id": note.id,
        "number": note.number,
        "account_id": note.account_id,
        "month": str(note.month),
        "issued_at": iso(note.issued_at),
        "issued_on": note.issued_on.isoformat(),
        "invoice": {**asdict(note.invoice), "issued_on": note.invoice.issued_on.isoformat()},
        "lines": [{**asdict(line), "vat": vat_json(line.vat)} for line in note.lines],
        "totals": totals_json(note.totals),
        "seller": asdict(note.seller),
        "buyer": asdict(note.buyer),
        "payment_mode": note.payment_mode.value,
        "reason": note.reason,
        "mentions": list(note.mentions),
    }


def read_credit_note(data: Json) -> CreditNote:
    """Read a credit note back."""
    invoice = data["invoice"]
    return CreditNote(
        id=CreditNoteId(data["id"]),
        number=data["number"],
        account_id=AccountId(data["account_id"]),
        month=BillingMonth.parse(data["month"]),
        issued_at=instant(data["issued_at"]),
        issued_on=date.fromisoformat(data["issued_on"]),
        invoice=InvoiceReference(
            InvoiceId(invoice["id"]), invoice["number"], date.fromisoformat(invoice["issued_on"])
        ),
        lines=tuple(_read_line(line) for line in data["lines"]),
        totals=read_totals(data["totals"]),
        seller=Company(**data["seller"]),
        buyer=read_buyer(data["buyer"]),
        payment_mode=PaymentMode(data["payment_mode"]),
        reason=data["reason"],
        mentions=tuple(data["mentions"]),
    )


def _read_line(data: Json) -> CreditLine:
    labels = {name: Label(**data[name]) for name in ("label", "quantity")}
    return CreditLine(**{**data, **labels, "vat": read_vat(data["vat"])})
