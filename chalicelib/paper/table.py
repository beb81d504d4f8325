"""Tables on paper: the head repeated on each page, sums carried from one page to the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.paper.sheet import (
    BODY,
    BODY_STRONG,
    COLUMN_HEAD,
    PADDING,
    SMALL,
    Alignment,
    Paper,
    Style,
)


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and where its cells stand."""

    title: str
    share: float
    align: Alignment = "L"


@dataclass(frozen=True)
class Row:
    """One line of a table; ``note`` is written small under the first cell.

    ``cents`` is what the line adds to the sum that is carried to the next page.
    """

    cells: tuple[str, ...]
    note: str = ""
    cents: int = 0


@dataclass(frozen=True)
class Group:
    """A full-width line that names the rows below it."""

    title: str


@dataclass(frozen=True)
class Carried:
    """How a sum is carried: what is written at the foot of a page, at the head of the next."""

    forward: str
    brought: str
    amount: Callable[[int], str]


class Table:
    """Draws a table on a paper."""

    def __init__(self, paper: Paper, columns: Sequence[Column], carried: Carried | None) -> None:
        self._paper = paper
        self._columns = columns
        self._carried = carried
        self._width = paper.epw
        total = sum(column.share for column in columns)
        self._widths = [self._width * column.share / total for column in columns]

    def draw(self, rows: Sequence[Row | Group]) -> None:
        """Draw the rows; the head is repeated on every page they run over."""
        self._paper.keep_together(26)
        self._head()
        sum_cents = 0
        for number, row in enumerate(rows):
            height = self._height(row)
            # The name of a group stays with its first row.
            following = rows[number + 1 : number + 2] if isinstance(row, Group) else ()
            needed = height + sum(self._height(after) for after in following)
            # Unless it is the last: then nothing is carried.
            if self._carried and number < len(rows) - 1:
                needed += self._carried_height
            if self._paper.will_page_break(needed):
                self._carry(sum_cents, forward=True)
                self._paper.add_page()
                self._head()
                self._carry(sum_cents, forward=False)
            self._row(row, height)
            sum_cents += row.cents if isinstance(row, Row) else 0
        self._paper.ln(3)

    @property
    def _carried_height(self) -> float:
        return self._paper.height_of("0", BODY_STRONG, self._width)

    def _carry(self, cents: int, *, forward: bool) -> None:
        if self._carried is None or not cents:
            return
        label = self._carried.forward if forward else self._carried.brought
        first, last = self._width - self._widths[-1], self._widths[-1]
        columns = (Column("", 1, "R"), Column("", 1, "R"))
        texts = (label, self._carried.amount(cents))
        self._cells(texts, columns, [first, last], self._carried_height, style=BODY_STRONG)

    def _head(self) -> None:
        cells = tuple(column.title.upper() for column in self._columns)
        height = max(
            self._paper.height_of(text, COLUMN_HEAD, width)
            for text, width in zip(cells, self._widths, strict=True)
        )
        self._cells(cells, self._columns, self._widths, height, style=COLUMN_HEAD)

    def _row(self, row: Row | Group, height: float) -> None:
        paper, top = self._paper, self._paper.get_y()
        if isinstance(row, Group):
            paper.band(self._width, height)
            title = (row.title,)
            self._cells(title, self._columns[:1], [self._width], height, style=BODY_STRONG)
            return
        self._cells(row.cells, self._columns, self._widths, height, style=BODY)
        if row.note:
            first = paper.height_of(row.cells[0], BODY, self._widths[0]) - PADDING
            paper.set_xy(paper.l_margin + PADDING, top + first)
            paper.write_block(row.note, SMALL, width=self._widths[0] - 2 * PADDING)
            paper.set_xy(paper.l_margin, top + height)

    def _cells(
        self,
        cells: Sequence[str],
        columns: Sequence[Column],
        widths: Sequence[float],
        height: float,
        *,
        style: Style,
    ) -> None:
        paper, top, x = self._paper, self._paper.get_y(), self._paper.l_margin
        for text, column, width in zip(cells, columns, widths, strict=True):
            paper.set_xy(x + PADDING, top + PADDING)
            inner = width - 2 * PADDING
            paper.write_block(text, style, width=inner, align=column.align)
            x += width
        paper.set_xy(paper.l_margin, top + height)
        paper.rule()

    def _height(self, row: Row | Group) -> float:
        if isinstance(row, Group):
            return self._paper.height_of(row.title, BODY_STRONG, self._width)
        heights = [
            self._paper.height_of(text, BODY, width)
            for text, width in zip(row.cells, self._widths, strict=True)
        ]
        if row.note:
            heights[0] += self._paper.height_of(row.note, SMALL, self._widths[0]) - 2 * PADDING
        return max(heights)
