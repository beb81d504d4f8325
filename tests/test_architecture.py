"""The house rules of docs/decisions, checked from the imports and the sources."""

import ast
import graphlib
import re
import subprocess

import pytest

from chalicelib.console.framework.access import Access
from chalicelib.console.routes import ROUTES
from tests.fakes.imports import ROOT, imports_of, name_of

PACKAGE = ROOT / "chalicelib"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py"))

# Each may use those before it, never those after.  The last row's are one another's peers.
ORDER = ["legal", "accounts", "catalogue", "orders", "desktops", "metering", "billing", "payments"]
LATE = ["equipment", "service_level", "support", "departure", "privacy"]
MONEY = {"catalogue", "orders", "metering", "billing", "payments", "equipment", "service_level"}
# What every domain may use, and what each of these may use itself.
EVERYWHERE = {
    "foundation": {"foundation"},
    "texts": {"texts", "foundation"},
    "paper": {"paper", "texts", "foundation"},
    "notifications": {"notifications", "texts", "foundation"},
}

# The rooms of a domain: each may use those before it, never those after.
ROOMS = {
    "accounts": ["clients", "access", "registration"],
    "orders": ["model", "placing", "fulfilment"],
    "equipment": ["model", "stock", "dispatches", "custody"],
    "desktops": ["model", "clouds", "connection", "requests", "work", "reconciliation"],
    "billing": [
        *("vat", "invoices", "charges", "sales", "contracts", "one_stop_shop", "drafts"),
        *("papers", "platform", "credits", "issuing"),
    ],
    "payments": [
        *("stripe", "terms", "money", "cards", "collection", "transfers", "late"),
        *("statements", "closings", "reconciliation"),
    ],
}
# What stands at a domain's top: what every room may use (its messages), and what unites the rooms,
# which none may (its worker, the service of accounts).
JOINTS = {"orders": {"messages"}, "equipment": {"messages"}}
TOP = {
    "accounts": {"service"},
    "orders": {"messages"},
    "equipment": {"messages", "worker"},
    "desktops": set[str](),
    "billing": set[str](),
    "payments": set[str](),
}

MOST_MODULES = 15
# Folders that may hold more, for what they hold are like things, or until they have their rooms.
LISTS = {
    "foundation": "what each stands alone: until mapping and adapters have their rooms",
}
OUTSIDE_LIBRARIES = {"boto3", "botocore", "stripe", "chalice", "jinja2"}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py"}
LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
LONGEST_TEMPLATE_LINE = 120


def domain_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else ""


IMPORTS = {name_of(path): imports_of(path) for path in SOURCES}


def is_adapter(module: str) -> bool:
    last = module.rsplit(".", 1)[-1]
    return last.endswith(("storage", "_gateway", "_provider"))


@pytest.mark.parametrize("module", sorted(m for m in IMPORTS if domain_of(m) in ORDER + LATE))
def test_a_domain_uses_only_those_before_it(module: str) -> None:
    domain = domain_of(module)
    earlier = ORDER[: ORDER.index(domain)] if domain in ORDER else [*ORDER, *LATE]
    allowed = {*earlier, domain, *EVERYWHERE}
    used = {domain_of(name) for name in IMPORTS[module] if name.startswith("chalicelib.")}
    assert used - {""} <= allowed, f"{module} uses {sorted(used - allowed)}"


def test_what_every_domain_uses_knows_no_domain() -> None:
    for module, imported in IMPORTS.items():
        if domain_of(module) in EVERYWHERE:
            used = {domain_of(name) for name in imported if name.startswith("chalicelib.")}
            assert used <= {*EVERYWHERE[domain_of(module)], ""}, module


