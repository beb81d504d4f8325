"""Cells of the files that spreadsheets open (CON-1, PAY-4, EVD-2).

Files for accountants have semicolons and decimal commas, as French spreadsheets read them.
"""

from chalicelib.foundation.money import from_cents

# What a spreadsheet takes for the beginning of a formula, wide forms of some keyboards included.
_FORMULA = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001


def text_cell(text: str) -> str:
    """Give a text that somebody else typed, such that no spreadsheet takes it for a formula."""
    return "'" + text if text[:1] in _FORMULA and text else text


def euros_cell(cents: int) -> str:
    """Give euros with a decimal comma."""
    return str(from_cents(cents)).replace(".", ",")
