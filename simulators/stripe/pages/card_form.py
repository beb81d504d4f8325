"""Reading the card form of the hosted page: each wrong field named, in the client's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulators.stripe.objects.cards import has_expired, has_valid_check_digit
from simulators.stripe.pages.hosted_checkout import TypedCard

_CENTURY = 2000
_LAST_MONTH = 12


@dataclass
class CardForm:
    """What was typed, to be shown again, and the errors beside each field."""

    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    card: TypedCard | None = None


def read_card_form(form: Mapping[str, str], now: datetime, words: dict[str, Any]) -> CardForm:
    """Read the form; `card` is None when a field is wrong."""
    typed = {name: form.get(name, "").strip() for name in ("number", "expiry", "name")}
    result = CardForm(typed)
    number = re.sub(r"[\s-]", "", typed["number"])
    if not re.fullmatch(r"[0-9]{13,19}", number) or not has_valid_check_digit(number):
        result.errors["number"] = words["number_wrong"]
    expiry = _expiry(typed["expiry"])
    if expiry is None:
        result.errors["expiry"] = words["expiry_wrong"]
    elif has_expired(*expiry, now):
        result.errors["expiry"] = words["expiry_past"]
    if not re.fullmatch(r"[0-9]{3,4}", form.get("cvc", "").strip()):
        result.errors["cvc"] = words["cvc_wrong"]
    if not typed["name"]:
        result.errors["name"] = words["name_missing"]
    if not result.errors and expiry is not None:
        result.card = TypedCard(number, *expiry, typed["name"])
    return result


def _expiry(text: str) -> tuple[int, int] | None:
    """Read `12/30`, `12 / 2030` or `1230` as a month and a year."""
    found = re.fullmatch(r"([0-9]{2})\s*[/-]?\s*(20)?([0-9]{2})", text)
    if found is None or not 1 <= int(found[1]) <= _LAST_MONTH:
        return None
    return int(found[1]), _CENTURY + int(found[3])
