"""What every stored object promises, tried on the fake and on DynamoDB alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

import pytest

from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.tables import Tables, Write

Writes = Write | Sequence[Write]


class Again(Enum):
    """What a further write of the same object does."""

    VERSIONED = auto()  # only who read the last version may write the next
    REFUSED = auto()  # written once, for ever
    SAME = auto()  # the same whoever writes it


@dataclass(frozen=True)
class Kept:
    """A stored object: how it is written, and every way it is read back."""

    thing: Any
    save: Callable[[Any], Writes]
    ways: tuple[Callable[[], Any], ...]
    again: Again = Again.VERSIONED

    def try_out(self, tables: Tables) -> None:
        """Write, read in every way, write again as new, then write what was read."""
        self._is_found()
        self._commit(tables, self.thing)
        if self.again is Again.SAME:
            self._commit(tables, self.thing)
            self._is_found(self.thing)
            return
        versioned = self.again is Again.VERSIONED
        read = replace(self.thing, version=1) if versioned else self.thing
        self._is_found(read)
        with pytest.raises(ConflictError):
            self._commit(tables, self.thing)
        self._is_found(read)
        if versioned:
            self._commit(tables, read)
            self._is_found(replace(read, version=2))
            with pytest.raises(ConflictError):
                self._commit(tables, read)

    def _commit(self, tables: Tables, thing: Any) -> None:
        writes = self.save(thing)
        tables.commit(*(writes if isinstance(writes, Sequence) else (writes,)))

    def _is_found(self, *things: Any) -> None:
        for way in self.ways:
            assert _found(way) == [*things]


def _found(way: Callable[[], Any]) -> list[Any]:
    read = way()
    if read is None:
        return []
    is_one = hasattr(read, "__dataclass_fields__") or hasattr(read, "__struct_fields__")
    return [read] if is_one else list(read)
