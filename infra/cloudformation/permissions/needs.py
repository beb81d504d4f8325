"""What each function needs of AWS, as recorded: `recorded.json`.

The data names, function by function, the actions of IAM and on what.  Every test that makes a
function work compares what it asks of AWS: nothing missing, and over a whole run nothing unused
(tests/fakes/aws_calls.py).  `make test ARGS=--learn-permissions` writes the data anew, to be read
over.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

DATA = Path(__file__).with_name("recorded.json")
Needs = dict[str, list[str]]  # action of IAM -> names: tables, queues, prefixes of documents…
_STAGE = "omny-local-"  # of the recording


def all_needs() -> dict[str, Needs]:
    """Give what each function needs."""
    needs: dict[str, Needs] = json.loads(DATA.read_text(encoding="utf-8"))
    return needs


def pairs(needs: Needs) -> Iterator[tuple[str, str]]:
    """List needs one by one."""
    for action, names in needs.items():
        for name in names:
            yield action, name


def service_of(action: str) -> str:
    """Name the service that an action of IAM belongs to."""
    return action.partition(":")[0]


def normalised(action: str, resource: str) -> tuple[str, str]:
    """Name what a recorded call was made on as the data does, without stage or identifiers."""
    name = resource.removeprefix(_STAGE)
    service = service_of(action)
    if service == "s3":
        name = name.partition("/")[2]
    elif service == "ssm":
        # /omny/{stage}/console/… are settings, /omny/{stage}/desktops/… machines' secrets.
        name = next(iter(name.split("/")[3:]), name)
    elif service in {"ec2", "kms", "ses", "workspaces"}:
        name = ""
    return action, name


def learn(seen: Mapping[str, Iterable[tuple[str, str]]], *, forget: bool) -> None:
    """Add to the data what functions were seen calling; ``forget`` what they were not."""
    known = {} if forget else {name: set(pairs(needs)) for name, needs in all_needs().items()}
    written: dict[str, Needs] = {}
    for function in sorted(known.keys() | seen.keys()):
        for action, name in sorted(known.get(function, set()) | {*seen.get(function, ())}):
            written.setdefault(function, {}).setdefault(action, []).append(name)
    DATA.write_text(_as_text(written), encoding="utf-8")


def _as_text(needs: dict[str, Needs]) -> str:
    """Write the data so that it is read well, and a difference too: an action a line."""
    functions = [
        f" {json.dumps(function)}: {{\n"
        + ",\n".join(f"  {json.dumps(action)}: {json.dumps(names)}" for action, names in of.items())
        + "\n }"
        for function, of in needs.items()
    ]
    return "{\n" + ",\n".join(functions) + "\n}\n"
