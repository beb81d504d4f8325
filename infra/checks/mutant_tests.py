"""Runs tests against one mutant after another, each in a fork of one process that has them ready.

Importing the project and collecting its tests takes seconds; a fork of a process that did takes
milliseconds.  A first pass notes which lines of the rules each test runs, and for how long: a
mutant is then shown the tests that run its line, the quickest first.
"""

import ast
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from infra.checks.living_code import forget_caches, put_in_place

_SURVIVED, _KILLED, _MISPLACED = 0, 1, 3
# Of the processor, not of the clock: a busy machine makes nothing endless.
_CPU_SECONDS_MORE, _CPU_TIMES_MORE = 10, 5
MOST_SECONDS = 30.0  # of tests shown to one mutant


@dataclass
class Seen:
    """What one test did without any mutant."""

    passed: bool
    seconds: float
    lines: dict[str, list[int]] = field(default_factory=dict)  # by the file's path


@dataclass(frozen=True)
class Trial:
    """A mutant, and the tests that may notice it."""

    module: ModuleType
    function: str
    tree: ast.Module
    items: list[pytest.Item]
    seconds: float  # that they take together


def observe(items: list[pytest.Item], modules: list[ModuleType], workers: int) -> dict[str, Seen]:
    """Run each test once, in forks; give what it did by its id."""
    shares = [items[number::workers] for number in range(workers)]
    with tempfile.TemporaryDirectory() as folder:
        written = [Path(folder) / str(number) for number in range(workers)]
        children = [
            _forked(lambda share=share, to=to: _note(share, modules, to))  # type: ignore[misc]
            for share, to in zip(shares, written, strict=True)
        ]
        for child in children:
            os.waitpid(child, 0)
        found: dict[str, Any] = {}
        for file in written:
            found |= json.loads(file.read_text())
    return {name: Seen(**seen) for name, seen in found.items()}


def _note(items: list[pytest.Item], modules: list[ModuleType], to: Path) -> int:
    files = {str(module.__file__) for module in modules}
    noted = {}
    for item in items:
        for module in modules:
            forget_caches(module)  # what an earlier test had computed, this one would not run
        lines: dict[str, set[int]] = defaultdict(set)
        began = time.process_time()
        passed = _traced(lambda item=item: _passes(item), files, lines)  # type: ignore[misc]
        noted[item.nodeid] = {
            "passed": passed,
            "seconds": time.process_time() - began,
            "lines": {path: sorted(numbers) for path, numbers in lines.items()},
        }
    to.write_text(json.dumps(noted))
    return _SURVIVED


def _traced(work: Callable[[], bool], files: set[str], lines: dict[str, set[int]]) -> bool:
    def enter(frame: FrameType, event: str, _: Any) -> Any:
        return follow if frame.f_code.co_filename in files else None

    def follow(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            lines[frame.f_code.co_filename].add(frame.f_lineno)
        return follow

    threading.settrace(enter)
    sys.settrace(enter)
    try:
        return work()
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


def _passes(item: pytest.Item) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)


class Trials:
    """Tries mutants in a few forks at a time, until there is no time left."""

    def __init__(self, workers: int, until: float) -> None:
        self._workers = workers
        self._until = until
        self._running: dict[int, int] = {}

    def run(self, trials: Iterable[Trial]) -> dict[int, bool]:
        """Give, by the place of each mutant that was tried, whether it was killed."""
        found: dict[int, bool] = {}
        for number, trial in enumerate(trials):
            if time.monotonic() > self._until:
                break
            if len(self._running) == self._workers:
                self._take_one(found)
            self._running[_forked(lambda trial=trial: _try(trial))] = number  # type: ignore[misc]
        while self._running:
            self._take_one(found)
        return found

    def _take_one(self, found: dict[int, bool]) -> None:
        child, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        if code == _MISPLACED:
            raise RuntimeError("a mutant could not be put in place")
        found[self._running.pop(child)] = code != _SURVIVED


def _try(trial: Trial) -> int:
    allowed = int(_CPU_SECONDS_MORE + _CPU_TIMES_MORE * trial.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, allowed))
    try:
        put_in_place(trial.module, trial.tree, function=trial.function)
    except (LookupError, ValueError):
        return _MISPLACED
    return _SURVIVED if all(_passes(item) for item in trial.items) else _KILLED


def _forked(work: Callable[[], int]) -> int:
    """Do something in a fork, without a word; give its process, whose status is what it gives."""
    child = os.fork()
    if child:
        return child
    status = _KILLED  # whatever ends the work ends the tests
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(silence, descriptor)
        status = work()
    finally:
        os._exit(status)
