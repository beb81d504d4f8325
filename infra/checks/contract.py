"""`make contract`: each requirement of docs/contract.md with the tests that prove it.

Fails on a requirement without a test that is not marked `later`, on a test that names an unknown
number, and on a number marked `later` that a test already proves.  Tells beside each how many of
its mutants died when `make mutants` last ran here.
"""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass

import pytest

from infra.checks.mutants import by_requirement, last_result, table
from infra.project import ROOT

ROW = re.compile(r"^\| ([A-Z]{3}-\d+) \| (.+?) \| (.+?) \| (done|later|part – .+?) \|$")


@dataclass(frozen=True)
class Requirement:
    """A row of docs/contract.md."""

    number: str
    what: str
    where: str
    state: str

    @property
    def is_later(self) -> bool:
        """Whether its issue is still to come."""
        return self.state == "later"


class Collector:
    """A pytest plugin that notes which tests carry which number."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the markers of everything collected."""
        for item in items:
            for marker in item.iter_markers("contract"):
                for number in marker.args:
                    self.tests[number].add(item.nodeid.split("[")[0])


def read_requirements(text: str) -> dict[str, Requirement]:
    """Read the rows of docs/contract.md.  Raises ValueError for a row that is not in form."""
    found: dict[str, Requirement] = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if row:
            found[row[1]] = Requirement(*row.groups())
        elif re.match(r"^\| [A-Z]{3}-", line):
            raise ValueError(f"not in form: {line}")
    return found


def judge(requirements: dict[str, Requirement], tests: dict[str, set[str]]) -> list[str]:
    """Say what does not fit between the requirements and the tests."""
    faults = [
        f"{number}: a test carries it, docs/contract.md does not know it"
        for number in sorted(set(tests) - set(requirements))
    ]
    for number, requirement in requirements.items():
        if requirement.is_later and tests.get(number):
            faults.append(f"{number}: marked later, yet a test proves it")
        if not requirement.is_later and not tests.get(number):
            faults.append(f"{number}: no test carries it")
    return faults


def main() -> int:
    """Print the table; exit 1 when something does not fit."""
    requirements = read_requirements((ROOT / "docs/contract.md").read_text())
    collector = Collector()
    options = ["--collect-only", "-o", "addopts=--strict-markers", "-p", "no:terminal"]
    status = pytest.main([*options, str(ROOT / "tests")], plugins=[collector])
    if status != pytest.ExitCode.OK:
        print(f"the tests could not be collected ({status!r})")
        return 1
    dying = by_requirement(last_result(), table()[0])
    for number, requirement in requirements.items():
        told = dying.get(number, "mutants not measured")
        print(f"{number:7} {requirement.state:10.60} {requirement.what}  ({told})")
        for test in sorted(collector.tests.get(number, ())):
            print(f"          {test}")
    faults = judge(requirements, collector.tests)
    later = sum(requirement.is_later for requirement in requirements.values())
    print(f"\n{len(requirements)} requirements, {later} of them later, {len(faults)} faults")
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
