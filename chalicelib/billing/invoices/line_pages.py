"""Documents too large for one record: their lines are kept in further ones, read back whole.

A DynamoDB item holds 400 KB; thousands of desktops make more.  The pages of lines are named by
their digest, so that a draft and the invoice it becomes share them, and writing them before the
commit that counts changes nothing issued: a page is never altered, only added.
"""

import hashlib
from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct, json

D = TypeVar("D")
T = TypeVar("T")

# Up to some 600 bytes a line: two fifths of what an item holds, some 240 KB a page.
LINES_INLINE = 250
LINES_A_PAGE = 400


class Paged(Struct, Generic[D], frozen=True, array_like=True):
    """A document as it is kept, with the sort keys of its pages when its lines are not in it."""

    document: D
    lines: tuple[str, ...] = ()
    charges: tuple[str, ...] = ()


class Page(Struct, Generic[T], frozen=True, array_like=True):
    """Some lines of a large document."""

    lines: tuple[T, ...]


def is_large(*parts: Sequence[object]) -> bool:
    """Tell whether a document has more lines than its record is to hold."""
    return sum(map(len, parts)) > LINES_INLINE


def pages_of(name: str, lines: Sequence[T]) -> dict[str, Page[T]]:
    """Spread lines over pages, by their sort keys."""
    digest = hashlib.sha256(json.encode(lines)).hexdigest()[:32]
    return {
        f"LINES#{name}#{digest}#{start // LINES_A_PAGE:04d}": Page(
            tuple(lines[start : start + LINES_A_PAGE])
        )
        for start in range(0, len(lines), LINES_A_PAGE)
    }
