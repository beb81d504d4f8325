"""What spreadsheets must not take for a formula."""

import pytest

from chalicelib.foundation.csv_cells import euros_cell, text_cell
from chalicelib.payments.money.claim import ClaimKind
from chalicelib.payments.money.ledger import SettlementKind
from chalicelib.payments.statements.csv_words import nature_of


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+33", "-1", "@SUM(A1)", "\t=1", "＝1"])  # noqa: RUF001
def test_a_formula_is_written_as_a_text(text: str) -> None:
    assert text_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "VIR-77", "Atelier=Lumen", "F-2026-000001"])
def test_another_text_stays_as_it_is(text: str) -> None:
    assert text_cell(text) == text


def test_amounts_have_a_decimal_comma() -> None:
    assert [euros_cell(cents) for cents in (0, 5, -1205)] == ["0,00", "0,05", "-12,05"]


def test_every_line_of_a_statement_has_a_word_for_accountants() -> None:
    kinds = [*SettlementKind, "invoice", *(f"claim_{kind}" for kind in ClaimKind)]
    words = [nature_of(kind) for kind in kinds if kind != SettlementKind.ALLOCATION]
    assert len(words) == len(set(words))
