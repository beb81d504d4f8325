"""The processor of cards as payments sees it: intents, cards, refunds, disputes, notices.

CGV art. 8.2; PAY-1, PAY-2, PAY-3, PAY-5.  Stripe is behind it (``stripe_gateway.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.foundation.errors import DomainError

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


TRYABLE = frozenset({ChargeStatus.NEW, ChargeStatus.DECLINED, ChargeStatus.ACTION_REQUIRED})


class RefundStatus(StrEnum):
    """Where money given back stands at the processor."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class CardRefund:
    """Money given back to a card; ``asked_as`` is our own name of it, "" when made elsewhere."""

    id: str
    amount_cents: int
    status: RefundStatus
    asked_as: str = ""
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether the money left us, or is on its way."""
        return self.status is not RefundStatus.FAILED


@dataclass(frozen=True)
class CardDispute:
    """A payment that its holder's bank disputes.

    ``withdrawn_cents`` was taken from us, ``reinstated_cents`` given back, ``fee_cents`` kept;
    ``outcome`` is "open", "won" or "lost"; ``answer_by`` the last instant to send evidence.
    """

    id: str
    amount_cents: int
    reason: str
    status: str
    outcome: str
    withdrawn_cents: int = 0
    reinstated_cents: int = 0
    fee_cents: int = 0
    answer_by: datetime | None = None


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
    refunds: tuple[CardRefund, ...] = ()
    disputes: tuple[CardDispute, ...] = ()
    card_id: str | None = None
    attempt: str = ""
    reason: str = ""
    redirect_url: str | None = None
    rank: int = 0

    @property
    def refunded_cents(self) -> int:
        """What was given back of it, failures not counted."""
        return sum(refund.amount_cents for refund in self.refunds if refund.counts)


@dataclass(frozen=True)
class ChargeRequest:
    """What an intent is opened with; ``rank`` counts those that served before it."""

    invoice_id: str
    account_id: str
    number: str
    customer_id: str
    amount_cents: int
    rank: int = 0


@dataclass(frozen=True)
class RefundRequest:
    """Money to give back to the card an intent was paid with; ``key`` names it for ever."""

    intent_id: str
    amount_cents: int
    key: str


class MovementKind(StrEnum):
    """What moved money at the processor."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True)
class Movement:
    """One line of the processor's own list, for the daily comparison (PAY-5)."""

    kind: MovementKind
    object_id: str
    intent_id: str
    amount_cents: int
    at: datetime


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

    def find_charge(self, customer_id: str, invoice_id: str, rank: int = 0) -> Charge | None:
        """Look among the customer's intents for the invoice's of that rank."""

    def open_charge(self, request: ChargeRequest) -> Charge:
        """Make the invoice's intent, without charging anything."""

    def change_amount(self, intent_id: str, amount_cents: int) -> Charge:
        """Have an intent not paid yet collect another amount."""

    def charge(self, intent_id: str) -> Charge:
        """Fetch an intent as it is now, with what was given back or is disputed of it."""

    def attempt(self, attempt: Attempt) -> Charge:
        """Try to collect; an intent that succeeded is given back as it is, never charged again.

        Raises CardUnusable when the card itself is not accepted.
        """

    def refund(self, request: RefundRequest) -> CardRefund:
        """Give money back; the same key again is the same refund, however late.

        Raises FinalGatewayError when the processor refuses.
        """

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """List what was charged, given back and disputed between two instants."""

    def read_event(self, raw_body: bytes, signature: str) -> Event:
        """Check a notice's signature and age, and read it.  Raises BadWebhook."""
