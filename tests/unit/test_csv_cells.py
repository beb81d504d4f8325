"""What spreadsheets must not take for a formula."""

import pytest

from chalicelib.foundation.csv_cells import text_cell


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+33", "-1", "@SUM(A1)", "\t=1", "＝1"])  # noqa: RUF001
def test_a_formula_is_written_as_a_text(text: str) -> None:
    assert text_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "VIR-77", "Atelier=Lumen", "F-2026-000001"])
def test_another_text_stays_as_it_is(text: str) -> None:
    assert text_cell(text) == text
