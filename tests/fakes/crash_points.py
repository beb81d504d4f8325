"""Kills a program just before or just after any of its calls to the outside, or interrupts it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any


class Killed(BaseException):
    """The process is gone; not an Exception, so that nothing can swallow it."""


class KillSwitch:
    """Counts the boundaries of outside calls and kills at one of them.

    Boundary 2i is just before call i leaves, 2i+1 just after it was carried out, its answer unseen.
    """

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.kill_at: int | None = None
        self._between: tuple[int, Callable[[], object]] | None = None

    def arm(self, kill_at: int | None) -> None:
        """Start counting afresh, to kill at this boundary (None: never)."""
        self.passed, self.kill_at = [], kill_at

    def interrupt(self, place: int, act: Callable[[], object]) -> None:
        """Start counting afresh; at this boundary somebody else acts, from beginning to end."""
        self.arm(None)
        self._between = (place, act)

    def pass_by(self, label: str) -> None:
        """Pass a boundary, or die there."""
        here = len(self.passed)
        self.passed.append(label)
        if self._between and self._between[0] == here:
            (_, act), self._between = self._between, None
            # In a thread of its own: who asks what of AWS is read from the call stack.
            with ThreadPoolExecutor(1) as another:
                another.submit(act).result()
        if here == self.kill_at:
            raise Killed(label)


class Mortal:
    """Something outside, whose every call (or those named ``only``) passes two boundaries."""

    def __init__(
        self, outside: Any, switch: KillSwitch, only: frozenset[str] = frozenset()
    ) -> None:
        self._outside = outside
        self._switch = switch
        self._only = only

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._outside, name)
        mortal = callable(found) and (not self._only or name in self._only)
        return self._around(name, found) if mortal else found

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def passing(*given: Any, **named: Any) -> Any:
            self._switch.pass_by(f"before {name}")
            answer = call(*given, **named)
            self._switch.pass_by(f"after {name}")
            return answer

        return passing
