"""DynamoDB's place in scenarios: same records, same conditions, in memory."""

import threading
from collections.abc import Iterator
from typing import Any

from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import MAX_WRITES, Delete, Put, R, Unchanged, Write

Key = tuple[str, str, str]
Item = dict[str, dict[str, Any]]


class InMemoryTables:
    """Keeps items as DynamoDB would hold them; ``commits`` counts the transactions."""

    def __init__(self) -> None:
        self._items: dict[Key, Item] = {}
        self._lock = threading.RLock()
        self.commits = 0

    def get(self, model: type[R], pk: str, sk: str) -> R | None:
        with self._lock:
            item = self._items.get((_table(model), pk, sk))
        return model.from_raw_data(item) if item else None

    def query(
        self,
        model: type[R],
        pk: str,
        *,
        starts_with: str = "",
        between: tuple[str, str] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[R]:
        low, high = between or (starts_with, starts_with + "\U0010ffff")
        with self._lock:
            keys = sorted(
                key
                for key in self._items
                if key[:2] == (_table(model), pk) and low <= key[2] <= high
            )
            items = [self._items[key] for key in (keys[::-1] if newest_first else keys)[:limit]]
        yield from map(model.from_raw_data, items)

    def listing(
        self,
        model: type[R],
        list_key: str,
        *,
        starts_with: str = "",
        after: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[R]:
        with self._lock:
            found = sorted(
                (item["list_sort"]["S"], key)
                for key, item in self._items.items()
                if key[0] == _table(model)
                and item.get("list_key", {}).get("S") == list_key
                and item["list_sort"]["S"].startswith(starts_with)
                and (not after or item["list_sort"]["S"] > after)
            )
            items = [self._items[k] for _, k in (found[::-1] if newest_first else found)[:limit]]
        yield from map(model.from_raw_data, items)

    def commit(self, *writes: Write) -> None:
        if len(writes) > MAX_WRITES:
            raise ValueError(f"{len(writes)} writes do not fit one transaction")
        keys = [_key(write.record) for write in writes]
        if len(set(keys)) != len(keys):
            raise ValueError("a transaction names an item once")
        with self._lock:
            for write in writes:
                self._check(write)
            for write in writes:
                self._apply(write)
            self.commits += 1

    def items(self) -> dict[Key, Item]:
        """Give everything stored, by table and keys."""
        with self._lock:
            return dict(self._items)

    def _check(self, write: Write) -> None:
        if isinstance(write, Delete) or (isinstance(write, Put) and write.always):
            return
        stored = self._items.get(_key(write.record))
        version = int(stored["version"]["N"]) if stored else 0
        if version != write.record.version:
            raise ConflictError(f"{_key(write.record)}: {version}, not {write.record.version}")

    def _apply(self, write: Write) -> None:
        key = _key(write.record)
        if isinstance(write, Delete):
            self._items.pop(key, None)
        elif not isinstance(write, Unchanged):
            item = write.record.raw()
            item["version"] = {"N": str(int(write.record.version) + 1)}
            self._items[key] = item


def _table(model: type[Record]) -> str:
    return str(model.Meta.table_name)  # type: ignore[attr-defined]


def _key(record: Record) -> Key:
    return (_table(type(record)), record.pk, record.sk)
