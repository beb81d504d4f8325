"""The test cards: what each well-known number does when saved and when charged."""

from dataclasses import dataclass
from datetime import datetime

_FUNDING = "credit"


@dataclass(frozen=True)
class Decline:
    """Why a card is refused, in Stripe's words."""

    code: str
    message: str
    decline_code: str | None = None


GENERIC = Decline("card_declined", "Your card was declined.", "generic_decline")
INSUFFICIENT_FUNDS = Decline(
    "card_declined", "Your card has insufficient funds.", "insufficient_funds"
)
EXPIRED = Decline("expired_card", "Your card has expired.")
INCORRECT_CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "Your card was declined. Your request was in test mode, but used a non test card.",
    "test_mode_live_card",
)

# Names by which a control request forces the outcome of the next charge.
DECLINES = {
    "generic_decline": GENERIC,
    "card_declined": GENERIC,
    "insufficient_funds": INSUFFICIENT_FUNDS,
    "expired_card": EXPIRED,
    "incorrect_cvc": INCORRECT_CVC,
    "processing_error": PROCESSING,
    "authentication_required": AUTHENTICATION_REQUIRED,
    "lost_card": Decline("card_declined", "Your card was declined.", "lost_card"),
    "do_not_honor": Decline("card_declined", "Your card was declined.", "do_not_honor"),
}


@dataclass(frozen=True)
class KnownCard:
    """A test number: `refused_at_once` even when saved, `refused_later` only when charged.

    `authenticates`: "never"; "until_set_up", once saved with authentication it is not asked
    off-session; "always", off-session charges fail.
    """

    number: str
    brand: str = "visa"
    country: str = "FR"
    authenticates: str = "never"
    refused_at_once: Decline | None = None
    refused_later: Decline | None = None

    @property
    def last4(self) -> str:
        """The four digits shown to people."""
        return self.number[-4:]

    @property
    def funding(self) -> str:
        """All test cards are credit cards here."""
        return _FUNDING


_CARDS = (
    KnownCard("4242424242424242"),
    KnownCard("5555555555554444", brand="mastercard"),
    KnownCard("4000002500003155", authenticates="until_set_up"),
    KnownCard("4000002760003184", authenticates="always"),
    KnownCard("4000000000000341", refused_later=GENERIC),
    KnownCard("4000000000000002", refused_at_once=GENERIC),
    KnownCard("4000000000009995", refused_at_once=INSUFFICIENT_FUNDS),
    KnownCard("4000000000000069", refused_at_once=EXPIRED),
    KnownCard("4000000000000127", refused_at_once=INCORRECT_CVC),
    KnownCard("4000000000000119", refused_at_once=PROCESSING),
)
BY_NUMBER = {card.number: card for card in _CARDS}

# Payment methods that exist without being made: using one makes a copy of it.
READY_MADE = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
}


def has_valid_check_digit(number: str) -> bool:
    """Tell whether a card number passes the Luhn check."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if position % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - Luhn's rule
    return total % 10 == 0


def has_expired(exp_month: int, exp_year: int, now: datetime) -> bool:
    """Tell whether a card is past its last month."""
    return (exp_year, exp_month) < (now.year, now.month)
