"""Values as people type them into forms: read for what they mean, or refused with a sentence."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, ClassVar

import pytest

from chalicelib.console.framework.fields import Day, Percent, Wholes, euros, text, ticked, whole
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.foundation.errors import FieldErrors

MOST = 10_000_000


class AmountForm(Form):
    amount: Annotated[int, euros(MOST)]


def read_cents(typed: str) -> int:
    return read_form(AmountForm, {"amount": typed, "csrf_token": "x"}).amount


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("40", 4000),
        ("40,5", 4050),
        ("299.90", 29990),
        ("1\u202f300,00\u00a0€", 130_000),
        ("0", 0),
        ("100 000", MOST),
    ],
)
def test_an_amount_is_read_to_the_cent(typed: str, cents: int) -> None:
    assert read_cents(typed) == cents


@pytest.mark.contract("PAY-4", "BIL-5", "BIL-9")
@pytest.mark.parametrize("typed", ["1,000", "1.000", "1.000,00", "2,340", "0,001", "12,345"])
def test_what_may_be_a_thousand_or_one_is_refused(typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_cents(typed)
    assert "deux décimales" in refused.value.errors["amount"]


@pytest.mark.parametrize("typed", ["", "dix", "1e3", "1_000", "\uff11", "NaN", "Infinity", "5,5,5"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_cents(typed)
    assert "Indiquez un montant" in refused.value.errors["amount"]


@pytest.mark.parametrize("typed", ["-1", "100000,01", "9" * 15])
def test_an_amount_beyond_the_limits_is_refused(typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_cents(typed)
    assert "limites" in refused.value.errors["amount"]


class EveryKind(Form):
    families: ClassVar[Mapping[str, str]] = {"quantities": "quantity_"}

    percent: Percent
    days: Wholes
    on: Day
    label: Annotated[str, text(10)]
    agreed: Annotated[bool, ticked("Acceptez.")] = False
    quantities: dict[str, Annotated[int, whole(1, 5, empty=1)]]


RIGHT = {
    "percent": "12,5 %",
    "days": "3, 7 12",
    "on": " 2026-11-30 ",
    "label": " Bureau ",
    "agreed": "yes",
    "quantity_pro": "5",
    "quantity_solo": "",
}


def test_every_kind_is_read_to_its_type() -> None:
    form = read_form(EveryKind, RIGHT)
    assert (form.percent, form.days) == (Decimal("12.5"), (3, 7, 12))
    assert (form.on, form.label, form.agreed) == (date(2026, 11, 30), "Bureau", True)
    assert form.quantities == {"pro": 5, "solo": 1}


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("percent", "1e1", "Indiquez un pourcentage"),
        ("percent", "1_0", "Indiquez un pourcentage"),
        ("days", "3, sept", "Indiquez un nombre entier."),
        ("days", "", "Indiquez un nombre entier."),
        # A number of seconds is a date to pydantic, and to nobody who types one.
        ("on", "1700000000", "Indiquez une date."),
        ("on", "20261130", "Indiquez une date."),
        ("on", "2026-02-29", "Indiquez une date."),
        ("label", " ", "Ce champ est obligatoire."),
        ("label", "x" * 11, "Ce texte est trop long."),
        ("agreed", "no", "Acceptez."),
        ("quantity_pro", "6", "Ce nombre est trop grand."),
        ("quantity_pro", "1.0", "Indiquez un nombre entier."),
        ("quantity_pro", "1_0", "Indiquez un nombre entier."),
        ("quantity_pro", "\uff11", "Indiquez un nombre entier."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(name: str, typed: str, sentence: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_form(EveryKind, {**RIGHT, name: typed})
    assert list(refused.value.errors) == [name]
    assert sentence in refused.value.errors[name]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(FieldErrors) as refused:
        read_form(EveryKind, {"quantity_pro": "x"})
    assert set(refused.value.errors) == {
        *("percent", "days", "on", "label", "agreed", "quantity_pro")
    }


def test_no_page_reads_a_typed_value_its_own_way() -> None:
    own_way = re.compile(r"\b(int|Decimal|float|fromisoformat|parse)\([^)]*\bfields\b")
    for path in Path("chalicelib/console").rglob("*.py"):
        assert not own_way.search(path.read_text()), path
