"""Locks of fakes that are copied with what they guard."""

import threading
from types import TracebackType
from typing import Any


class CopiedLock:
    """A lock its holder may take again; a copy is another one, and free."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def __deepcopy__(self, memo: dict[int, Any]) -> "CopiedLock":
        return CopiedLock()
