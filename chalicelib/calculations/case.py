"""Reads a case, a JSON object, and refuses what makes no sense, in one sentence."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from chalicelib.foundation.civil_time import PARIS, BillingMonth

T = TypeVar("T")
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?", re.ASCII)
_DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_LONGEST_CASE = 1_000_000  # bytes
_LONGEST_LIST = 1_000
_QUOTED = 60


class BadCaseError(ValueError):
    """The case makes no sense; its text is one sentence that says why."""


def parsed(text: bytes) -> "Case":
    """Read a case.  Raises BadCaseError when it is not one JSON object."""
    if len(text) > _LONGEST_CASE:
        raise BadCaseError(f"the case is longer than {_LONGEST_CASE} bytes")
    try:
        value = json.loads(
            text.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=Decimal,
            object_pairs_hook=_members,
        )
    except BadCaseError:
        raise
    except UnicodeDecodeError as unreadable:
        raise BadCaseError("the case is not written in UTF-8") from unreadable
    except RecursionError as unreadable:
        raise BadCaseError("the case has too many levels") from unreadable
    except ValueError as unreadable:  # JSONDecodeError, and numbers without end
        where = f" (line {unreadable.lineno})" if hasattr(unreadable, "lineno") else ""
        raise BadCaseError(f"the case is not JSON{where}") from unreadable
    if not isinstance(value, dict):
        raise BadCaseError("the case is one JSON object, between { and }")
    return Case(value)


class Case:
    """The members of a JSON object, each read as what it has to be."""

    def __init__(self, members: Mapping[str, Any], place: str = "") -> None:
        self._members = members
        self._place = place

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def only(self, *names: str) -> None:
        """Refuse members that are not among these: a misspelt one would be passed over."""
        for name in self._members:
            if name not in names:
                raise BadCaseError(f"{quoted(self._place + name)} is not known here")

    def refuse(self, name: str, why: str) -> NoReturn:
        """Refuse a member."""
        raise BadCaseError(f"{self._place}{name} {why}")

    def text(self, name: str, among: Collection[str]) -> str:
        """Read one of some words."""
        value = self._required(name)
        if not isinstance(value, str) or value not in among:
            self.refuse(name, f"is one of {', '.join(among)}, not {quoted(value)}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Read true or false."""
        value = self._members.get(name, default)
        if not isinstance(value, bool):
            self.refuse(name, f"is true or false, not {quoted(value)}")
        return value

    def number(self, name: str, most: int, default: int) -> int:
        """Read a whole number, zero or more."""
        value = self._members.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            self.refuse(name, f"is a whole number from 0 to {most}, not {quoted(value)}")
        return value

    def amount(self, name: str) -> Decimal:
        """Read euros, not negative, such as "29.90"."""
        return self._decimal(name, "an amount in euros", '"29.90"')

    def percent(self, name: str) -> Decimal:
        """Read a percentage from 0 to 100, such as "20" or "8.5"."""
        value = self._decimal(name, "a percentage", '"20"')
        if value > 100:  # noqa: PLR2004
            self.refuse(name, f"is at most 100, not {quoted(self._members[name])}")
        return value

    def month(self, name: str) -> BillingMonth:
        """Read a month such as "2026-02"."""
        return self._parsed(name, BillingMonth.parse, 'a month such as "2026-02"')

    def day(self, name: str) -> date:
        """Read a day such as "2026-11-23"."""
        return self._parsed(name, _day, 'a day such as "2026-11-23"')

    def instant(self, name: str) -> datetime:
        """Read an instant, in UTC; without an offset it is Paris wall time."""
        return self._parsed(
            name, _instant, 'an instant such as "2026-02-10T09:00", in Paris or with its offset'
        )

    def is_null(self, name: str) -> bool:
        """Tell whether a member is absent or null."""
        return self._members.get(name) is None

    def cases(self, name: str) -> list["Case"]:
        """Read a list of objects."""
        value = self._required(name)
        if not isinstance(value, list) or len(value) > _LONGEST_LIST:
            self.refuse(name, f"is a list of at most {_LONGEST_LIST} objects")
        for number, member in enumerate(value):
            if not isinstance(member, dict):
                self.refuse(f"{name}[{number}]", f"is an object, not {quoted(member)}")
        return [
            Case(member, f"{self._place}{name}[{number}].") for number, member in enumerate(value)
        ]

    def _required(self, name: str) -> Any:
        if name not in self._members:
            self.refuse(name, "is missing")
        return self._members[name]

    def _decimal(self, name: str, what: str, example: str) -> Decimal:
        value = self._required(name)
        if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
            self.refuse(
                name, f"is {what}, not negative, as text such as {example}: {quoted(value)}"
            )
        return Decimal(value)

    def _parsed(self, name: str, parse: Callable[[str], T], what: str) -> T:
        value = self._required(name)
        if not isinstance(value, str):
            self.refuse(name, f"is {what}, not {quoted(value)}")
        try:
            return parse(value)
        except BadCaseError as refused:
            self.refuse(name, str(refused))
        except (ValueError, OverflowError):
            self.refuse(name, f"is {what}, not {quoted(value)}")


def quoted(value: object) -> str:
    """Show what was given, in ASCII, cut when it is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    """Read an instant.  Of a Paris hour that comes twice, in autumn, the first is meant."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    there = moment.replace(tzinfo=PARIS).astimezone(UTC)
    if there.astimezone(PARIS).replace(tzinfo=None) != moment:
        raise BadCaseError(f"does not exist in Paris: the clocks went past {quoted(text)}")
    return there


def _members(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise BadCaseError(f"{quoted(name)} is given twice")
        members[name] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise BadCaseError(f"{name} is not a number")
