"""Interest of late payment between professionals (PAY-6; law: from the day after the due date).

The rate is the higher of the contract's and three times the legal rate; our terms are silent, so
theirs is the European Central Bank's plus 10 points.  Both change by the half-year, as dated data
(``late_rates.json``; the points and the fee in ``billing/late_payment.json``, as invoices say).
Consumers owe neither this interest nor the fee.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.money import from_cents, round_half_up, to_cents
from chalicelib.payments.ledger import Settlement, SettlementKind, money_of

_RATES = Path(__file__).parent / "late_rates.json"
_TERMS = Path(__file__).parents[1] / "billing" / "late_payment.json"
_DAYS_IN_YEAR = 365
_LEGAL_TIMES = 3
_HALF_YEAR_DAYS = 184


@dataclass(frozen=True)
class LateInterest:
    """Interest in cents, over how many days, at which last annual rate."""

    amount_cents: int
    days: int
    rate_percent: Decimal


def effective_on(entry: Settlement) -> date:
    """Give the Paris day an entry counts from.

    Money: the bank's own day, whenever it was recorded.  What a credit note takes off was never
    owed, hence never late.
    """
    if entry.kind is SettlementKind.CREDIT:
        return date.min
    return entry.value_on or paris_day(entry.at)


def settled_on(amount_cents: int, entries: Iterable[Settlement]) -> date | None:
    """Give the Paris day on which nothing was left to pay; None while something is."""
    ledger = sorted(entries, key=effective_on)
    if money_of(amount_cents, ledger).left_cents:
        return None
    for entry in ledger:
        day = effective_on(entry)
        so_far = [one for one in ledger if effective_on(one) <= day]
        if money_of(amount_cents, so_far).left_cents == 0:
            return day
    return None


def late_interest(
    amount_cents: int, entries: Iterable[Settlement], due_on: date, until: date
) -> LateInterest:
    """Compute the interest of an invoice from the day after it was due to a Paris day included.

    On what was left to pay each day, at that day's rate, rounded once (PAY-6).
    """
    ledger = list(entries)
    total, rate = Decimal(0), rate_on(until)
    days = 0
    for count in range(1, (until - due_on).days + 1):
        day = due_on + timedelta(days=count)
        before = [entry for entry in ledger if effective_on(entry) < day]
        left_cents = money_of(amount_cents, before).left_cents
        if left_cents:
            rate = rate_on(day)
            total += from_cents(left_cents) * rate / 100 / _DAYS_IN_YEAR
            days += 1
    return LateInterest(to_cents(round_half_up(total)), days, rate)


def rate_on(day: date) -> Decimal:
    """Give the annual rate in percent that applies on a Paris day: the higher of the two."""
    row = _row_on(_rates(), day)
    points = int(_terms_on(day)["points_above_ecb_rate"])
    contract = Decimal(row["ecb_rate_percent"]) + points
    legal = Decimal(row["legal_rate_percent"])
    return max(contract, _LEGAL_TIMES * legal)


def recovery_fee_cents(day: date) -> int:
    """Give the fee for recovery, once per invoice, that applies on a Paris day."""
    return int(_terms_on(day)["recovery_fee_cents"])


def rates_are_current(day: date) -> bool:
    """Tell whether the table knows the half-year of a Paris day; else the last one goes on."""
    newest = max(date.fromisoformat(row["from"]) for row in _rates())
    return (day - newest).days < _HALF_YEAR_DAYS


def _terms_on(day: date) -> dict[str, Any]:
    rows: list[dict[str, Any]] = _read(_TERMS)
    return _row_on(rows, day)


def _rates() -> list[dict[str, Any]]:
    return _read(_RATES)


def _row_on(rows: list[dict[str, Any]], day: date) -> dict[str, Any]:
    """Give the row in force; before the first one known, that one."""
    known = [row for row in rows if date.fromisoformat(row["from"]) <= day]
    return known[-1] if known else rows[0]


@lru_cache(maxsize=2)
def _read(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return sorted(rows, key=lambda row: str(row["from"]))
