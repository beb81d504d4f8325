"""Pages of paper: the documents the company hands over, drawn by fpdf2 with embedded fonts.

The same content gives the same bytes: nothing is read from the clock or drawn at random, so a
document made twice, after a crash say, is one document (LEG-4, BIL-11).

Import this module inside the function that draws: fpdf2 is slow to import and no page needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.foundation.pdf_paper import (
    BODY,
    BODY_STRONG,
    COLUMN_HEAD,
    HEADING,
    LABEL,
    PADDING,
    SMALL,
    SUBTITLE,
    TITLE,
    TOTAL,
    Alignment,
    Paper,
    Style,
)
from chalicelib.foundation.settings import Company


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and where its cells stand."""

    title: str
    share: float
    align: Alignment = "L"


@dataclass(frozen=True)
class Row:
    """One line of a table; ``note`` is written small under the first cell."""

    cells: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Group:
    """A full-width line that names the rows below it."""

    title: str


@dataclass(frozen=True)
class Total:
    """A line of the block of totals."""

    label: str
    value: str
    strong: bool = False


class PdfDocument:
    """A document being drawn from top to bottom; ``content()`` ends it.

    ``created_at`` (UTC) is the instant of the fact the document tells, never the time of drawing.
    Factur-X (BIL-11) will attach its XML and make this PDF/A-3 in ``content()``.
    """

    def __init__(self, *, title: str, company: Company, created_at: datetime) -> None:
        self._paper = Paper(company, title)
        self._paper.set_creation_date(created_at)
        self._paper.add_page()

    @property
    def _width(self) -> float:
        return self._paper.epw

    def title(self, text: str, subtitle: str = "") -> None:
        """Write the document's name, with an optional line below."""
        self._paper.write_block(text, TITLE, gap=0.5)
        if subtitle:
            self._paper.write_block(subtitle, SUBTITLE)
        self._paper.ln(4)

    def heading(self, text: str) -> None:
        """Start a part of the document; never left alone at the foot of a page."""
        self._paper.keep_together(18)
        self._paper.ln(3)
        self._paper.write_block(text, HEADING, gap=1.5)

    def paragraph(self, text: str, *, strong: bool = False) -> None:
        """Write running text."""
        self._paper.write_block(text, BODY_STRONG if strong else BODY, gap=1.5)

    def parties(self, left: tuple[str, Sequence[str]], right: tuple[str, Sequence[str]]) -> None:
        """Set two addresses side by side: a label, then lines of which the first is the name."""
        paper, top, width = self._paper, self._paper.get_y(), self._width / 2 - 4
        bottoms = []
        for number, (label, lines) in enumerate((left, right)):
            x = paper.l_margin + number * (width + 8)
            paper.set_xy(x, top)
            self._paper.write_block(label.upper(), LABEL, width=width, gap=0.5)
            for position, line in enumerate(line for line in lines if line):
                paper.set_x(x)
                self._paper.write_block(line, BODY if position else BODY_STRONG, width=width)
            bottoms.append(paper.get_y())
        paper.set_xy(paper.l_margin, max(bottoms) + 4)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show labelled values in columns, four to a line, between two rules."""
        self._paper.rule()
        per_line = min(4, len(facts))
        for start in range(0, len(facts), per_line):
            self._facts_line(facts[start : start + per_line], self._width / per_line)
        self._paper.rule()
        self._paper.ln(4)

    def _facts_line(self, facts: Sequence[tuple[str, str]], width: float) -> None:
        paper, top = self._paper, self._paper.get_y() + 2
        bottoms = []
        for number, (label, value) in enumerate(facts):
            x = paper.l_margin + number * width
            paper.set_xy(x, top)
            self._paper.write_block(label, SMALL, width=width - 3)
            paper.set_x(x)
            self._paper.write_block(value, BODY_STRONG, width=width - 3)
            bottoms.append(paper.get_y())
        paper.set_xy(paper.l_margin, max(bottoms) + 2)

    def table(self, columns: Sequence[Column], rows: Sequence[Row | Group]) -> None:
        """Draw a table; its head is repeated on every page it runs over."""
        total = sum(column.share for column in columns)
        widths = [self._width * column.share / total for column in columns]
        self._paper.keep_together(26)
        self._head(columns, widths)
        for number, row in enumerate(rows):
            height = self._row_height(row, widths)
            # The name of a group stays with its first row.
            following = rows[number + 1 : number + 2] if isinstance(row, Group) else ()
            needed = height + sum(self._row_height(after, widths) for after in following)
            if self._paper.will_page_break(needed):
                self._paper.add_page()
                self._head(columns, widths)
            self._row(row, columns, widths, height)
        self._paper.ln(3)

    def _head(self, columns: Sequence[Column], widths: Sequence[float]) -> None:
        cells = tuple(column.title.upper() for column in columns)
        height = max(
            self._paper.height_of(text, COLUMN_HEAD, width)
            for text, width in zip(cells, widths, strict=True)
        )
        self._cells(cells, columns, widths, height, style=COLUMN_HEAD)

    def _row(
        self, row: Row | Group, columns: Sequence[Column], widths: Sequence[float], height: float
    ) -> None:
        paper, top = self._paper, self._paper.get_y()
        if isinstance(row, Group):
            paper.band(self._width, height)
            self._cells((row.title,), columns[:1], [self._width], height, style=BODY_STRONG)
            return
        self._cells(row.cells, columns, widths, height, style=BODY)
        if row.note:
            first = self._paper.height_of(row.cells[0], BODY, widths[0]) - PADDING
            paper.set_xy(paper.l_margin + PADDING, top + first)
            self._paper.write_block(row.note, SMALL, width=widths[0] - 2 * PADDING)
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
            self._paper.write_block(text, style, width=inner, align=column.align)
            x += width
        paper.set_xy(paper.l_margin, top + height)
        self._paper.rule()

    def _row_height(self, row: Row | Group, widths: Sequence[float]) -> float:
        if isinstance(row, Group):
            return self._paper.height_of(row.title, BODY_STRONG, self._width)
        heights = [
            self._paper.height_of(text, BODY, width)
            for text, width in zip(row.cells, widths, strict=True)
        ]
        if row.note:
            heights[0] += self._paper.height_of(row.note, SMALL, widths[0]) - 2 * PADDING
        return max(heights)

    def totals(self, totals: Sequence[Total]) -> None:
        """Draw the block of totals at the right, on one page."""
        paper, left = self._paper, self._width * 0.46
        self._paper.keep_together(8.0 * len(totals) + 4)
        for total in totals:
            style = TOTAL if total.strong else BODY
            if total.strong:
                paper.ln(0.8)
                paper.rule(left)
                paper.ln(0.8)
            top = paper.get_y()
            paper.set_x(paper.l_margin + left)
            self._paper.write_block(total.label, style, width=(self._width - left) * 0.62)
            bottom = paper.get_y()
            paper.set_xy(paper.l_margin + left + (self._width - left) * 0.62, top)
            self._paper.write_block(
                total.value, style, width=(self._width - left) * 0.38 - PADDING, align="R"
            )
            paper.set_xy(paper.l_margin, max(bottom, paper.get_y()) + 1.2)
        paper.ln(3)

    def legal(self, paragraphs: Sequence[str]) -> None:
        """Write the mentions the law asks for, small."""
        for text in paragraphs:
            self._paper.keep_together(self._paper.height_of(text, SMALL, self._width))
            self._paper.write_block(text, SMALL, gap=1)

    def content(self) -> bytes:
        """End the document and give its bytes."""
        return bytes(self._paper.output())
