"""`make mutants`: breaks the rules one small fault at a time, and tells which ones no test notices.

python -m infra.checks.mutants [MODULE …] [--minutes 20] [--seed 1] [--workers 2]

Only tests that carry a requirement of the module count (`mutants.toml`).  Where there are more
faults than time, the seed chooses.  `.mutants/last.json` keeps the result, for `make contract`.
"""

import argparse
import importlib
import json
import random
import sys
import time
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest

from infra.checks.mutant_tests import MOST_SECONDS, Seen, Trial, Trials, observe
from infra.checks.mutations import Mutation, mutations_of
from infra.project import ROOT

TABLE = Path(__file__).with_name("mutants.toml")
RESULT = ROOT / ".mutants" / "last.json"
SUITES = ("tests/unit", "tests/scenarios", "tests/faults")
GOAL_PERCENT = 90
KILLED, SURVIVED, EQUAL, UNSEEN, UNTRIED = "killed", "survived", "equal", "unseen", "untried"


@dataclass(frozen=True)
class Fate:
    """What became of a mutant; ``unseen`` when no test of its requirements runs its line."""

    module: str
    function: str
    line: int
    was: str
    becomes: str
    fate: str


@dataclass(frozen=True)
class Equal:
    """A mutant that no test can tell from the rule, and why."""

    module: str
    function: str
    was: str
    becomes: str
    reason: str

    def is_of(self, module: str, mutation: Mutation) -> bool:
        """Tell whether it is this one, wherever its line went."""
        return (self.module, self.function, self.was, self.becomes) == (
            module,
            mutation.function,
            mutation.was,
            mutation.becomes,
        )


def table() -> tuple[dict[str, list[str]], list[Equal]]:
    """Read the modules with their requirements, and the mutants known as equal."""
    read = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return read["modules"], [Equal(**each) for each in read.get("equal", ())]


class Campaign:
    """A pytest plugin that tries mutants in the place of running the tests."""

    def __init__(self, modules: dict[str, list[str]], given: argparse.Namespace) -> None:
        self.fates: list[Fate] = []
        self._requirements = modules
        self._equal = table()[1]
        self._given = given
        self._began = time.monotonic()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Observe the tests that count, then show them the mutants."""
        hypothesis.settings.register_profile(
            "mutants", deadline=None, max_examples=25, derandomize=True, database=None
        )
        hypothesis.settings.load_profile("mutants")
        loaded = {path: _loaded(path) for path in self._requirements}
        wanted = {number for numbers in self._requirements.values() for number in numbers}
        items = [item for item in session.items if wanted & _numbers(item)]
        print(f"{len(items)} tests carry a requirement of these modules", flush=True)
        seen = observe(items, list(loaded.values()), self._given.workers)
        for item in items:
            if not seen[item.nodeid].passed:
                print(f"fails without any mutant, and is left out: {item.nodeid}", flush=True)
        self._try_all(loaded, [item for item in items if seen[item.nodeid].passed], seen)
        return True

    def _try_all(
        self, loaded: dict[str, ModuleType], items: list[pytest.Item], seen: dict[str, Seen]
    ) -> None:
        trials, tried = [], []
        for path, module in loaded.items():
            mine = [item for item in items if _numbers(item) & {*self._requirements[path]}]
            for mutation, tree in mutations_of(Path(str(module.__file__)).read_text("utf-8")):
                if any(each.is_of(path, mutation) for each in self._equal):
                    self._note(path, mutation, EQUAL)
                    continue
                shown, seconds = _shown(mine, seen, module, mutation)
                if shown:
                    trials.append(Trial(module, mutation.function, tree, shown, seconds))
                    tried.append((path, mutation))
                else:
                    self._note(path, mutation, UNSEEN)
        order = list(range(len(trials)))
        random.Random(self._given.seed).shuffle(order)  # noqa: S311 - an order
        until = self._began + 60 * self._given.minutes
        killed = Trials(self._given.workers, until).run(trials[number] for number in order)
        for place, number in enumerate(order):
            fate = {True: KILLED, False: SURVIVED, None: UNTRIED}[killed.get(place)]
            self._note(*tried[number], fate)

    def _note(self, path: str, mutation: Mutation, fate: str) -> None:
        self.fates.append(Fate(module=path, fate=fate, **asdict(mutation)))


def _loaded(path: str) -> ModuleType:
    return importlib.import_module("chalicelib." + path.removesuffix(".py").replace("/", "."))


def _numbers(item: pytest.Item) -> set[str]:
    return {number for marker in item.iter_markers("contract") for number in marker.args}


def _shown(
    items: list[pytest.Item], seen: dict[str, Seen], module: ModuleType, mutation: Mutation
) -> tuple[list[pytest.Item], float]:
    """Give the tests that run a mutant's line, the quickest first, and how long they take."""
    reaching = items
    if mutation.function:  # a constant is read when the module is loaded
        reaching = [
            item
            for item in items
            if mutation.line in seen[item.nodeid].lines.get(str(module.__file__), ())
        ]
    shown, seconds = [], 0.0
    for item in sorted(reaching, key=lambda each: seen[each.nodeid].seconds):
        if seconds < MOST_SECONDS:
            shown.append(item)
            seconds += seen[item.nodeid].seconds
    return shown, seconds


