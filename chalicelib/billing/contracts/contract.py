"""A negotiated contract: quantities committed to for a term, at a discount (CGV art. 8.1(b), 17).

BIL-6, P17: it starts on the first day of a month, runs twelve months or longer, and is billed each
month or once ahead.  At its end the desktops go on at monthly rates.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId, ContractId
from chalicelib.foundation.money import from_cents, round_half_up, to_cents

ARTICLE = "8.1"
SHORTEST_TERM, LONGEST_TERM = 12, 60  # months


class ContractState(StrEnum):
    """What the parties did; whether it runs follows from its dates."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


class Phase(StrEnum):
    """What a page shows of a contract on a day."""

    PROPOSED = "proposed"
    LAPSED = "lapsed"  # proposed, and not accepted before its start
    TO_COME = "to_come"
    IN_FORCE = "in_force"
    ENDED = "ended"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ContractBilling(StrEnum):
    """How the commitment is billed: each month, or the whole term ahead."""

    MONTHLY = "monthly"
    UPFRONT = "upfront"


@dataclass(frozen=True)
class Commitment:
    """How many of a configuration or option are paid for, used or not.

    ``list_monthly_excl_vat_cents`` is the catalogue's price when the contract was proposed: it
    stays for the whole term.
    """

    kind: Literal["desktop", "option"]
    code: str
    label: Label
    quantity: int
    list_monthly_excl_vat_cents: int


