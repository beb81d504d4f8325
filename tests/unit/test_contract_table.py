"""`make contract` fails when it must."""

import pytest

from infra.checks.contract import judge, read_requirements

TABLE = """
| number | what | where | state |
| ABC-1 | one thing | here.py | done |
| ABC-2 | another | there.py | part – the rest |
| ABC-3 | a third | nowhere | later |
"""


def test_rows_are_read_whole() -> None:
    rows = read_requirements(TABLE)
    assert list(rows) == ["ABC-1", "ABC-2", "ABC-3"]
    assert rows["ABC-3"].is_later
    assert not rows["ABC-2"].is_later


def test_a_complete_table_has_no_fault() -> None:
    assert judge(read_requirements(TABLE), {"ABC-1": {"t"}, "ABC-2": {"t"}}) == []


@pytest.mark.parametrize(
    ("tests", "fault"),
    [
        ({"ABC-1": {"t"}}, "ABC-2: no test carries it"),
        (
            {"ABC-1": {"t"}, "ABC-2": {"t"}, "ABC-9": {"t"}},
            "ABC-9: a test carries it, docs/contract.md does not know it",
        ),
        (
            {"ABC-1": {"t"}, "ABC-2": {"t"}, "ABC-3": {"t"}},
            "ABC-3: marked later, yet a test proves it",
        ),
    ],
)
def test_what_does_not_fit_is_named(tests: dict[str, set[str]], fault: str) -> None:
    assert judge(read_requirements(TABLE), tests) == [fault]


def test_a_row_out_of_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not in form"):
        read_requirements("| ABC-4 | something | somewhere | soon |")
