"""DynamoDB's place in scenarios: same records, same conditions, in memory."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import MAX_WRITES, Delete, Put, T, Unchanged, Write, fits
from tests.fakes.aws_calls import asks
from tests.fakes.copied import CopiedLock

Key = tuple[str, str, str]
Item = dict[str, dict[str, Any]]
_ACTIONS = {
    Put: "dynamodb:PutItem",
    Delete: "dynamodb:DeleteItem",
    Unchanged: "dynamodb:ConditionCheckItem",
}


class InMemoryTables:
    """Keeps items as DynamoDB would hold them; ``commits`` counts the transactions.

    While it is ``down`` it answers as DynamoDB does out of reach.
    """

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, str], dict[str, Item]] = defaultdict(dict)
        self._listed: dict[tuple[str, str], dict[Key, str]] = defaultdict(dict)
        self._lock = CopiedLock()
        self.commits = 0
        self.down = False

    def get(self, kind: Kind[T], pk: str, sk: str) -> T | None:
        if not fits(pk, sk):
            return None
        asks("DynamoTables.get", kind.table)
        self._reach()
        with self._lock:
            item = self._partitions[kind.table, pk].get(sk)
        return kind.read(Record.from_raw_data(item)) if item else None

    def query(
        self,
        kind: Kind[T],
        pk: str,
        *,
        starts_with: str = "",
        between: tuple[str, str] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[T]:
        asks("DynamoTables.query", kind.table)
        items = self._queried(kind.table, pk, starts_with, between, newest_first, limit)
        for item in items:
            yield kind.read(Record.from_raw_data(item))

    def listing(
        self,
        kind: Kind[T],
        list_key: str,
        *,
        starts_with: str = "",
        after: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[T]:
        asks("DynamoTables.listing", kind.table)
        for item in self._in_listing(kind.table, list_key, starts_with, after, newest_first, limit):
            yield kind.read(Record.from_raw_data(item))

    def count(self, kind: Kind[Any], list_key: str, *, starts_with: str = "") -> int:
        asks("DynamoTables.count", kind.table)
        with self._lock:
            found = self._listed[kind.table, list_key].values()
            return sum(sort.startswith(starts_with) for sort in found)

    def _queried(  # noqa: PLR0917
        self,
        table: str,
        pk: str,
        starts_with: str,
        between: tuple[str, str] | None,
        newest_first: bool,
        limit: int | None,
    ) -> list[Item]:
        low, high = between or (starts_with, starts_with + "\U0010ffff")
        self._reach()
        with self._lock:
            partition = self._partitions[table, pk]
            keys = sorted(sk for sk in partition if low <= sk <= high)
            return [partition[sk] for sk in (keys[::-1] if newest_first else keys)[:limit]]

    def _in_listing(  # noqa: PLR0917
        self,
        table: str,
        list_key: str,
        starts_with: str,
        after: str,
        newest_first: bool,
        limit: int | None,
    ) -> list[Item]:
        with self._lock:
            found = sorted(
                (sort, key)
                for key, sort in self._listed[table, list_key].items()
                if sort.startswith(starts_with) and (not after or sort > after)
            )
            keys = [key for _, key in (found[::-1] if newest_first else found)[:limit]]
            return [self._partitions[key[:2]][key[2]] for key in keys]

    def commit(self, *writes: Write) -> None:
        if len(writes) > MAX_WRITES:
            raise ValueError(f"{len(writes)} writes do not fit one transaction")
        keys = [_key(write) for write in writes]
        if len(set(keys)) != len(keys):
            raise ValueError("a transaction names an item once")
        for write in writes:
            asks("DynamoTables.commit", write.table, action=_ACTIONS[type(write)])
        self._reach()
        with self._lock:
            for write in writes:
                self._check(write)
            for write in writes:
                self._apply(write)
            self.commits += 1

    def _reach(self) -> None:
        if self.down:
            raise TemporaryGatewayError("DynamoDB: out of reach")

    def contents(self) -> dict[Key, Item]:
        """Give everything stored, by table and keys."""
        with self._lock:
            return {
                (table, pk, sk): item
                for (table, pk), partition in self._partitions.items()
                for sk, item in partition.items()
            }

    def forget(self, table: str) -> None:
        """Empty a table."""
        with self._lock:
            for kept in (self._partitions, self._listed):
                for key in [key for key in kept if key[0] == table]:
                    del kept[key]

    def forget_partitions(self, start: str) -> None:
        """Remove every unlisted item whose partition begins so, in all tables."""
        with self._lock:
            for key in [key for key in self._partitions if key[1].startswith(start)]:
                del self._partitions[key]

    def _check(self, write: Write) -> None:
        if isinstance(write, Delete) or (isinstance(write, Put) and write.always):
            return
        stored = self._partitions[write.table, write.pk].get(write.sk)
        version = int(stored["version"]["N"]) if stored else 0
        expected = write.record.version if isinstance(write, Put) else write.version
        if version != expected:
            raise ConflictError(f"{_key(write)}: {version}, not {expected}")

    def _apply(self, write: Write) -> None:
        if isinstance(write, Unchanged):
            return
        key = _key(write)
        gone = self._partitions[write.table, write.pk].pop(write.sk, None)
        if gone and "list_key" in gone:
            del self._listed[write.table, gone["list_key"]["S"]][key]
        if isinstance(write, Put):
            item = write.record.serialize()
            item["version"] = {"N": str(int(write.record.version) + 1)}
            self._partitions[write.table, write.pk][write.sk] = item
            if "list_key" in item:
                self._listed[write.table, item["list_key"]["S"]][key] = item["list_sort"]["S"]


def _key(write: Write) -> Key:
    return (write.table, write.pk, write.sk)
