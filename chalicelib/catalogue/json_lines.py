"""The catalogue as a text for people: written on readable lines, its lines found again (CAT-1)."""

import json
import re
from typing import Any

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_WIDTH = 90


def lines_of(text: str) -> dict[str, int]:
    """Map each place of a valid JSON text (``prices[3].from_on``) to its line, from 1."""
    lines: dict[str, int] = {}
    _walk(text, _skip(text, 0), "", lines)
    return lines


def line_of(place: str, lines: dict[str, int]) -> int | None:
    """Find the line of a place, or of the nearest thing around it that is there."""
    while place:
        if place in lines:
            return lines[place]
        place = re.sub(r"(\[\d+\]|\.?[^.\[\]]+)$", "", place)
    return None


def _walk(text: str, at: int, place: str, lines: dict[str, int]) -> int:
    """Note the value that starts at ``at``; give the position behind it."""
    if place:
        lines[place] = text.count("\n", 0, at) + 1
    if text[at] == "{":
        return _members(text, at, place, lines)
    if text[at] == "[":
        return _items(text, at, place, lines)
    return _DECODER.raw_decode(text, at)[1]


def _members(text: str, at: int, place: str, lines: dict[str, int]) -> int:
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # the colon
        at = _skip(text, _walk(text, at, f"{place}.{name}" if place else name, lines))
        if text[at] == ",":
            at = _skip(text, at + 1)
    return at + 1


def _items(text: str, at: int, place: str, lines: dict[str, int]) -> int:
    at, number = _skip(text, at + 1), 0
    while text[at] != "]":
        at = _skip(text, _walk(text, at, f"{place}[{number}]", lines))
        if text[at] == ",":
            at = _skip(text, at + 1)
        number += 1
    return at + 1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def written(value: Any, indent: int = 0) -> str:
    """Write a document as JSON, what fits on a line staying on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (indent and len(flat) + 2 * indent <= _WIDTH):
        return flat
    pad = "\n" + "  " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {written(each, indent + 1)}" for name, each in value.items()]
        opening, closing = "{}"
    else:
        parts = [written(each, indent + 1) for each in value]
        opening, closing = "[]"
    return opening + pad + f",{pad}".join(parts) + pad[:-2] + closing
