"""Drafts and invoices as JSON, and back: what ``storage.py`` keeps of them."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.accounts.clients.account import AccountKind, PaymentMode, PostalAddress
from chalicelib.billing.invoices.invoice import (
    Allowance,
    Buyer,
    ChargeLine,
    Draft,
    Invoice,
    InvoiceLine,
)
from chalicelib.billing.invoices.totals import Totals, VatTotal
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.settings import Company

Json = dict[str, Any]


def _flat(one: object) -> Json:
    """Give the fields of a dataclass; ``asdict``, which copies all below, cost most of an issue."""
    return dict(vars(one))


def draft_json(draft: Draft) -> Json:
    """Write a draft."""
    return {
        "account_id": draft.account_id,
        "terms_days": draft.terms_days,
        **_billed_json(draft),
    }


def read_draft(data: Json) -> Draft:
    """Read a draft back."""
    return Draft(
        account_id=AccountId(data["account_id"]),
        terms_days=data.get("terms_days"),
        **_read_billed(data),
    )


def invoice_json(invoice: Invoice) -> Json:
    """Write an invoice."""
    return {
        "id": invoice.id,
        "number": invoice.number,
        "account_id": invoice.account_id,
        "issued_at": iso(invoice.issued_at),
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "seller": _flat(invoice.seller),
        "mentions": list(invoice.mentions),
        **_billed_json(invoice),
    }


def read_invoice(data: Json) -> Invoice:
    """Read an invoice back."""
    return Invoice(
        id=InvoiceId(data["id"]),
        number=data["number"],
        account_id=AccountId(data["account_id"]),
        issued_at=instant(data["issued_at"]),
        issued_on=date.fromisoformat(data["issued_on"]),
        due_on=date.fromisoformat(data["due_on"]),
        seller=Company(**data["seller"]),
        mentions=tuple(data["mentions"]),
        **_read_billed(data),
    )


def _billed_json(document: Draft | Invoice) -> Json:
    return {
        "month": str(document.month),
        "lines": [_line_json(line) for line in document.lines],
        "charges": [_part_json(charge) for charge in document.charges],
        "allowances": [_part_json(allowance) for allowance in document.allowances],
        "delivery": _flat(document.delivery) if document.delivery else None,
        "totals": totals_json(document.totals),
        "buyer": _flat(document.buyer),
        "payment_mode": document.payment_mode.value,
        "usage_digest": document.usage_digest,
        "late_rate_percent": _percent_json(document.late_rate_percent),
    }


def _read_billed(data: Json) -> Json:
    return {
        "month": BillingMonth.parse(data["month"]),
        "lines": tuple(_read_line(line) for line in data["lines"]),
        # Invoices issued before there were any have neither.
        "charges": tuple(ChargeLine(**_read_part(part)) for part in data.get("charges", ())),
        "allowances": tuple(Allowance(**_read_part(part)) for part in data.get("allowances", ())),
        "delivery": PostalAddress(**data["delivery"]) if data.get("delivery") else None,
        "totals": read_totals(data["totals"]),
        "buyer": read_buyer(data["buyer"]),
        "payment_mode": PaymentMode(data["payment_mode"]),
        "usage_digest": data["usage_digest"],
        "late_rate_percent": _read_percent(data.get("late_rate_percent")),
    }


def _percent_json(percent: Decimal | None) -> str | None:
    return None if percent is None else str(percent)


def _read_percent(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _line_json(line: InvoiceLine) -> Json:
    return {
        **_flat(line),
        "label": _flat(line.label),
        "month": str(line.month),
        "vat": vat_json(line.vat),
    }


def _read_line(data: Json) -> InvoiceLine:
    read = {
        "label": Label(**data["label"]),
        "month": BillingMonth.parse(data["month"]),
        "vat": read_vat(data["vat"]),
    }
    return InvoiceLine(**{**data, **read})


def _part_json(part: ChargeLine | Allowance) -> Json:
    return {**asdict(part), "vat": vat_json(part.vat)}


def _read_part(data: Json) -> Json:
    read: Json = {name: Label(**data[name]) for name in ("label", "detail") if name in data}
    return {**data, **read, "vat": read_vat(data["vat"])}


def read_buyer(data: Json) -> Buyer:
    """Read a buyer back."""
    return Buyer(**{**data, "kind": AccountKind(data["kind"])})


def totals_json(totals: Totals) -> Json:
    """Write totals."""
    return {
        **_flat(totals),
        "by_rate": [{**_flat(part), "vat": vat_json(part.vat)} for part in totals.by_rate],
    }


def read_totals(data: Json) -> Totals:
    """Read totals back."""
    parts = (VatTotal(**{**part, "vat": read_vat(part["vat"])}) for part in data["by_rate"])
    return Totals(**{**data, "by_rate": tuple(parts)})


def vat_json(vat: VatTreatment) -> Json:
    """Write a VAT treatment."""
    return {**_flat(vat), "rate_percent": str(vat.rate_percent)}


def read_vat(data: Json) -> VatTreatment:
    """Read a VAT treatment back."""
    return VatTreatment(**{**data, "rate_percent": Decimal(data["rate_percent"])})
