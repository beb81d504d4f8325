"""docs/extending.md is true: each place it names exists, and holds what it says stands there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
_PARTS = re.split(r"^## ", PAGE, flags=re.M)[1:]
SECTIONS = {title: text for title, _, text in (part.partition("\n") for part in _PARTS)}
STEP = re.compile(r"^(\d+)\. `([^`]+)` – (.+?)\*here\* `([^`]+)`$", re.M | re.S)
STEPS = [
    pytest.param(path, stands, id=f"{section}-{number}")
    for section, text in SECTIONS.items()
    for number, path, _, stands in STEP.findall(text)
]


def test_the_page_tells_of_every_kind_of_extension() -> None:
    assert {"A job", "A page", "A mail", "An option", "A cloud provider", "A domain"} <= {*SECTIONS}


@pytest.mark.parametrize("section", SECTIONS)
def test_no_step_is_left_out_of_the_check(section: str) -> None:
    numbers = [int(number) for number, *_ in STEP.findall(SECTIONS[section])]
    listed = re.findall(r"^\d+\. ", SECTIONS[section], re.M)
    assert numbers == list(range(1, len(listed) + 1))


@pytest.mark.parametrize(("path", "stands"), STEPS)
def test_each_place_exists_and_holds_the_example(path: str, stands: str) -> None:
    assert stands in (ROOT / path).read_text(encoding="utf-8"), f"{path} does not hold {stands}"


def test_every_other_file_named_exists() -> None:
    told = re.sub(r"\*here\* `[^`]+`", "", PAGE)  # what stands in a file, and is none
    named = re.findall(r"`((?:[\w-]+/)+[\w-]+\.\w+)`", told)
    assert not [path for path in named if not (ROOT / path).exists()]
