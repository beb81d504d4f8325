"""Documents too large for one record: their lines are kept in further ones, read back whole.

A DynamoDB item holds 400 KB; thousands of desktops make more.  The pages of lines are named by
their digest, so that a draft and the invoice it becomes share them, and writing them before the
commit that counts changes nothing issued: a page is never altered, only added.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]

# About 600 bytes a line: two fifths of what an item holds, some 240 KB a page.
LINES_INLINE = 250
LINES_A_PAGE = 400
_PAGED = ("lines", "charges")


def split(content: Json) -> tuple[Json, dict[str, list[Json]]]:
    """Take the lines out of a large document: what is left, and the pages by their sort key."""
    if sum(len(content.get(name, ())) for name in _PAGED) <= LINES_INLINE:
        return content, {}
    pages: dict[str, list[Json]] = {}
    left = dict(content)
    for name in _PAGED:
        lines = content.get(name, [])
        digest = hashlib.sha256(json.dumps(lines, sort_keys=True).encode()).hexdigest()[:32]
        keys = []
        for start in range(0, len(lines), LINES_A_PAGE):
            key = f"LINES#{name}#{digest}#{start // LINES_A_PAGE:04d}"
            pages[key] = lines[start : start + LINES_A_PAGE]
            keys.append(key)
        left[name] = []
        left[f"{name}_pages"] = keys
    return left, pages


def whole(content: Json, page: Callable[[str], Iterable[Json]]) -> Json:
    """Put a document together again; ``page`` reads the lines kept under a key."""
    if not any(f"{name}_pages" in content for name in _PAGED):
        return content
    read = dict(content)
    for name in _PAGED:
        read[name] = [line for key in read.pop(f"{name}_pages", ()) for line in page(key)]
    return read
