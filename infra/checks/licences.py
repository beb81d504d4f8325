"""`make licences`: the licence of each thing that ships; fails on one that nobody has allowed.

What ships is what requirements.txt locks, Chalice's runtime, and the front-end files that
package-lock.json locks.  Permissive licences pass; any other one only for the package that
docs/decisions/0024 names with that licence.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import metadata
from typing import Protocol

from infra.project import ROOT

DECISION = ROOT / "docs" / "decisions" / "0024-licences-of-what-ships.md"
REQUIREMENTS, ASSETS = ROOT / "requirements.txt", ROOT / "package-lock.json"
BESIDE = ("chalice",)  # put into the package by Chalice's rules, though no requirement of ours
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "OFL-1.1", "PSF-2.0", "Unlicense"),
}
# As packages write them that name no SPDX expression: in the field, or in the classifier.
_OTHER_WORDS = {
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
}
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_ALLOWED = re.compile(r"^\| ([^ |]+) \| ([^ |]+) \| .+ \|$", re.MULTILINE)
_FIELD, _CLASSIFIER = "License", "License ::"


class Metadata(Protocol):
    """What a package says of itself."""

    def __getitem__(self, name: str) -> str: ...
    def __contains__(self, name: object) -> bool: ...
    def get_all(self, name: str) -> list[str] | None: ...


@dataclass(frozen=True)
class Shipped:
    """A package that ships, and its licence as an SPDX expression, or in its own words."""

    name: str
    licence: str


def licence_of(said: Metadata) -> str:
    """Read a package's licence: its expression, else its classifiers, else its field."""
    if "License-Expression" in said:
        return said["License-Expression"]
    classifiers = [
        each.rpartition("::")[2].strip()
        for each in said.get_all("Classifier") or ()
        if each.startswith(_CLASSIFIER)
    ]
    words = classifiers or ([said[_FIELD].strip()] if _FIELD in said else [])
    # Several classifiers may be a choice or a sum: taken as a sum, which asks more.
    return " AND ".join(_OTHER_WORDS.get(each, each) for each in words) or "unknown"


def shipped() -> list[Shipped]:
    """Give what ships, in the order of its names."""
    names = {*_LOCKED.findall(REQUIREMENTS.read_text(encoding="utf-8")), *BESIDE}
    packages = [Shipped(name, licence_of(metadata(name))) for name in names]  # type: ignore[arg-type]
    locked = json.loads(ASSETS.read_text(encoding="utf-8"))["packages"]
    assets = [
        Shipped(path.removeprefix("node_modules/"), about.get("license", "unknown"))
        for path, about in locked.items()
        if path
    ]
    return sorted([*packages, *assets], key=lambda each: each.name.lower())


def allowed() -> dict[str, str]:
    """Read the packages that the decision allows, with the licence it allows them for."""
    rows = _ALLOWED.findall(DECISION.read_text(encoding="utf-8"))
    return {name: licence for name, licence in rows if name != "package"}


def judge(found: Iterable[Shipped], exceptions: Mapping[str, str]) -> list[str]:
    """Say what may not ship, and which exception serves nothing any more."""
    faults, unused = [], dict(exceptions)
    for each in found:
        if is_permissive(each.licence):
            continue
        if unused.pop(each.name, None) != each.licence:
            faults.append(f"{each.name}: {each.licence} is not permissive, and nothing allows it")
    return [*faults, *(f"{name}: allowed for nothing" for name in sorted(unused))]


def is_permissive(expression: str) -> bool:
    """Tell whether an SPDX expression leaves a way that is permissive altogether."""
    ways = expression.strip("()").split(" OR ")
    return any(all(one in PERMISSIVE for one in way.split(" AND ")) for way in ways)


def main() -> int:
    """Print every licence; exit 1 on one that is not allowed."""
    found, exceptions = shipped(), allowed()
    for each in found:
        how = "" if is_permissive(each.licence) else "  (docs/decisions/0024)"
        print(f"{each.name:28} {each.licence}{how}")
    faults = judge(found, exceptions)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
