"""The sheet under a document: fonts, colours, the company at head and foot of every page."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos

from chalicelib.foundation.settings import Company
from chalicelib.texts.french_text import HARD, grouped_digits

_FONTS = Path(__file__).parent / "fonts"
_FONT_FILES = {
    "inter": "Inter-Regular.ttf",
    "inter-semibold": "Inter-SemiBold.ttf",
    "inter-bold": "Inter-Bold.ttf",
}
_REGULAR, _SEMIBOLD, _BOLD = _FONT_FILES

Colour = tuple[int, int, int]
Alignment = Literal["L", "R"]

_INK: Colour = (22, 32, 58)
_MUTED: Colour = (86, 96, 120)
_LINE: Colour = (215, 220, 230)
_SOFT: Colour = (245, 247, 250)
_BRAND: Colour = (36, 68, 200)

PADDING = 1.5  # millimetres inside a cell
_MARGIN, _FOOT = 18.0, 22.0  # millimetres
_LOGO_TOP, _LOGO_HEIGHT = 11.0, 12.0  # millimetres; as wide as that makes it
_LEADING = 0.3528 * 1.42  # a point in millimetres, times the distance between lines


@dataclass(frozen=True)
class Style:
    """A way of writing; ``size`` in points."""

    font: str
    size: float
    colour: Colour = _INK

    @property
    def line_height(self) -> float:
        """Millimetres from a line to the next."""
        return self.size * _LEADING


TITLE = Style(_BOLD, 17)
SUBTITLE = Style(_REGULAR, 10, _MUTED)
HEADING = Style(_SEMIBOLD, 11)
BODY = Style(_REGULAR, 9)
BODY_STRONG = Style(_SEMIBOLD, 9)
TOTAL = Style(_BOLD, 12)
SMALL = Style(_REGULAR, 7.5, _MUTED)
LABEL = Style(_SEMIBOLD, 7.5, _MUTED)
COLUMN_HEAD = Style(_SEMIBOLD, 6.5, _MUTED)
_FOOT_TEXT = Style(_REGULAR, 6.5, _MUTED)
_NAME = Style(_BOLD, 11, _BRAND)


class Paper(FPDF):
    """A4 with the company at head and foot of every page."""

    def __init__(
        self, company: Company, title: str, *, language: str = "fr", logo: bytes = b""
    ) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B")
        self._company = company
        self._title = title
        self._logo = logo
        for family, file in _FONT_FILES.items():
            self.add_font(family, fname=_FONTS / file)
        self.set_title(title)
        self.set_author(company.name)
        self.set_lang("en-GB" if language == "en" else "fr-FR")
        self.set_margins(_MARGIN, 14, _MARGIN)
        self.c_margin = 0
        self.set_line_width(0.2)
        self.set_auto_page_break(auto=True, margin=_FOOT)

    def header(self) -> None:
        """Name the company, by its logo when it has one; after the first page the document too."""
        self._use(_NAME)
        if self._logo and self.page_no() == 1:
            self.image(
                BytesIO(self._logo),
                x=self.l_margin,
                y=_LOGO_TOP,
                h=_LOGO_HEIGHT,
                alt_text=self._company.name,
            )
            self.set_xy(self.l_margin, _LOGO_TOP + _LOGO_HEIGHT + 3)
            return
        self.cell(self.epw / 2, 6, self._company.name)
        if self.page_no() > 1:
            self._use(SMALL)
            self.cell(self.epw / 2, 6, self._title, align="R")
        self.ln(11)

    def footer(self) -> None:
        """Identify the company and number the page."""
        company = self._company
        self.set_y(-_FOOT + 6)
        self._use(_FOOT_TEXT)
        identity = (
            f"{company.name}, {company.legal_form} au capital de {company.capital}, "
            f"{company.address}, {company.postal_code} {company.city} · "
            f"RCS {company.rcs_city} {grouped_digits(company.siren)} · "
            f"TVA {company.vat_number} · {company.email}"
        )
        self.multi_cell(self.epw - 24, 3.2, identity, align="L", new_x=XPos.LMARGIN, new_y=YPos.TOP)
        # Set from the left: fpdf2 reserves more for the number of pages than it takes.
        number = f"Page{HARD}{self.page_no()} / "
        width = self.get_string_width(number + "00")
        self.set_xy(self.l_margin + self.epw - width, -_FOOT + 6)
        self.cell(width, 3.2, number + "{nb}")

    def write_block(
        self, text: str, style: Style, *, width: float = 0, align: Alignment = "L", gap: float = 0
    ) -> None:
        """Write text over as many lines as the width asks for, then leave a gap."""
        self._use(style)
        self.multi_cell(
            width,
            style.line_height,
            text,
            align=align,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.WORD,
        )
        if gap:
            self.ln(gap)

    def height_of(self, text: str, style: Style, width: float) -> float:
        """Measure a cell of that width, its padding included."""
        self._use(style)
        lines = self.multi_cell(
            width - 2 * PADDING, text=text, dry_run=True, output=MethodReturnValue.LINES, align="L"
        )
        return max(1, len(lines)) * style.line_height + 2 * PADDING  # type: ignore[arg-type]

    def rule(self, indent: float = 0) -> None:
        """Draw a thin line across the page, from ``indent`` millimetres on."""
        self.set_draw_color(*_LINE)
        left, right = self.l_margin + indent, self.l_margin + self.epw
        self.line(left, self.get_y(), right, self.get_y())

    def band(self, width: float, height: float) -> None:
        """Lay a soft background under what is written next."""
        self.set_fill_color(*_SOFT)
        self.rect(self.l_margin, self.get_y(), width, height, style="F")

    def keep_together(self, height: float) -> None:
        """Go to the next page unless ``height`` millimetres are left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def _use(self, style: Style) -> None:
        self.set_font(style.font, size=style.size)
        self.set_text_color(*style.colour)
