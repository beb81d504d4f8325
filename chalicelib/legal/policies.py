"""Readings of the contract that are switches, dated, per category of client (P1, P2, P9).

Where the terms are silent or contradict themselves, the reading adopted is data: a first state
ships with the system (``policies.json``), and an operator publishes others with the day from which
each applies.  What was in force on a past day never changes.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

FIRST_MONTH_FULL = "first_month_full_without_renewal"
WITHDRAWAL_RIGHT = "withdrawal_right"
OVERSEAS_CONSUMERS_BY_PLACE = "overseas_consumers_by_place"
ELECTRONIC_INVOICES = "electronic_invoices"
BILLED_FROM_CONFIRMATION = "billed_from_confirmation"
JOURNAL = "company"  # the chain of what the company decides for all its clients
_SEEDED = Path(__file__).parent / "policies.json"
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


def start_errors(from_on: date, day: date) -> dict[str, str]:
    """Say, under ``from_on``, why something may not apply from a Paris day; nothing if it may."""
    if from_on <= day:
        return {"from_on": "Choisissez une date à venir\u00a0: le passé ne change pas."}
    if from_on > day + _FURTHEST:
        return {"from_on": "Cette date est à plus de deux ans\u00a0: vérifiez-la."}
    return {}
