"""Draws docs/desktop-lifecycle.md from the state machine's data: ``make lifecycle``."""

from chalicelib.desktops.model.desktop import Operation
from chalicelib.desktops.model.lifecycle import HELD, MOVING, OVER, TRANSITIONS, State
from infra.project import ROOT

PAGE = ROOT / "docs" / "desktop-lifecycle.md"

_HEAD = """# The life of a desktop

Drawn from `chalicelib/desktops/model/lifecycle.py` by `make lifecycle`; a test compares the two.
What is not an arrow is refused, with a sentence that says which state the desktop is in and what
to do.
Every arrow taken is an entry of the account's journal, with who and why.
"""
_BETWEEN = """
## What each state is

| state | what | leads to |
|---|---|---|
"""
_WORDS = {
    State.ORDERED: "validated by the company, not begun",
    State.PROVISIONING: "its machine is being made",
    State.RUNNING: "in service",
    State.STOPPED: "its machine is off; still billed",
    State.RECONFIGURING: "stops, changes type, comes back",
    State.REINSTALLING: "made anew from its image, or returning to a backup",
    State.ISOLATED: "cut from the Internet by a measure",
    State.SUSPENDED: "stopped by a measure, of the desktop or of its account",
    State.DELETING: "no longer billed; its machine is being destroyed",
    State.DELETED: "nothing is left of it in the cloud",
    State.FAILED: "could not be made: never billed",
}


def drawn() -> str:
    """Give the page: a diagram, then the table."""
    return _HEAD + _diagram() + _BETWEEN + _table() + _operations()


def _diagram() -> str:
    arrows = [
        f"    {origin} --> {target}: {', '.join(events)}"
        for origin, moves in TRANSITIONS.items()
        for target, events in _by_target(moves).items()
    ]
    ends = [f"    {state} --> [*]" for state in State if state in OVER]
    lines = ["stateDiagram-v2", "    [*] --> ordered", *arrows, *ends]
    return "\n```mermaid\n" + "\n".join(lines) + "\n```\n"


def _by_target(moves: dict) -> dict:  # type: ignore[type-arg]
    targets: dict[str, list[str]] = {}
    for event, target in moves.items():
        targets.setdefault(target.value, []).append(event.value)
    return targets


def _table() -> str:
    rows = []
    for state in State:
        kinds = {"ends by itself": MOVING, "a measure": HELD, "the end": OVER}
        kind = next((name for name, states in kinds.items() if state in states), "")
        what = f"{_WORDS[state]} ({kind})" if kind else _WORDS[state]
        moves = ", ".join(f"{event}: {target}" for event, target in TRANSITIONS[state].items())
        rows.append(f"| {state} | {what} | {moves or 'nothing'} |\n")
    return "".join(rows)


def _operations() -> str:
    names = ", ".join(f"`{operation}`" for operation in Operation)
    return (
        "\n## Operations\n\nWithin a state, one of these may be under way; it refuses any other"
        f" until it ends: {names}.\n"
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), encoding="utf-8")
    print(f"{PAGE.name} is drawn")
