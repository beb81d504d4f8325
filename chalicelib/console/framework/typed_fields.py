"""Reads the fields of an operator's form one by one, so that all that is wrong is told at once."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from chalicelib.foundation.errors import FieldErrors

_WHOLE = "Indiquez un nombre entier."
_MOST_DIGITS = 6
_PERCENT = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)


class TypedFields:
    """Fields as typed; ``errors`` are those found so far, by name.

    A field that cannot be read gives a value without meaning: call ``require_right`` before use.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self.errors: dict[str, str] = {}

    def require_right(self) -> None:
        """Raise FieldErrors when a field could not be read."""
        if self.errors:
            raise FieldErrors(self.errors)

    def number(self, name: str, default: int | None = None) -> int:
        """Read a whole number; an empty field is ``default``, if there is one."""
        text = "".join(self._fields.get(name, "").split())
        if not text and default is not None:
            return default
        return self._whole(name, [text])[0]

    def numbers(self, name: str) -> tuple[int, ...]:
        """Read whole numbers set apart by spaces or commas."""
        words = self._fields.get(name, "").replace(",", " ").split()
        return self._whole(name, words or [""])

    def _whole(self, name: str, words: list[str]) -> tuple[int, ...]:
        if all(w.isascii() and w.isdecimal() and len(w) <= _MOST_DIGITS for w in words):
            return tuple(map(int, words))
        self.errors[name] = _WHOLE
        return (0,)

    def percent(self, name: str) -> Decimal:
        """Read a percentage, in French or plain form."""
        plain = "".join(self._fields.get(name, "").replace("%", "").split()).replace(",", ".")
        if _PERCENT.fullmatch(plain):
            return Decimal(plain)
        self.errors[name] = "Indiquez un pourcentage, par exemple 10 ou 12,5."
        return Decimal(0)

    def percent_if_any(self, name: str) -> Decimal | None:
        """Read a percentage that may be left out."""
        return self.percent(name) if self._fields.get(name, "").strip() else None

    def day(self, name: str) -> date:
        """Read a date as browsers send it."""
        try:
            return date.fromisoformat(self._fields.get(name, ""))
        except ValueError:
            self.errors[name] = "Indiquez une date."
            return date.min
