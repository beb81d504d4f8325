"""Credit notes: what is taken back of an invoice, in part or whole (BIL-5; MET-4).

An issued invoice never changes; a credit note names it and takes back some of its lines.  It has
its own gapless series of numbers (BIL-3).
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.invoice import Buyer, Invoice, Nature
from chalicelib.billing.invoices.totals import Totals
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, CreditNoteId, InvoiceId
from chalicelib.foundation.settings import Company


@dataclass(frozen=True)
class InvoiceReference:
    """The invoice a credit note takes back from: number and date, as the law asks."""

    id: InvoiceId
    number: str
    issued_on: date

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceReference":
        """Refer to an invoice."""
        return cls(invoice.id, invoice.number, invoice.issued_on)


@dataclass(frozen=True)
class CreditLine:
    """What is taken back of one line of the invoice: a positive amount in cents excl. VAT.

    ``line_key`` is the key of the invoice's line; ``days`` are the days of it taken back, 0 when
    its price is credited and not its days.
    """

    line_key: str
    label: Label
    quantity: Label
    vat: VatTreatment
    amount_excl_vat_cents: int
    nature: Nature = "services"
    days: int = 0
    desktop_id: str = ""
    desktop_name: str = ""


@dataclass(frozen=True)
class CreditNote:
    """An issued credit note: never edited, never deleted (BIL-3, BIL-5).

    ``reason`` is the sentence its reader sees; ``month`` is the invoice's.
    """

    id: CreditNoteId
    number: str
    account_id: AccountId
    month: BillingMonth
    issued_at: datetime
    issued_on: date
    invoice: InvoiceReference
    lines: tuple[CreditLine, ...]
    totals: Totals
    seller: Company
    buyer: Buyer
    payment_mode: PaymentMode
    reason: str
    mentions: tuple[str, ...]
    kind: Literal["credit_note"] = "credit_note"

    @property
    def document_key(self) -> str:
        """Where its PDF is kept in the document store."""
        return f"credit-notes/{self.account_id}/{self.number}.pdf"

    @property
    def file_name(self) -> str:
        """How its PDF is called when downloaded."""
        return f"Avoir-{self.number}.pdf"


@dataclass(frozen=True)
class Credited:
    """Which credit notes an invoice has, in order: what makes two at once see each other."""

    invoice_id: InvoiceId
    credit_note_ids: tuple[CreditNoteId, ...] = ()
    version: int = 0


def credit_note_id_of(invoice_id: str, key: str) -> CreditNoteId:
    """Name the credit note of an invoice asked for under a key: there can be only one (BIL-5)."""
    fact = f"credit-note:{invoice_id}:{key}"
    return CreditNoteId("crn_" + hashlib.sha256(fact.encode()).hexdigest()[:24])
