"""An amount to collect, or to take off one: what payments knows of invoices and credit notes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Receivable:
    """What payments needs to know of an issued invoice; ``amount_cents`` includes VAT.

    ``credited_cents`` is what credit notes already took off it, whether or not payments knows;
    ``late_rate_percent`` the yearly rate of late interest it states, None for that of the terms.
    """

    invoice_id: str
    account_id: str
    number: str
    amount_cents: int
    issued_on: date
    due_on: date
    payment_mode: str
    credited_cents: int = 0
    month: str = ""
    is_professional: bool = True
    late_rate_percent: Decimal | None = None


@dataclass(frozen=True)
class Credit:
    """A credit note: what it takes off which invoice, including VAT."""

    id: str
    number: str
    account_id: str
    invoice_id: str
    amount_cents: int
    issued_on: date
