"""How the rehearsal goes on, waits and fails: with a sentence that says what was seen."""

import time
from collections.abc import Callable

_PATIENCE_SECONDS = 180  # a function's first call unpacks its package


class RehearsalFailed(Exception):  # noqa: N818 - read as a sentence at the terminal
    """Something is not as it will have to be on AWS."""


def require(holds: bool, otherwise: object) -> None:
    """Fail with ``otherwise`` unless something holds."""
    if not holds:
        raise RehearsalFailed(str(otherwise))


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fail when it takes too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        require(time.monotonic() < deadline, f"not within {_PATIENCE_SECONDS} s: {what}")
        time.sleep(0.5)


def step(name: str, work: Callable[[], object]) -> None:
    """Do a step; print what it says, or its name, and how long it took."""
    began = time.monotonic()
    said = work()
    words = said if isinstance(said, str) else name
    print(f"  {words:76} {time.monotonic() - began:6.1f} s", flush=True)