def room_of(module: str) -> str:
    """Give the room of a module, or the name of what stands at its domain's top."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 else ""


@pytest.mark.parametrize(
    "module", sorted(m for m in IMPORTS if room_of(m) in ROOMS.get(domain_of(m), ()))
)
def test_a_room_uses_only_those_before_it(module: str) -> None:
    domain, room = domain_of(module), room_of(module)
    rooms = ROOMS[domain]
    allowed = {*rooms[: rooms.index(room) + 1], *JOINTS.get(domain, ())}
    used = {room_of(name) for name in IMPORTS[module] if domain_of(name) == domain}
    assert used - {""} <= allowed, f"{module} uses {sorted(used - {''} - allowed)}"


@pytest.mark.parametrize("domain", ROOMS)
def test_rooms_are_those_in_order_and_little_stays_outside(domain: str) -> None:
    inside = {room_of(module) for module in IMPORTS if domain_of(module) == domain} - {""}
    assert inside == {*ROOMS[domain], *TOP[domain]}


def test_a_folder_holds_what_can_be_seen_at_once() -> None:
    crowded = {}
    for folder in {path.parent for path in SOURCES}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        if len(modules) > MOST_MODULES:
            crowded[folder.relative_to(PACKAGE).as_posix()] = len(modules)
    assert set(crowded) == set(LISTS), crowded


def test_storage_is_its_domains_own_and_only_wiring_names_gateways() -> None:
    for module, imported in IMPORTS.items():
        if domain_of(module) == "wiring":
            continue
        named = {name for name in imported if name in IMPORTS and is_adapter(name)}
        own = {
            name
            for name in named
            if domain_of(name) == domain_of(module)
            # A gateway may build on another one of its domain.
            and (name.endswith("storage") or is_adapter(module))
        }
        assert named <= own, f"{module} names {sorted(named - own)}"


def test_console_is_used_by_nobody_but_the_application() -> None:
    for module, imported in IMPORTS.items():
        if domain_of(module) == "console":
            continue
        assert not {name for name in imported if name.startswith("chalicelib.console")}, module


def test_pages_of_subjects_rest_on_the_framework_and_make_no_circle() -> None:
    subjects: dict[str, set[str]] = {}
    for module, imported in IMPORTS.items():
        # routes.py at the console's top joins every subject's table.
        if domain_of(module) == "console" and room_of(module) not in {"", "routes"}:
            used = {room_of(name) for name in imported if domain_of(name) == "console"}
            subjects.setdefault(room_of(module), set()).update(used - {room_of(module)})
    assert subjects["framework"] == set()
    tuple(graphlib.TopologicalSorter(subjects).static_order())  # refuses a circle


def test_an_operators_page_is_named_so() -> None:
    for route in ROUTES:
        module = route.view.split(".")[1]
        shared = {"accounts.account_pages"}  # the operator's own password and sessions
        if route.view.rsplit(".", 1)[0] not in shared:
            is_his = route.access is Access.OPERATOR
            assert module.startswith("operator_") == is_his, route.view


def test_outside_libraries_stay_in_their_adapters() -> None:
    homes = {
        "boto3": {"foundation"},
        "botocore": {"foundation", "notifications", "desktops", "billing", "payments"},
        "stripe": {"payments"},
        "chalice": {"console"},
        "jinja2": {"texts"},
    }
    for module, imported in IMPORTS.items():
        for library in {name.split(".")[0] for name in imported} & OUTSIDE_LIBRARIES:
            assert domain_of(module) in homes[library], f"{module} imports {library}"
    for module, imported in IMPORTS.items():
        if "stripe" in {name.split(".")[0] for name in imported}:
            assert module.endswith("_gateway"), f"{module} imports stripe"


def test_every_module_says_what_it_is() -> None:
    for path in SOURCES:
        assert ast.get_docstring(ast.parse(path.read_text())), path


def test_modules_and_functions_stay_short() -> None:
    for path in SOURCES:
        assert path.name not in FORBIDDEN_NAMES
        source = path.read_text()
        assert source.count("\n") <= LONGEST_MODULE, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= LONGEST_FUNCTION, f"{path}: {node.name} has {length} lines"


def test_only_the_clock_reads_the_clock() -> None:
    reading = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    for path in SOURCES:
        if name_of(path) != "chalicelib.foundation.clock":
            assert not reading.search(path.read_text()), path


def test_nothing_reads_the_environment_but_settings() -> None:
    for path in SOURCES:
        if name_of(path) != "chalicelib.foundation.settings":
            assert "os.environ" not in path.read_text(), path
            assert "getenv" not in path.read_text(), path


def test_money_is_never_a_float() -> None:
    for path in SOURCES:
        if domain_of(name_of(path)) in MONEY or path.name == "money.py":
            calls = [
                node
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "float"
            ]
            assert not calls, path


def test_handlers_are_declared_in_app() -> None:
    # Declared elsewhere, Lambda would import that module alone and skip app.py.
    import app as application

    for function in application.app.pure_lambda_functions:
        assert function.handler_string.startswith("app."), function.handler_string


def test_every_scheduled_job_has_its_handler_and_avoids_the_missing_hour() -> None:
    import app as application
    from chalicelib.schedule import SCHEDULE

    declared = {function.name for function in application.app.pure_lambda_functions}
    for job in SCHEDULE:
        assert job.name.replace("_", "-") in declared
        assert job.hour != "2", "02:00 to 03:00 does not exist one night in spring"


def test_no_line_of_a_template_is_too_long_to_read() -> None:
    for path in (ROOT / "templates").rglob("*.*"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= LONGEST_TEMPLATE_LINE, f"{path}:{number}"


def test_templates_travel_with_the_package() -> None:
    assert (ROOT / "vendor" / "templates" / "framework" / "base.html").exists()


def test_the_top_level_is_as_agreed() -> None:
    agreed = {
        *("app.py", "chalicelib", "infra", "templates", "tests", "requirements.txt", ".chalice"),
        *("README.md", "vendor", "Makefile", "pyproject.toml", "requirements-dev.txt", "docs"),
        *("package.json", "package-lock.json", ".ci", ".gitignore", "LICENSE", "simulators"),
    }
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {path.split("/")[0] for path in listed} == agreed
