"""Objects with a value in every field, none of them a default: storage must bring all back."""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NewType, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from chalicelib.foundation.civil_time import BillingMonth

T = TypeVar("T")
_MOMENT = datetime(2026, 10, 25, 0, 59, 59, 120_003, UTC)  # Paris goes over to winter time
_DAY = date(2028, 2, 29)


def filled(kind: type[T], /, **given: Any) -> T:
    """Make one with every field filled, in versions nobody has written yet."""
    return _made(kind, given, sparse=False)


def sparse(kind: type[T], /, **given: Any) -> T:
    """Make one with nothing but what has no default."""
    return _made(kind, given, sparse=True)


def _made(kind: type[T], given: dict[str, Any], *, sparse: bool) -> T:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for rank, field in enumerate(_fields(kind)):
        optional = field.default is not _none(kind) or field.default_factory is not _none(kind)
        if field.name in given:
            values[field.name] = given[field.name]
        elif field.name != "version" and not (sparse and optional):
            values[field.name] = _value(hints[field.name], field.name, rank)
    return kind(**values)


def _fields(kind: Any) -> Any:
    return fields(kind) if is_dataclass(kind) else msgspec.structs.fields(kind)


def _none(kind: Any) -> Any:
    return MISSING if is_dataclass(kind) else msgspec.NODEFAULT


def _value(hint: Any, name: str, rank: int) -> Any:
    """Give a value of a type, another for each rank."""
    origin, parts = get_origin(hint), get_args(hint)
    if isinstance(hint, NewType):
        return _value(hint.__supertype__, name, rank)
    if origin is Literal:
        return parts[0]
    if isinstance(hint, types.UnionType):
        return _value(next(part for part in parts if part is not type(None)), name, rank)
    if origin in {tuple, frozenset}:
        inner = parts[:1] * 2 if parts[-1] is Ellipsis else parts
        return origin(_value(part, name, rank + n) for n, part in enumerate(inner))
    return {name: _value(parts[1], name, rank)} if origin is dict else _plain(hint, name, rank)


def _plain(hint: Any, name: str, rank: int) -> Any:
    is_struct = isinstance(hint, type) and issubclass(hint, msgspec.Struct)
    if (is_dataclass(hint) or is_struct) and hint is not BillingMonth:
        return filled(hint)  # type: ignore[type-var]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)[-1]
    made: dict[Any, Any] = {
        str: f"{name} n° {rank} – « l’été » & <œ>",
        int: 1_000_000 + rank,
        bool: True,
        date: _DAY + timedelta(days=rank),
        datetime: _MOMENT + timedelta(hours=rank),
        Decimal: Decimal("8.50") + rank,
        BillingMonth: BillingMonth(2026, 12),
    }
    return made[hint]