def percent(fates: Iterable[Fate]) -> float:
    """Give the share of mutants that died, of those tried and not equal, in percent."""
    counted = [each.fate for each in fates if each.fate not in {EQUAL, UNTRIED}]
    return 100 * counted.count(KILLED) / len(counted) if counted else 100.0


def stale(equal: Iterable[Equal], fates: Iterable[Fate]) -> list[Equal]:
    """Give what is listed as equal, of the modules tried, and is no mutant any more."""
    fates = list(fates)
    known = {(each.module, each.function, each.was, each.becomes) for each in fates}
    modules = {each.module for each in fates}
    return [
        each
        for each in equal
        if each.module in modules
        and (each.module, each.function, each.was, each.becomes) not in known
    ]


def by_requirement(fates: Iterable[Fate], modules: dict[str, list[str]]) -> dict[str, str]:
    """Say of each requirement how many of its mutants die."""
    counts: dict[str, list[int]] = {}
    for each in fates:
        for number in modules.get(each.module, ()):
            if each.fate not in {EQUAL, UNTRIED}:
                count = counts.setdefault(number, [0, 0])
                count[0] += each.fate == KILLED
                count[1] += 1
    return {number: f"{killed} of {all_} mutants die" for number, (killed, all_) in counts.items()}


def last_result() -> list[Fate]:
    """Read what the last run found; nothing where none was."""
    if not RESULT.exists():
        return []
    read: list[dict[str, Any]] = json.loads(RESULT.read_text(encoding="utf-8"))
    return [Fate(**each) for each in read]


def report(fates: list[Fate], modules: dict[str, list[str]]) -> None:
    """Print each module's share, and the mutants that live with their lines."""
    for path, numbers in modules.items():
        mine = [each for each in fates if each.module == path]
        fate = [each.fate for each in mine]
        print(
            f"{path:42} {percent(mine):5.1f} %  killed {fate.count(KILLED):3}"
            f"  survived {fate.count(SURVIVED):3}  unseen {fate.count(UNSEEN):3}"
            f"  equal {fate.count(EQUAL):2}  untried {fate.count(UNTRIED):3}  {' '.join(numbers)}"
        )
        for each in sorted(mine, key=lambda one: one.line):
            if each.fate in {SURVIVED, UNSEEN}:
                where = f"chalicelib/{path}:{each.line}"
                print(f"    {each.fate:8} {where}  {each.was:.70} -> {each.becomes:.70}")


def main() -> int:
    """Try the mutants; exit 1 below the goal, or when the list of equal ones is stale."""
    given = _arguments()
    modules, equal = table()
    modules = {name: of for name, of in modules.items() if not given.module or name in given.module}
    campaign = Campaign(modules, given)
    options = ["-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=--strict-markers"]
    status = pytest.main([*options, *(str(ROOT / suite) for suite in SUITES)], plugins=[campaign])
    if status != pytest.ExitCode.OK:
        print(f"the tests could not be run ({status!r})")
        return 1
    others = [each for each in last_result() if each.module not in modules]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(each) for each in (*others, *campaign.fates)]), "utf-8")
    report(campaign.fates, modules)
    for each in stale(equal, campaign.fates):
        print(f"listed as equal, and no mutant: {each}")
    share = percent(campaign.fates)
    print(f"\n{share:.1f} % killed, goal {GOAL_PERCENT} %")
    return int(share < GOAL_PERCENT or bool(stale(equal, campaign.fates)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description="Break the rules.")
    parser.add_argument("module", nargs="*", choices=[*table()[0], []], help="only these")
    parser.add_argument("--minutes", type=float, default=20, help="how long at most")
    parser.add_argument("--seed", type=int, default=1, help="chooses what is tried first")
    parser.add_argument("--workers", type=int, default=2, help="processes at a time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
