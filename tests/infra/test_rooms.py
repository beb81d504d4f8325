"""The rooms of infra and of the simulators, checked from their imports."""

import subprocess
import sys

import pytest

from tests.fakes.imports import ROOT, imports_of, name_of

# What production is made with and kept by: it must work where nothing else of the project is.
PRODUCTION_ROOMS = {"cloudformation", "deploy", "operate"}
# What developers use: their commands may use the tests' fakes and the local stack.
DEVELOPERS_ROOMS = {"bench", "checks", "generate", "local", "rehearsal"}
# Within a package each room may use those before it; what uses them all stands beside them.
ROOM_ORDERS = {
    "infra.local": ["programs", "clock", "outside", "memory", "desk", "demo", "stack"],
    "simulators.stripe": ["foundation", "objects", "pages"],
}
# Modules beside the rooms, for all of them.
LOCAL_GROUND = {"company", "kept_data", "real_aws", "state_folder"}
MOST_MODULES = 15
# Folders that may hold more, for they are lists of like things; none of them is one today.
LISTS: set[str] = set()
TOOLS = {
    name_of(path): imports_of(path)
    for folder in ("infra", "simulators")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def room_of(module: str) -> str:
    """Name the room of a module of infra; "" for infra itself and for what is elsewhere."""
    parts = module.split(".")
    return parts[1] if parts[0] == "infra" and len(parts) > 1 else ""


def test_infra_has_these_rooms_and_nothing_beside_them() -> None:
    rooms = {path.parent.name for path in (ROOT / "infra").glob("*/__init__.py")}
    assert rooms == PRODUCTION_ROOMS | DEVELOPERS_ROOMS
    assert {path.name for path in (ROOT / "infra").glob("*.py")} == {
        *("__init__.py", "project.py", "terminal.py")
    }


def test_production_uses_nothing_of_the_developers() -> None:
    production = [module for module in TOOLS if room_of(module) in PRODUCTION_ROOMS]
    assert {room_of(module) for module in production} == PRODUCTION_ROOMS
    for module in production:
        rooms = {room_of(name) for name in TOOLS[module]}
        assert rooms <= {*PRODUCTION_ROOMS, "project", "terminal", ""}, (
            f"{module} uses {sorted(rooms)}"
        )
        outside = {name.split(".")[0] for name in TOOLS[module]} & {"tests", "simulators"}
        assert not outside, f"{module} uses {sorted(outside)}"


def test_a_stage_is_operated_without_the_local_stack() -> None:
    # Given a terminal that a stage's settings are set in
    loading = (
        "import sys; from infra.operate import __main__;"
        "from chalicelib.wiring import build_services;"
        "print([name for name in sys.modules if name.startswith(('infra.local', 'tests'))])"
    )
    # When the command is loaded, then nothing of the local stack is
    loaded = subprocess.run(
        [sys.executable, "-c", loading], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_simulators_know_nothing_of_this_project() -> None:
    ours = {"app", "chalicelib", "infra", "tests"}
    for module, imported in TOOLS.items():
        if module.split(".")[0] == "simulators":
            assert not {name.split(".")[0] for name in imported} & ours, module


def test_no_folder_of_infra_or_of_a_simulator_is_crowded() -> None:
    for top in ("infra", "simulators"):
        for folder in {path.parent for path in (ROOT / top).rglob("*.py")}:
            modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
            name = folder.relative_to(ROOT).as_posix()
            assert len(modules) <= MOST_MODULES or name in LISTS, f"{name} has {len(modules)}"


@pytest.mark.parametrize(("package", "order"), ROOM_ORDERS.items())
def test_a_room_uses_only_those_before_it(package: str, order: list[str]) -> None:
    start = f"{package}."
    for module, imported in TOOLS.items():
        room = module.removeprefix(start).split(".")[0]
        if module.startswith(start) and room in order:
            used = {name.removeprefix(start).split(".")[0] for name in imported
                    if name.startswith(start)}  # fmt: skip
            later = used - set(order[: order.index(room) + 1]) - LOCAL_GROUND
            assert not later, f"{module} uses {sorted(later)}"
