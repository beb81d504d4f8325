"""The dated price list of lost, stolen and damaged OmnyPods (CGV art. 7; POD-2)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from chalicelib.equipment.model.cases import PRICED, Cause
from chalicelib.foundation.errors import FieldErrors

_SEED = Path(__file__).parent / "pod_prices.json"
HIGHEST_CENTS = 5000_00


@dataclass(frozen=True)
class PodPrice:
    """What a cause costs from a Paris day on, in cents excl. VAT."""

    cause: Cause
    from_on: date
    excl_vat_cents: int


@cache
def first_prices() -> tuple[PodPrice, ...]:
    """Give the prices the company began with."""
    rows = json.loads(_SEED.read_text(encoding="utf-8"))
    return tuple(
        PodPrice(Cause(row["cause"]), date.fromisoformat(row["from_on"]), row["excl_vat_cents"])
        for row in rows
    )


def price_on(prices: Iterable[PodPrice], cause: Cause, day: date) -> int | None:
    """Give the price of a cause on a Paris day, None when it had none (POD-2)."""
    begun = [each for each in prices if each.cause is cause and each.from_on <= day]
    return max(begun, key=lambda each: each.from_on).excl_vat_cents if begun else None


def check_new(price: PodPrice, today: date) -> None:
    """Refuse a price that would change a day begun, or that is none.  Raises FieldErrors."""
    errors: dict[str, str] = {}
    if price.cause not in PRICED:
        errors["cause"] = "Choisissez une des possibilités proposées."
    if price.from_on <= today:
        errors["from_on"] = "Un prix ne change que pour les jours à venir, au plus tôt demain."
    if not 0 < price.excl_vat_cents <= HIGHEST_CENTS:
        errors["price"] = "Indiquez un prix entre 0,01 et 5 000 €."
    if errors:
        raise FieldErrors(errors)