@dataclass(frozen=True)
class Contract:
    """A contract with one account.

    ``last_on`` is the last Paris day, earlier than the term's when it was terminated.
    ``terms_days`` are the days to pay an invoice, ``late_rate_percent`` the yearly rate of late
    interest; None for the usual ones.  ``acceptance`` says how it was agreed: "console", or the
    reference of a signed document.
    """

    id: ContractId
    account_id: AccountId
    reference: str
    starts_on: date
    months: int
    billing: ContractBilling
    commitments: tuple[Commitment, ...]
    discount_percent: Decimal
    proposed_at: datetime
    proposed_by: str
    terms_days: int | None = None
    late_rate_percent: Decimal | None = None
    state: ContractState = ContractState.PROPOSED
    agreed_at: datetime | None = None
    agreed_by: str = ""
    acceptance: str = ""
    ended_on: date | None = None
    end_reason: str = ""
    reminded_at: datetime | None = None
    version: int = 0

    @property
    def first_month(self) -> BillingMonth:
        """The month it begins with."""
        return BillingMonth.of(self.starts_on)

    @property
    def term_ends_on(self) -> date:
        """The last Paris day of the term agreed."""
        count = self.first_month.year * 12 + self.first_month.month - 1 + self.months - 1
        return BillingMonth(count // 12, count % 12 + 1).last_day

    @property
    def last_on(self) -> date:
        """The last Paris day it covers."""
        return self.ended_on or self.term_ends_on

    def months_until(self, last: BillingMonth) -> int:
        """Count its months up to one of them, that one included; 0 before its first."""
        count = (last.year - self.starts_on.year) * 12 + last.month - self.starts_on.month + 1
        return min(max(0, count), self.months)

    @property
    def is_agreed(self) -> bool:
        """Whether both parties are bound, for the days it covers."""
        return self.state in {ContractState.ACCEPTED, ContractState.TERMINATED}

    def covers(self, day: date) -> bool:
        """Tell whether a Paris day is within it."""
        return self.is_agreed and self.starts_on <= day <= self.last_on

    def phase(self, day: date) -> Phase:
        """Tell what it is on a Paris day."""
        if self.is_agreed:
            if day > self.last_on or self.last_on < self.starts_on:
                return Phase.ENDED
            return Phase.TO_COME if day < self.starts_on else Phase.IN_FORCE
        if self.state is ContractState.PROPOSED and day >= self.starts_on:
            return Phase.LAPSED
        return Phase(self.state.value)

    def unit_cents(self, commitment: Commitment) -> int:
        """Give the discounted monthly price of one, in cents excl. VAT, rounded once."""
        part = (100 - self.discount_percent) / 100
        return to_cents(round_half_up(from_cents(commitment.list_monthly_excl_vat_cents) * part))

    @property
    def monthly_cents(self) -> int:
        """What a month of it costs, in cents excl. VAT."""
        return sum(self.unit_cents(each) * each.quantity for each in self.commitments)

    @property
    def term_cents(self) -> int:
        """What the whole term agreed costs, in cents excl. VAT."""
        return self.monthly_cents * self.months

    @property
    def digest(self) -> str:
        """Digest the terms, so that what is accepted is what was read (EVD-1)."""
        return hashlib.sha256(json.dumps(self.terms, sort_keys=True).encode()).hexdigest()

    @property
    def terms(self) -> dict[str, object]:
        """What the parties agree on, for the journal."""
        return {
            "reference": self.reference,
            "starts_on": self.starts_on.isoformat(),
            "months": self.months,
            "billing": self.billing.value,
            "discount_percent": str(self.discount_percent),
            "terms_days": self.terms_days,
            "late_rate_percent": _text_or_none(self.late_rate_percent),
            "commitments": [
                {
                    "kind": each.kind,
                    "code": each.code,
                    "quantity": each.quantity,
                    "list_monthly_excl_vat_cents": each.list_monthly_excl_vat_cents,
                    "monthly_excl_vat_cents": self.unit_cents(each),
                }
                for each in self.commitments
            ],
        }

    def agreed(self, at: datetime, day: date, *, by: str, acceptance: str) -> "Contract":
        """Give it accepted.  Raises DomainError unless proposed, and before its first day.

        Before its first day: so the invoice of the month before, made on that day, knows of it.
        """
        self._require_proposed(day)
        return replace(
            self, state=ContractState.ACCEPTED, agreed_at=at, agreed_by=by, acceptance=acceptance
        )

    def refused(self, day: date, state: ContractState, reason: str) -> "Contract":
        """Give it declined by the client, or withdrawn by the company, while only proposed."""
        self._require_proposed(day)
        return replace(self, state=state, end_reason=reason)

    def terminated(self, last_on: date, day: date, reason: str) -> "Contract":
        """Give it ended before its term, by agreement: at the end of a month (art. 17; P18).

        Of the present month at the earliest; of the month before its start, it never begins.
        Raises DomainError when it is not running, or the day does not fit.
        """
        if self.phase(day) not in {Phase.TO_COME, Phase.IN_FORCE}:
            raise DomainError("Ce contrat n’est pas en cours\u00a0: il n’y a rien à résilier.")
        earliest = max(BillingMonth.of(day), self.first_month.previous).last_day
        is_month_end = last_on == BillingMonth.of(last_on).last_day
        if not (earliest <= last_on < self.last_on and is_month_end):
            raise DomainError(
                "La fin anticipée est le dernier jour d’un mois, du mois en cours au plus tôt, "
                "avant le terme du contrat.",
                article="17",
            )
        return replace(self, state=ContractState.TERMINATED, ended_on=last_on, end_reason=reason)

    def _require_proposed(self, day: date) -> None:
        phase = self.phase(day)
        if phase is Phase.LAPSED:
            raise DomainError(
                "Cette proposition n’est plus valable\u00a0: la date de début est passée. "
                "Demandez-en une nouvelle."
            )
        if phase is not Phase.PROPOSED:
            raise DomainError("Cette proposition a déjà reçu une réponse.")


def _text_or_none(percent: Decimal | None) -> str | None:
    return None if percent is None else str(percent)


def contract_id_of(account_id: str, key: str) -> ContractId:
    """Name the contract of a filled form: a double click proposes one."""
    fact = f"contract:{account_id}:{key}"
    return ContractId("ctr_" + hashlib.sha256(fact.encode()).hexdigest()[:24])
