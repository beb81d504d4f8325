"""The page that draws the life of a desktop says what the data says."""

import pytest

from chalicelib.desktops.model.lifecycle import TRANSITIONS
from infra.generate.lifecycle import PAGE, drawn


@pytest.mark.contract("DSK-1")
def test_the_page_is_drawn_from_the_state_machine() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == drawn(), "run: make lifecycle"
    for origin, moves in TRANSITIONS.items():
        for event, target in moves.items():
            assert any(
                line.strip().startswith(f"{origin} --> {target}:") and event in line
                for line in page.splitlines()
            )
