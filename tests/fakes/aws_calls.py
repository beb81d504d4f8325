"""What each function is seen asking of AWS, by whatever test makes it work, against its policy.

A fake notes what the adapter it stands for would ask of AWS (``ADAPTERS``), for the function that
is at work: read from the call stack.  Botocore's calls are heard beside, where a test has the real
adapters: what one calls and ``ADAPTERS`` lacks fails that test, like what a function asks and its
policy lacks.  After a whole run, tests/conftest.py refuses what nobody used.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, wraps
from operator import attrgetter
from types import FrameType
from typing import Any, TypeVar

from chalicelib.queues import HANDLERS, WORKERS
from chalicelib.schedule import SCHEDULE
from infra.cloudformation.permissions.needs import all_needs, normalised, pairs
from infra.local.stack.recorder import caller, granted, hear_clients

Need = tuple[str, str]  # an action of IAM, and on what: a table, a queue, a prefix of documents…
Calls = dict[str, set[Need]]  # by function, or by adapter
C = TypeVar("C", bound=type)

_GIVEN = "{}"  # the name is among the arguments
_LOOK = {"ec2:DescribeInstances"}
_GROUPS = {"ec2:DescribeSecurityGroups"}
_MAKE_GROUP = _GROUPS | {"ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupEgress"}
_DISKS = {"ec2:DescribeVolumes"}
_GROWING = _DISKS | {"ec2:DescribeVolumesModifications", "ec2:ModifyVolume"}
_WORKSPACES = {"workspaces:DescribeWorkspaces"}
_INTERFACES = {"ec2:DescribeNetworkInterfaces", "ec2:ModifyNetworkInterfaceAttribute"}
_MAKE_DISK = {"ec2:CreateVolume", "ec2:DetachVolume", "ec2:AttachVolume", "ec2:DeleteVolume"}


def _each(actions: Iterable[str], name: str = "") -> set[Need]:
    return {(action, name) for action in actions}


# What each method of an adapter may ask.  The suites on real adapters prove it: nothing else, and
# over a whole run nothing less.
ADAPTERS: Calls = {
    "DynamoTables.get": {("dynamodb:GetItem", _GIVEN)},
    "DynamoTables.query": {("dynamodb:Query", _GIVEN)},
    "DynamoTables.listing": {("dynamodb:Query", f"{_GIVEN}/index/listing")},
    "DynamoTables.count": {("dynamodb:Query", f"{_GIVEN}/index/listing")},
    "DynamoTables.commit": _each(
        {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"}, _GIVEN
    ),
    "SqsQueues.send": {("sqs:SendMessage", _GIVEN)},
    "S3Documents.store": {("s3:PutObject", _GIVEN)},
    "S3Documents.read": {("s3:GetObject", _GIVEN)},
    "S3Documents.link": {("s3:GetObject", _GIVEN)},
    "KmsVault.encrypt": {("kms:Encrypt", "")},
    "KmsVault.decrypt": {("kms:Decrypt", "")},
    "KmsSigner.sign": {("kms:Sign", "")},
    "KmsSigner.holds": _each({"kms:Verify", "kms:GetPublicKey"}),
    "KmsSigner.public_key": {("kms:GetPublicKey", "")},
    "SesMailSender.send": {("ses:SendRawEmail", "")},
    "Settings.secrets": {("ssm:GetParametersByPath", "console")},
    "Settings.company": {("ssm:GetParametersByPath", "console")},
    "SsmMachineSecrets.put": {("ssm:PutParameter", "desktops")},
    "SsmMachineSecrets.hand_to": {("ssm:AddTagsToResource", "desktops")},
    "SsmMachineSecrets.erase": {("ssm:DeleteParameter", "desktops")},
    "FileDropPlatform.deposit": {("s3:PutObject", "platform")},
    "FileDropPlatform.news": _each({"s3:ListBucket", "s3:GetObject"}, "platform"),
    "FileDropPlatform.acknowledge": _each(
        {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, "platform"
    ),
    "Ec2Provider.launch": _each(_LOOK | {"ec2:RunInstances"}),
    "Ec2Provider.find": _each(_LOOK),
    "Ec2Provider.describe": _each(_LOOK),
    "Ec2Provider.inventory": _each(_LOOK),
    "Ec2Provider.start": _each(_LOOK | {"ec2:StartInstances"}),
    "Ec2Provider.stop": _each(_LOOK | {"ec2:StopInstances"}),
    "Ec2Provider.restart": _each(_LOOK | {"ec2:RebootInstances"}),
    "Ec2Provider.change_type": _each(_LOOK | _GROWING | {"ec2:ModifyInstanceAttribute"}),
    "Ec2Provider.grow": _each(_LOOK | _GROWING),
    "Ec2Provider.isolate": _each(_LOOK | _MAKE_GROUP | {"ec2:ModifyInstanceAttribute"}),
    "Ec2Provider.reconnect": _each(_LOOK | _GROUPS | {"ec2:ModifyInstanceAttribute"}),
    "Ec2Provider.terminate": _each({"ec2:TerminateInstances"}),
    "Ec2Provider.back_up": _each(_DISKS | {"ec2:DescribeSnapshots", "ec2:CreateSnapshot"}),
    "Ec2Provider.backups": _each({"ec2:DescribeSnapshots"}),
    "Ec2Provider.delete_backup": _each({"ec2:DeleteSnapshot"}),
    "Ec2Provider.clear": _each(
        _DISKS | {"ec2:DescribeSnapshots", "ec2:DeleteSnapshot", "ec2:DeleteVolume"}
    ),
    "Ec2Provider.restore": _each(_LOOK | _DISKS | _MAKE_DISK | {"ec2:ModifyInstanceAttribute"}),
    "Ec2Provider.undo_restore": _each(
        _DISKS | {"ec2:DeleteVolume", "ec2:AttachVolume", "ec2:ModifyInstanceAttribute"}
    ),
    "WorkspacesProvider.launch": _each(
        _WORKSPACES | {"workspaces:CreateWorkspaces", "workspaces:TerminateWorkspaces"}
    ),
    "WorkspacesProvider.find": _each(_WORKSPACES),
    "WorkspacesProvider.describe": _each(
        _WORKSPACES | {"workspaces:DescribeWorkspaceDirectories", "ec2:DescribeNetworkInterfaces"}
    ),
    "WorkspacesProvider.inventory": _each(_WORKSPACES),
    "WorkspacesProvider.start": _each(_WORKSPACES | {"workspaces:StartWorkspaces"}),
    "WorkspacesProvider.stop": _each(_WORKSPACES | {"workspaces:StopWorkspaces"}),
    "WorkspacesProvider.restart": _each(_WORKSPACES | {"workspaces:RebootWorkspaces"}),
    "WorkspacesProvider.change_type": _each(_WORKSPACES | {"workspaces:ModifyWorkspaceProperties"}),
    "WorkspacesProvider.isolate": _each(_WORKSPACES | _INTERFACES | _MAKE_GROUP),
    "WorkspacesProvider.reconnect": _each(
        _WORKSPACES | _INTERFACES | {"workspaces:DescribeWorkspaceDirectories"}
    ),
    "WorkspacesProvider.terminate": _each(_WORKSPACES | {"workspaces:TerminateWorkspaces"}),
}


class Seen:
    """What was seen so far in this process: of the functions, and of the adapters."""

    def __init__(self) -> None:
        self.functions: Calls = {}
        self.adapters: Calls = {}
        self.faults: list[tuple[str, str, str]] = []  # neither permitted nor declared

    def add(self, functions: Mapping[str, Iterable[Any]], adapters: Mapping[str, Any]) -> None:
        """Add what was seen of functions, and of adapters."""
        for kept, known, more in (
            (self.functions, permitted(), functions),
            (self.adapters, ADAPTERS, adapters),
        ):
            for name, calls in more.items():
                mine = kept.setdefault(name, set())
                for action, on in calls:
                    if (action, on) not in mine:
                        mine.add((action, on))
                        if (action, on) not in known.get(name, ()):
                            self.faults.append((name, action, on))

    def unused(self) -> dict[str, list[Need]]:
        """Give what is permitted, or declared, and was not called."""
        return _beyond(permitted(), self.functions) | _beyond(ADAPTERS, self.adapters)


SEEN = Seen()


def _beyond(
    calls: Mapping[str, set[Need]], known: Mapping[str, set[Need]]
) -> dict[str, list[Need]]:
    found = {name: sorted(each - known.get(name, set())) for name, each in calls.items()}
    return {name: each for name, each in sorted(found.items()) if each}


@cache
def permitted() -> Calls:
    """Give what the policies permit each function."""
    return {function: set(pairs(needs)) for function, needs in all_needs().items()}


# --- Of the functions, by the fakes -------------------------------------------------------------


def meanwhile(work: Callable[[], Any]) -> Any:
    """Do what somebody else does while a function is at work: not on its behalf."""
    return work()


def asks(method: str, name: str = "", *, action: str = "") -> None:
    """Note that a fake was asked what this method of an adapter asks of AWS."""
    if not _BEGINNINGS:
        return  # nobody watches: a benchmark
    function = caller(_BEGINNINGS)
    if function is not None:
        needs = {
            (declared, on.replace(_GIVEN, name))
            for declared, on in ADAPTERS[method]
            if action in {"", declared}
        }
        SEEN.add({function: needs}, {})


def stands_for(*adapters: str) -> Callable[[C], C]:
    """Have each method of a fake note what the same method of these adapters asks."""

    def watched(fake: C) -> C:
        for name, method in list(vars(fake).items()):
            asked = [f"{each}.{name}" for each in adapters if f"{each}.{name}" in ADAPTERS]
            if asked:
                setattr(fake, name, _noting(method, asked))
        return fake

    return watched


def _noting(method: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    @wraps(method)
    def noting(*given: Any, **named: Any) -> Any:
        for each in asked:
            asks(each)
        return method(*given, **named)

    return noting


class _Path:
    """Stands for the services, to learn which method a job calls."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getattr__(self, name: str) -> "_Path":
        return _Path(*self._names, name)

    def __call__(self) -> str:
        return ".".join(self._names)


