"""Flat dataclasses as JSON and back.

Text, whole and decimal numbers, days, instants, words of an enumeration, and tuples of numbers.
"""

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from chalicelib.foundation.instants import instant, iso

T = TypeVar("T")
_KEYS = {"version"}


def to_json(thing: Any) -> dict[str, Any]:
    """Write a dataclass; its version is the record's."""
    return {
        field.name: _plain(getattr(thing, field.name))
        for field in fields(thing)
        if field.name not in _KEYS
    }


def from_json(kind: type[T], body: dict[str, Any], version: int | None = None) -> T:
    """Read what ``to_json`` wrote; what it did not know yet gets its default."""
    make: Any = kind
    readers = _readers(make)
    known = {name: readers[name](value) for name, value in body.items() if name in readers}
    made: T = make(**known) if version is None else make(**known, version=version)
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, StrEnum) else value


@cache
def _readers(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> Any:
    if isinstance(hint, UnionType):
        (inner,) = [one for one in get_args(hint) if one is not NoneType]
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if hint is datetime:
        return instant
    if hint is date:
        return date.fromisoformat
    if hint in {int, Decimal}:
        return hint
    if get_origin(hint) is tuple:
        return tuple
    return hint if isinstance(hint, type) and issubclass(hint, StrEnum) else lambda value: value
