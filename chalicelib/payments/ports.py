"""What payments needs from the other domains and from the processor of cards."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId

LEAST_CHARGE_CENTS = 50  # what Stripe refuses to charge below, in euros


class BadWebhook(DomainError):  # noqa: N818 - a refusal, named as the design names it
    """A notice that is not the processor's, is too old, or cannot be read (PAY-2)."""


class CardUnusable(Exception):  # noqa: N818 - an answer about the card, not a failure of ours
    """The processor no longer accepts to try this card: detached, or unknown to it."""


class ChargeStatus(StrEnum):
    """Where an intent stands at the processor."""

    NEW = "new"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    ACTION_REQUIRED = "action_required"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Charge:
    """The intent of an invoice as the processor holds it at this moment.

    ``attempt`` names the last attempt refused ("" when none was); ``reason`` is the processor's
    code of that refusal; ``redirect_url`` is where the holder authenticates.
    """

    intent_id: str
    customer_id: str
    account_id: str
    invoice_id: str
    amount_cents: int
    status: ChargeStatus
    received_cents: int = 0
    refunded_cents: int = 0
    card_id: str | None = None
    attempt: str = ""
    reason: str = ""
    redirect_url: str | None = None


@dataclass(frozen=True)
class ChargeRequest:
    """What an intent is opened with."""

    invoice_id: str
    account_id: str
    number: str
    customer_id: str
    amount_cents: int


@dataclass(frozen=True)
class Attempt:
    """One try to collect an intent with a card.

    ``return_url`` is where the holder comes back after authenticating; None when nobody is there to
    authenticate.  ``key`` names the try: the same key again is the same try.
    """

    intent_id: str
    card_id: str
    key: str
    return_url: str | None = None


@dataclass(frozen=True)
class CardSetup:
    """The hosted page on which a card is entered and authenticated."""

    session_id: str
    url: str


@dataclass(frozen=True)
class SavedCard:
    """A card the processor keeps for a customer."""

    id: str
    customer_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str


@dataclass(frozen=True)
class Event:
    """A notice, its signature checked.  Only ids are read from it: what it tells is fetched."""

    id: str
    type: str
    object_id: str
    intent_id: str | None = None


class CardProcessor(Protocol):
    """Keeps cards and charges them; every call may be made again.

    Raises TemporaryGatewayError (later) or FinalGatewayError (never); a refused card is an answer.
    """

    def ensure_customer(self, account_id: str, email: str, name: str) -> str:
        """Give the account's customer id, making the customer when there is none."""

    def start_card_setup(
        self, customer_id: str, *, success_url: str, cancel_url: str, language: str
    ) -> CardSetup:
        """Open a hosted page; ``{CHECKOUT_SESSION_ID}`` in ``success_url`` is filled in."""

    def saved_card(self, reference: str) -> SavedCard | None:
        """Give the card a session (``cs_…``) or set-up (``seti_…``) saved; None when it did not."""

    def remove_card(self, card_id: str) -> None:
        """Forget a card; one already forgotten is fine."""

    def find_charge(self, customer_id: str, invoice_id: str) -> Charge | None:
        """Look among the customer's intents for the invoice's."""

    def open_charge(self, request: ChargeRequest) -> Charge:
        """Make the invoice's intent, without charging anything."""

    def charge(self, intent_id: str) -> Charge:
        """Fetch an intent as it is now."""

    def attempt(self, attempt: Attempt) -> Charge:
        """Try to collect; an intent that succeeded is given back as it is, never charged again.

        Raises CardUnusable when the card itself is not accepted.
        """

    def read_event(self, raw_body: bytes, signature: str) -> Event:
        """Check a notice's signature and age, and read it.  Raises BadWebhook."""


@dataclass(frozen=True)
class Receivable:
    """What payments needs to know of an issued invoice; ``amount_cents`` includes VAT."""

    invoice_id: str
    account_id: str
    number: str
    amount_cents: int
    issued_on: date
    due_on: date
    payment_mode: str


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
