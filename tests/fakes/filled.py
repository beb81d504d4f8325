"""Objects with a value in every field, none of them a default: storage must bring all back."""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NewType, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Struct, structs

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
    for rank, (name, optional) in enumerate(_fields(kind)):
        if name in given:
            values[name] = given[name]
        elif name != "version" and not (sparse and optional):
            values[name] = _value(hints[name], name, rank)
    return kind(**values)


def _fields(kind: Any) -> list[tuple[str, bool]]:
    """Name the fields of a type, and tell which have a default."""
    if is_dataclass(kind):
        return [
            (each.name, each.default is not MISSING or each.default_factory is not MISSING)
            for each in fields(kind)
        ]
    return [(each.name, not each.required) for each in structs.fields(kind)]


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
    if hint is not BillingMonth and (is_dataclass(hint) or issubclass(hint, Struct)):
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
