"""What the terms say of a late payment between professionals: dated data (PAY-6, BIL-11)."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "late_payment.json"


@dataclass(frozen=True)
class LateTerms:
    """From a Paris day on: points above the central bank's rate, and the fee for recovery."""

    from_on: date
    points_above_ecb_rate: int
    recovery_fee_cents: int


def late_terms_on(day: date) -> LateTerms:
    """Give the terms that apply on a Paris day."""
    return [terms for terms in _terms() if terms.from_on <= day][-1]


@cache
def _terms() -> list[LateTerms]:
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    terms = [
        LateTerms(
            date.fromisoformat(row["from"]), row["points_above_ecb_rate"], row["recovery_fee_cents"]
        )
        for row in rows
    ]
    return sorted(terms, key=lambda each: each.from_on)
