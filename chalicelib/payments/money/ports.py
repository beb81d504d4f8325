"""What payments needs from the other domains."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from chalicelib.foundation.ids import AccountId


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


class Credits(Protocol):
    """Issued credit notes."""

    def credit(self, credit_note_id: str) -> Credit:
        """Give a credit note.  Raises NotFoundError."""


class Receivables(Protocol):
    """Issued invoices, as amounts to collect."""

    def receivable(self, invoice_id: str) -> Receivable:
        """Give an invoice.  Raises NotFoundError."""


class Payer(Protocol):
    """What payments reads of an account."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name, as on invoices."""

    @property
    def first_name(self) -> str:
        """The first name of the person, or of the company's signatory."""

    @property
    def last_name(self) -> str:
        """Their last name."""

    @property
    def email(self) -> str:
        """Where it is written to."""

    @property
    def language(self) -> str:
        """``fr`` or ``en``."""


def greeted(payer: Payer) -> str:
    """Give the name a mail greets: the person's, else the account's."""
    return f"{payer.first_name} {payer.last_name}".strip() or payer.name


class Payers(Protocol):
    """The accounts."""

    def account(self, account_id: AccountId) -> Payer:
        """Give an account.  Raises NotFoundError."""


class WaitingOrders(Protocol):
    """Orders that wait for a card (ORD-2)."""

    def card_saved(self, account_id: str) -> None:
        """Move the account's orders on; again changes nothing."""


class RunningCosts(Protocol):
    """Whether an account goes on costing: desktops, or usage not yet invoiced."""

    def anything_owed(self, account_id: str) -> bool:
        """Tell whether a bill is open or still to come."""
