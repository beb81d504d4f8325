"""Pages of paper: the documents the company hands over, drawn by fpdf2 with embedded fonts.

The same content gives the same bytes: nothing is read from the clock or drawn at random, so a
document made twice, after a crash say, is one document (LEG-4, BIL-11).

Import this module inside the function that draws: fpdf2 is slow to import and no page needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.foundation.settings import Company
from chalicelib.paper.metadata import xmp
from chalicelib.paper.sheet import (
    BODY,
    BODY_STRONG,
    HEADING,
    LABEL,
    PADDING,
    SMALL,
    SUBTITLE,
    TITLE,
    TOTAL,
    Paper,
)
from chalicelib.paper.table import Carried, Column, Group, Row, Table

__all__ = ["Carried", "Column", "Group", "PdfDocument", "Row", "Total"]

_CREATOR, _PRODUCER = "Omny Console", "fpdf2"


@dataclass(frozen=True)
class Total:
    """A line of the block of totals."""

    label: str
    value: str
    strong: bool = False


class PdfDocument:
    """A PDF/A-3B being drawn from top to bottom; ``content()`` ends it.

    ``created_at`` (UTC) is the instant of the fact the document tells, never the time of drawing.
    ``logo`` is the company's, a PNG or SVG, shown at the head of the first page.
    """

    def __init__(
        self,
        *,
        title: str,
        company: Company,
        created_at: datetime,
        language: str = "fr",
        logo: bytes = b"",
    ) -> None:
        self._paper = Paper(company, title, language=language, logo=logo)
        self._paper.set_creation_date(created_at)
        self._paper.set_creator(_CREATOR)
        self._paper.set_producer(_PRODUCER)
        self._title, self._author, self._created_at = title, company.name, created_at
        self._facturx_file = ""
        self._paper.add_page()

    def embed_invoice(self, xml: bytes, file_name: str, description: str) -> None:
        """Embed the invoice as data, the same as what is drawn (Factur-X)."""
        self._facturx_file = file_name
        self._paper.embed_file(
            bytes=xml,
            basename=file_name,
            mime_type="text/xml",
            associated_file_relationship="Alternative",
            creation_date=self._created_at,
            modification_date=self._created_at,
            desc=description,
            compress=True,
        )

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

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row | Group],
        *,
        carried: Carried | None = None,
    ) -> None:
        """Draw a table; over several pages, its head is repeated and its sum carried."""
        Table(self._paper, columns, carried).draw(rows)

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
        self._paper.set_xmp_metadata(
            xmp(
                title=self._title,
                author=self._author,
                creator=_CREATOR,
                producer=_PRODUCER,
                created_at=self._created_at,
                facturx_file=self._facturx_file,
            )
        )
        return bytes(self._paper.output())
