"""Nothing ships under a licence that nobody has allowed."""

from email.message import Message

import pytest

from infra.checks.licences import Shipped, allowed, is_permissive, judge, licence_of, shipped


def test_what_ships_is_permissive_or_allowed_by_the_decision() -> None:
    found = shipped()
    assert {"boto3", "chalice", "bootstrap", "htmx.org"} <= {each.name for each in found}
    assert judge(found, allowed()) == []


def test_the_decision_allows_these_alone() -> None:
    assert allowed() == {
        "fpdf2": "LGPL-3.0-only",
        "python-stdnum": "LGPL-2.1-or-later",
        "certifi": "MPL-2.0",
    }


@pytest.mark.parametrize(
    ("licence", "fault"),
    [
        ("AGPL-3.0-only", "AGPL-3.0-only is not permissive, and nothing allows it"),
        ("unknown", "unknown is not permissive, and nothing allows it"),
        ("MIT AND GPL-2.0-only", "MIT AND GPL-2.0-only is not permissive, and nothing allows it"),
    ],
)
def test_anything_else_is_a_fault(licence: str, fault: str) -> None:
    assert judge([Shipped("new", licence)], {}) == [f"new: {fault}"]


def test_what_is_allowed_is_allowed_for_one_licence_and_while_it_serves() -> None:
    exceptions = {"fpdf2": "LGPL-3.0-only"}
    assert judge([Shipped("fpdf2", "LGPL-3.0-only")], exceptions) == []
    assert judge([Shipped("fpdf2", "AGPL-3.0-only")], exceptions) == [
        "fpdf2: AGPL-3.0-only is not permissive, and nothing allows it"
    ]
    assert judge([Shipped("fpdf2", "MIT")], exceptions) == ["fpdf2: allowed for nothing"]


def test_a_choice_may_be_taken_by_its_permissive_way() -> None:
    assert is_permissive("GPL-2.0-only OR MIT")
    assert is_permissive("(MIT OR Apache-2.0)")
    assert not is_permissive("GPL-2.0-only OR MIT AND AGPL-3.0-only")


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ([("License-Expression", "ISC"), ("License", "anything")], "ISC"),
        ([("Classifier", "License :: OSI Approved :: MIT License")], "MIT"),
        (
            [
                ("License", "Dual License"),
                ("Classifier", "License :: OSI Approved :: BSD License"),
                ("Classifier", "License :: OSI Approved :: Apache Software License"),
            ],
            "BSD AND Apache-2.0",
        ),
        ([("License", "LGPL"), ("Classifier", "Topic :: Office")], "LGPL"),
        ([], "unknown"),
    ],
)
def test_a_licence_is_read_where_the_package_says_it(
    said: list[tuple[str, str]], licence: str
) -> None:
    message = Message()
    for name, value in said:
        message[name] = value
    assert licence_of(message) == licence  # type: ignore[arg-type]
