"""What is known of a client for VAT: its number in VIES, and proofs of where it is (BIL-10).

An answer of VIES is evidence: number, day and consultation number are kept.  A consumer of another
member state is taxed at home on two proofs of the same country, none other contradicting them.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.vat.rules import in_another_member_state, vies_answer_days
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.ids import AccountId

PROOFS_WANTED = 2


class NumberState(StrEnum):
    """Where the check of a VAT number stands."""

    NOT_NEEDED = "not_needed"
    NO_NUMBER = "no_number"
    TO_CHECK = "to_check"
    CONFIRMED = "confirmed"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


class ProofKind(StrEnum):
    """What shows where a consumer is; the last two are recorded by an operator."""

    ADDRESS = "address"
    PHONE = "phone"
    CARD = "card"
    BANK = "bank"
    DOCUMENT = "document"


@dataclass(frozen=True)
class ViesAnswer:
    """What VIES said of a number at an instant; ``consultation`` is its proof that it was asked."""

    number: str
    valid: bool
    answered_at: datetime
    consultation: str = ""
    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class LocationProof:
    """That a consumer is in a country (ISO code), with what shows it."""

    kind: ProofKind
    country: str
    recorded_at: datetime
    by: str
    detail: str = ""


@dataclass(frozen=True)
class TaxStatus:
    """What was found out of an account so far.

    ``answer`` is the last one VIES gave; ``failure`` is why it gave none at ``tried_at``.
    """

    account_id: AccountId
    answer: ViesAnswer | None = None
    tried_at: datetime | None = None
    failure: str = ""
    proofs: tuple[LocationProof, ...] = ()
    version: int = 0

    def is_confirmed(self, number: str, on: date) -> bool:
        """Tell whether VIES confirmed that number lately enough to invoice without VAT."""
        answer = self.answer
        if answer is None or not answer.valid or answer.number != number or not number:
            return False
        return on <= paris_day(answer.answered_at) + timedelta(days=vies_answer_days(on))


def number_state(account: Account, status: TaxStatus, on: date) -> NumberState:
    """Tell where the check of a client's number stands on a Paris day."""
    if not account.is_professional or not in_another_member_state(account):
        return NumberState.NOT_NEEDED
    if not account.vat_number:
        return NumberState.NO_NUMBER
    if status.is_confirmed(account.vat_number, on):
        return NumberState.CONFIRMED
    answer = status.answer
    if status.failure:
        return NumberState.UNAVAILABLE
    if answer is not None and answer.number == account.vat_number and not answer.valid:
        return NumberState.INVALID
    return NumberState.TO_CHECK


def is_due(account: Account, status: TaxStatus, on: date) -> bool:
    """Tell whether VIES is to be asked: once a month before the run, and until it answered."""
    state = number_state(account, status, on)
    if state in {NumberState.NOT_NEEDED, NumberState.NO_NUMBER}:
        return False
    answer = status.answer
    if status.failure or answer is None or answer.number != account.vat_number:
        return True
    return paris_day(answer.answered_at) < on.replace(day=1)


def country_proved(proofs: tuple[LocationProof, ...]) -> str:
    """Give the country that two proofs or more name and none contradicts, "" when there is none."""
    named = Counter(country for _, country in {(proof.kind, proof.country) for proof in proofs})
    if len(named) != 1:
        return ""
    ((country, count),) = named.items()
    return country if count >= PROOFS_WANTED else ""
