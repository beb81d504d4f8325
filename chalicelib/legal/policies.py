"""Readings of the contract that are switches, dated, per category of client (art. 9, 17; P1, P9).

Where the terms are silent or contradict themselves, the reading adopted is data: a first state
ships with the system (``policies.json``), and an operator publishes others with the day from which
each applies.  What was in force on a past day never changes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal

FIRST_MONTH_FULL = "first_month_full_without_renewal"
WITHDRAWAL_RIGHT = "withdrawal_right"
OVERSEAS_CONSUMERS_BY_PLACE = "overseas_consumers_by_place"
ELECTRONIC_INVOICES = "electronic_invoices"
JOURNAL = "company"  # the chain of what the company decides for all its clients
_SEEDED = Path(__file__).parent / "policies.json"
_LONGEST_REASON = 500
_FURTHEST = timedelta(days=731)  # that a reading is published ahead


@dataclass(frozen=True)
class ContractPolicy:
    """A policy as it applies from a Paris day on; ``published_by`` is "" for the one shipped."""

    code: str
    from_on: date
    professionals: bool
    consumers: bool
    reason: str
    published_at: datetime | None = None
    published_by: str = ""
    version: int = 0


class PolicyStore(Protocol):
    """Policies published; saving gives the write to commit."""

    def policies(self) -> Iterable[ContractPolicy]:
        """Read every state ever published."""

    def save_policy(self, policy: ContractPolicy) -> Put:
        """Give the write of a state."""


class ContractPolicies:
    """Tells which reading is in force, and publishes another."""

    def __init__(
        self, *, storage: PolicyStore, work: UnitOfWork, journal: Journal, clock: Clock
    ) -> None:
        self._storage = storage
        self._work = work
        self._journal = journal
        self._clock = clock

    def applies(self, code: str, *, professional: bool, on: date) -> bool:
        """Tell whether a policy is on for a category of client on a Paris day (P1, P9).

        Raises NotFoundError for a code that does not exist.
        """
        policy = self.in_force(code, on)
        return policy.professionals if professional else policy.consumers

    def in_force(self, code: str, on: date) -> ContractPolicy:
        """Give a policy as it applies on a Paris day.  Raises NotFoundError."""
        begun = [policy for policy in self.history(code) if policy.from_on <= on]
        if not begun:
            raise NotFoundError
        return begun[-1]

    def history(self, code: str) -> list[ContractPolicy]:
        """Give every state of a policy, in the order they apply."""
        states = {policy.from_on: policy for policy in seeded() if policy.code == code}
        states |= {
            policy.from_on: policy for policy in self._storage.policies() if policy.code == code
        }
        return [states[day] for day in sorted(states)]

    def codes(self) -> list[str]:
        """Name the policies there are."""
        return list(dict.fromkeys(policy.code for policy in seeded()))

    def publish(  # noqa: PLR0913 - what a policy is made of
        self,
        code: str,
        *,
        from_on: date,
        professionals: bool,
        consumers: bool,
        reason: str,
        by: str,
    ) -> ContractPolicy:
        """Publish another reading, from a Paris day to come; a second one of that day replaces it.

        Raises FieldErrors for a day begun or far off, or without a reason; NotFoundError.
        """
        reason = reason.strip()
        _check(from_on, reason, today(self._clock))
        if code not in self.codes():
            raise NotFoundError

        def attempt() -> ContractPolicy:
            same_day = [each for each in self.history(code) if each.from_on == from_on]
            policy = ContractPolicy(
                code,
                from_on,
                professionals,
                consumers,
                reason,
                self._clock.now(),
                by,
                same_day[0].version if same_day else 0,
            )
            facts = {
                "code": code,
                "from_on": from_on.isoformat(),
                "professionals": professionals,
                "consumers": consumers,
                "reason": reason,
            }
            self._work.commit(
                self._storage.save_policy(policy),
                self._journal.entry(JOURNAL, "policy.published", facts, by=by),
            )
            return policy

        return retry_on_conflict(attempt)


def start_errors(from_on: date, day: date) -> dict[str, str]:
    """Say, under ``from_on``, why something may not apply from a Paris day; nothing if it may."""
    if from_on <= day:
        return {"from_on": "Choisissez une date à venir\u00a0: le passé ne change pas."}
    if from_on > day + _FURTHEST:
        return {"from_on": "Cette date est à plus de deux ans\u00a0: vérifiez-la."}
    return {}


def _check(from_on: date, reason: str, day: date) -> None:
    errors = start_errors(from_on, day)
    if not 0 < len(reason) <= _LONGEST_REASON:
        errors["reason"] = "Indiquez un motif, en 500 caractères au plus."
    if errors:
        raise FieldErrors(errors)


@lru_cache(maxsize=1)
def seeded() -> tuple[ContractPolicy, ...]:
    """Give the state that ships with the system."""
    return tuple(
        ContractPolicy(
            row["code"],
            date.fromisoformat(row["from"]),
            row["professionals"],
            row["consumers"],
            row["reason"],
        )
        for row in json.loads(_SEEDED.read_text(encoding="utf-8"))
    )
