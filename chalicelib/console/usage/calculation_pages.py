"""How every amount is computed, with worked examples anyone can run again (MET-3, CON-4)."""

import json
from functools import cache
from typing import Any

from chalice.app import Response

from chalicelib.console.billing_reading import billed_from_confirmation
from chalicelib.console.framework.visit import Visit
from chalicelib.explain import explain

_PRICE = {"from": "2026-02-10T09:00", "monthly_excl_vat": "29.90"}
_BEGUN: dict[str, Any] = {
    "month": "2026-02",
    "started_at": "2026-02-10T09:00",
    "ended_at": None,
    "prices": [_PRICE],
    "vat_rate": "20",
    "customer": "professional",
    "subscription_ends_with_first_month": False,
}
_CHANGED = {
    **_BEGUN,
    "prices": [_PRICE, {"from": "2026-02-20T15:00", "monthly_excl_vat": "49.90"}],
}
_ENDED = {**_BEGUN, "ended_at": "2026-02-20T00:00"}
_LEFT = {**_ENDED, "subscription_ends_with_first_month": True}
# Name of each example in the template, topic, case.
EXAMPLES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("begun", "month", _BEGUN),
    ("ended", "month", _ENDED),
    ("changed", "month", _CHANGED),
    ("left", "month", _LEFT),
    (
        "totals",
        "totals",
        {
            "lines": [
                {"amount_excl_vat": "68.33", "vat_rate": "20"},
                {"amount_excl_vat": "68.33", "vat_rate": "20"},
            ]
        },
    ),
    ("card", "payment-dates", {"mode": "card", "service_month": "2024-06"}),
    (
        "invoice",
        "payment-dates",
        {"mode": "invoice", "invoice_date": "2024-01-31", "terms_days": 30},
    ),
    ("delivery", "delivery", {"confirmed_on": "2026-11-23"}),
)


def calculation(visit: Visit) -> Response:
    """Show the rules with examples computed by the functions that bill."""
    return visit.page(
        "usage/calculation.html",
        examples=_examples(),
        from_confirmation=billed_from_confirmation(visit),
    )


@cache
def _examples() -> tuple[tuple[str, str, str, dict[str, Any]], ...]:
    """Give name, topic, case as text, and answer of each example: they follow from code alone."""
    return tuple(
        (name, topic, json.dumps(case, indent=1), explain(topic, json.dumps(case).encode()))
        for name, topic, case in EXAMPLES
    )