# Where the work of each worker and job begins, below app.py: tests often start there.
_BEGINNINGS: dict[int, str] = {}
_MESSAGES = {
    "mail-worker": ("base.notifications.deliver",),
    "document-worker": (
        "orders.confirmation.send",
        "papers.platform.hand_over",
        "papers.documents.render",
        "papers.documents.render_credit_note",
    ),
    "desktop-events": ("desktops.service.machine_changed",),
}


def _beginnings(services: Any) -> dict[int, str]:
    found = {
        id(handler.__code__): WORKERS[task.queue].name.replace("_", "-")
        for task, handler in HANDLERS.items()
    }
    for job in SCHEDULE:
        function = job.name.replace("_", "-")
        found[id(job.run.__code__)] = function
        if job.run.__name__ == "<lambda>":
            found[id(attrgetter(job.run(_Path()))(services).__func__.__code__)] = function
    for function, methods in _MESSAGES.items():
        for method in methods:
            found[id(attrgetter(method)(services).__func__.__code__)] = function
    return found


# --- Of the adapters, by botocore ---------------------------------------------------------------


def watch_calls(services: Any) -> None:
    """Note from now on what functions ask of fakes, and real adapters of AWS."""
    _BEGINNINGS.update(_beginnings(services))

    def note(service: str, operation: str, parameters: dict[str, Any]) -> None:
        needs = [
            normalised(f"{service}:{action}", resource)
            for action, resource in granted(operation, parameters)
            if action != "GetQueueUrl"  # goes with SendMessage
        ]
        _note_adapter(needs)

    hear_clients(note)


def _note_adapter(needs: Iterable[Need]) -> None:
    adapter = _adapter_at_work()
    if adapter is None:
        return
    declared = dict(ADAPTERS[adapter])
    for action, name in needs:
        on = declared.get(action, name)
        SEEN.add({}, {adapter: {(action, on if _GIVEN in on else name)}})


def _adapter_at_work() -> str | None:
    return next((found for found in map(_adapter, _frames()) if found in ADAPTERS), None)


def _adapter(frame: FrameType) -> str:
    return frame.f_code.co_qualname


def _frames() -> Iterator[FrameType]:
    """Give the frames of the call stack, the outermost first."""
    frames = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return reversed(frames)
