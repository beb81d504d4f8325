"""The values that people type in forms: each kind is read one way, and refused with one sentence.

They are the types of a form's fields (``forms.py``): ``amount: Annotated[int, euros(MOST_CENTS)]``.
An empty field of a kind "if any" is None.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.foundation.civil_time import PARIS, BillingMonth
from chalicelib.foundation.money import to_cents

# The type of what is said here in full; of pydantic's own errors forms.py knows the sentence.
SAID = "said"
AMOUNT = "Indiquez un montant en euros, avec deux décimales au plus\u00a0: 1300 ou 299,90."
_WHOLE = "Indiquez un nombre entier."
_INSTANT = "Donnez un jour et une heure, par exemple 2026-11-20 18:30."
_MOST_DIGITS = 6
_EUROS = re.compile(r"(-?)([0-9]{1,15}(?:[.,][0-9]{1,2})?)", re.ASCII)
_PERCENT = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def euros(most_cents: int) -> PlainValidator:
    """Read euros typed in French or plain form, as cents, up to a limit.

    Spaces may set thousands apart; a dot or a comma never does: "1,000" is one euro to some, a
    thousand to others, and is refused.
    """

    def read(typed: Any) -> int:
        found = _EUROS.fullmatch(_packed(typed).replace("€", ""))
        if found is None:
            raise _said(AMOUNT)
        minus, digits = found.groups()
        cents = to_cents(Decimal(digits.replace(",", ".")))
        if minus or cents > most_cents:
            raise _said("Ce montant n’est pas dans les limites.")
        return cents

    return PlainValidator(read)


def euros_if_any(most_cents: int) -> PlainValidator:
    """Read euros as ``euros`` does, or None for an empty field."""
    return _if_any(euros(most_cents).func)


def whole(
    least: int = 0, most: int = 10**_MOST_DIGITS, *, empty: int | None = None
) -> PlainValidator:
    """Read a whole number between two; an empty field is ``empty``, if that is given."""

    def read(typed: Any) -> int:
        text = _packed(typed)
        if not text and empty is not None:
            return empty
        number = _digits(text)
        if not least <= number <= most:
            small = number < least
            raise _said(f"Ce nombre est trop {'petit' if small else 'grand'}.")
        return number

    return PlainValidator(read)


def whole_if_any(least: int = 0, most: int = 10**_MOST_DIGITS) -> PlainValidator:
    """Read a whole number as ``whole`` does, or None for an empty field."""
    return _if_any(whole(least, most).func)


def text(most: int, *, empty: bool = False) -> StringConstraints:
    """Read a text that is not too long, and that is there unless it may be empty."""
    return StringConstraints(min_length=0 if empty else 1, max_length=most)


def chosen(otherwise: str) -> PlainValidator:
    """Read a choice; where none was made, ``otherwise`` is the sentence."""

    def read(typed: Any) -> str:
        if not (text := str(typed).strip()):
            raise _said(otherwise)
        return text

    return PlainValidator(read)


def ticked(otherwise: str) -> PlainValidator:
    """Read a box that must be ticked; where it is not, ``otherwise`` is the sentence."""

    def read(typed: Any) -> bool:
        if typed != "yes":
            raise _said(otherwise)
        return True

    return PlainValidator(read)


def _said(sentence: str) -> PydanticCustomError:
    return PydanticCustomError(SAID, sentence)


def _packed(typed: Any) -> str:
    return "".join(str(typed).split())


def _digits(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    raise _said(_WHOLE)


def _if_any(read: Callable[..., Any]) -> PlainValidator:
    return PlainValidator(lambda typed: read(typed) if str(typed or "").strip() else None)


def _wholes(typed: Any) -> tuple[int, ...]:
    words = str(typed).replace(",", " ").split()
    return tuple(_digits(word) for word in words or [""])


def _percent(typed: Any) -> Decimal:
    plain = _packed(typed).replace("%", "").replace(",", ".")
    if not _PERCENT.fullmatch(plain):
        raise _said("Indiquez un pourcentage, par exemple 10 ou 12,5.")
    return Decimal(plain)


def read_day(typed: Any) -> date:
    """Read a date as browsers send it.  Raises ValueError."""
    try:
        if _DAY.fullmatch(typed := str(typed).strip()):
            return date.fromisoformat(typed)
    except ValueError:
        pass
    raise _said("Indiquez une date.")


def _month(typed: Any) -> BillingMonth:
    try:
        return BillingMonth.parse(str(typed).strip())
    except ValueError:
        raise _said("Choisissez un mois.") from None


def _instant(typed: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(typed).strip().replace(" ", "T"))
    except ValueError:
        raise _said(_INSTANT) from None
    instant = at.replace(tzinfo=PARIS).astimezone(UTC)
    # An hour that the spring night does not have comes back as another one.
    if at.tzinfo is not None or instant.astimezone(PARIS).replace(tzinfo=None) != at:
        raise _said(_INSTANT)
    return instant


# A box that is not ticked is not sent.
Ticked = Annotated[bool, PlainValidator(lambda typed: typed == "yes")]
Day = Annotated[date, PlainValidator(read_day)]
DayIfAny = Annotated[date | None, _if_any(read_day)]
Month = Annotated[BillingMonth, PlainValidator(_month)]
# A day and an hour of Paris, as an instant.
ParisTime = Annotated[datetime, PlainValidator(_instant)]
# Whole numbers set apart by spaces or commas.
Wholes = Annotated[tuple[int, ...], PlainValidator(_wholes)]
# A percentage, in French or plain form.
Percent = Annotated[Decimal, PlainValidator(_percent)]
PercentIfAny = Annotated[Decimal | None, _if_any(_percent)]
