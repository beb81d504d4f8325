"""What an invoice is: lines, parties, totals; a draft is the same before its number (BIL-1, BIL-3).

The parties are copies taken at drafting and issue, so that an issued invoice never changes when
the client moves or the company's identity does (ACC-5).
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from chalicelib.accounts.clients.account import Account, AccountKind, PaymentMode, PostalAddress
from chalicelib.billing.invoices.proration import Proration
from chalicelib.billing.invoices.totals import Totals
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.foundation.money import from_cents
from chalicelib.foundation.settings import Company

LineKind = Literal["desktop", "option"]
Nature = Literal["services", "goods"]
ChargeKind = Literal[
    "complement",
    "commitment",
    "pod_loss",
    "failed_delivery",
    "intervention",
    "withdrawal_indemnity",
    "correction",
    "other",
]


@dataclass(frozen=True)
class InvoiceLine:
    """A desktop's configuration, or one of its options, at one price over days of a month.

    ``month`` is the invoice's, or an earlier one for usage that came to be known late.
    ``monthly_excl_vat_cents`` is the price of one; ``quantity`` is how many of an option.
    """

    desktop_id: str
    desktop_name: str
    kind: LineKind
    code: str
    label: Label
    quantity: int
    monthly_excl_vat_cents: int
    days: int
    month: BillingMonth
    vat: VatTreatment
    amount_excl_vat_cents: int

    @property
    def days_in_month(self) -> int:
        """How many days the month billed has."""
        return self.month.day_count

    @property
    def monthly_price(self) -> Decimal:
        """The price of the month for the whole quantity, in euros excl. VAT."""
        return from_cents(self.monthly_excl_vat_cents * self.quantity)

    @property
    def proration(self) -> Proration:
        """How the amount follows from price and days."""
        return Proration(self.monthly_price, self.days, self.days_in_month)

    @property
    def key(self) -> str:
        """Name the line within its document: what it bills, at which price, of which month."""
        facts = (self.desktop_id, self.kind, self.code, self.quantity)
        return ":".join(map(str, (*facts, self.monthly_excl_vat_cents, self.month)))


@dataclass(frozen=True)
class ChargeLine:
    """One price times a quantity, without days: a complement, a commitment, a one-off (BIL-9).

    ``list_unit_excl_vat_cents`` is the price before a negotiated discount, the same when there is
    none.  ``charge_id`` names the one-off charge billed, "" for what follows from usage and
    contracts.  ``detail`` says how the amount came about.
    """

    key: str
    kind: ChargeKind
    label: Label
    detail: Label
    quantity: int
    unit_excl_vat_cents: int
    list_unit_excl_vat_cents: int
    vat: VatTreatment
    amount_excl_vat_cents: int
    nature: Nature = "services"
    desktop_id: str = ""
    desktop_name: str = ""
    charge_id: str = ""


@dataclass(frozen=True)
class Allowance:
    """A service credit taken off what the document bills for desktops (BIL-8, P14).

    The amount is positive, in cents excl. VAT; ``reason`` is the text of its grant.
    """

    key: str
    label: Label
    reason: str
    vat: VatTreatment
    amount_excl_vat_cents: int
    credit_id: str
    desktop_id: str = ""


@dataclass(frozen=True)
class Buyer:
    """The client as the invoice names it."""

    account_id: AccountId
    kind: AccountKind
    name: str
    contact: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str
    siren: str
    vat_number: str
    email: str
    language: str

    @property
    def is_professional(self) -> bool:
        """Whether the mentions between professionals apply."""
        return self.kind is not AccountKind.CONSUMER

    @classmethod
    def of(cls, account: Account) -> "Buyer":
        """Copy what an invoice shows of an account."""
        contact = f"{account.first_name} {account.last_name}".strip()
        return cls(
            account_id=account.id,
            kind=account.kind,
            name=account.name,
            contact="" if contact == account.name else contact,
            line1=account.address.line1,
            line2=account.address.line2,
            postal_code=account.address.postal_code,
            city=account.address.city,
            country=account.address.country,
            siren=account.siren,
            vat_number=account.vat_number,
            email=account.email,
            language=account.language,
        )


@dataclass(frozen=True)
class Draft:
    """What an account owes for a month, before a number makes it an invoice.

    ``usage_digest`` is the SHA-256 of the usage days it bills (EVD-1); ``terms_days`` the days to
    pay and ``late_rate_percent`` the yearly rate of late interest that a contract agreed.
    """

    account_id: AccountId
    month: BillingMonth
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    buyer: Buyer
    payment_mode: PaymentMode
    usage_digest: str
    charges: tuple[ChargeLine, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    delivery: PostalAddress | None = None
    terms_days: int | None = None
    late_rate_percent: Decimal | None = None

    @property
    def bills_something(self) -> bool:
        """Whether there is an invoice to issue: what costs nothing is not billed.

        What a service credit brings down to 0 € is still issued: the invoice is where the credit
        is used (BIL-8).
        """
        amounts = [line.amount_excl_vat_cents for line in self.lines]
        return any(amounts) or any(charge.amount_excl_vat_cents for charge in self.charges)


@dataclass(frozen=True)
class Invoice:
    """An issued invoice: never edited, never deleted (BIL-3).

    ``late_rate_percent`` is the yearly rate of late interest it states, None for that of the terms.
    """

    id: InvoiceId
    number: str
    account_id: AccountId
    month: BillingMonth
    issued_at: datetime
    issued_on: date
    due_on: date
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    seller: Company
    buyer: Buyer
    payment_mode: PaymentMode
    mentions: tuple[str, ...]
    usage_digest: str
    charges: tuple[ChargeLine, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    delivery: PostalAddress | None = None
    late_rate_percent: Decimal | None = None
    kind: Literal["invoice"] = "invoice"

    @property
    def document_key(self) -> str:
        """Where its PDF is kept in the document store."""
        return f"invoices/{self.account_id}/{self.number}.pdf"

    @property
    def file_name(self) -> str:
        """How its PDF is called when downloaded."""
        return f"Facture-{self.number}.pdf"


@dataclass(frozen=True)
class InvoiceState:
    """What happened to an invoice after its issue; the invoice itself stays as it is."""

    invoice_id: InvoiceId
    document_stored_at: datetime | None = None
    version: int = 0


def invoice_id_of(account_id: str, month: BillingMonth) -> InvoiceId:
    """Name the invoice of an account and month: there can be only one (BIL-4)."""
    fact = f"invoice:{account_id}:{month}"
    return InvoiceId("inv_" + hashlib.sha256(fact.encode()).hexdigest()[:24])
