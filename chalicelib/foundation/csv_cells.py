"""Cells of the files that spreadsheets open (CON-1, PAY-4, EVD-2)."""

# What a spreadsheet takes for the beginning of a formula, wide forms of some keyboards included.
_FORMULA = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001


def text_cell(text: str) -> str:
    """Give a text that somebody else typed, such that no spreadsheet takes it for a formula."""
    return "'" + text if text[:1] in _FORMULA and text else text
