"""The little Markdown legal documents are written in: titles, paragraphs, lists.

Nothing else is understood: the rest is text, which the template escapes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

_MARKS = (("### ", "h3"), ("## ", "h2"), ("# ", "h1"), ("- ", "list"))


@dataclass(frozen=True)
class Block:
    """A title (``h1``, ``h2``, ``h3``), a paragraph (``p``) or a list; ``lines`` are its items."""

    kind: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of a title or paragraph, on one line."""
        return " ".join(self.lines)


def blocks(markdown: str) -> Iterator[Block]:
    """Read a document's blocks in order."""
    for kind, lines in groupby(markdown.splitlines(), _kind):
        texts = tuple(_unmarked(line) for line in lines)
        if kind == "blank":
            continue
        if kind.startswith("h"):
            yield from (Block(kind, (text,)) for text in texts)
        else:
            yield Block(kind, texts)


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    return next((kind for mark, kind in _MARKS if line.startswith(mark)), "p")


def _unmarked(line: str) -> str:
    for mark, _ in _MARKS:
        if line.startswith(mark):
            return line.removeprefix(mark).strip()
    return line.strip()
