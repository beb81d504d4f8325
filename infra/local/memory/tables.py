"""DynamoDB's items taken into memory, and what changed there written back in bulk."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.tables import InMemoryTables, Item, Key

_WRITES_AT_ONCE = 25  # of one BatchWriteItem


class TakenTables(InMemoryTables):
    """The tests' tables in memory, filled from a stage's and written back to it.

    The same records under the same conditions: the storage suite holds both to one contract.
    """

    def __init__(self, dynamodb: Any, prefix: str) -> None:
        super().__init__()
        self._dynamodb = dynamodb
        self._prefix = prefix
        self._taken: dict[Key, Item] = {}

    def take(self, names: tuple[str, ...]) -> None:
        """Read every item of these tables."""
        pages = self._dynamodb.get_paginator("scan")
        for table in names:
            for page in pages.paginate(TableName=self._prefix + table, ConsistentRead=True):
                for item in page["Items"]:
                    self._keep(table, item)
        self._taken = dict(self.contents())

    def _keep(self, table: str, item: Item) -> None:
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        self._partitions[table, pk][sk] = item
        if "list_key" in item:
            listed = self._listed[table, item["list_key"]["S"]]
            listed[table, pk, sk] = item["list_sort"]["S"]

    def rename(self, table: str, names: Mapping[str, str]) -> None:
        """Replace ids, each of which occurs nowhere else, in what a table's items hold."""
        for (kept_in, pk, sk), item in self.contents().items():
            if kept_in != table:
                continue
            held = {name: value["S"] for name, value in item.items() if "S" in value}
            renamed = {
                name: {"S": _replaced(text, names)}
                for name, text in held.items()
                if any(old in text for old in names)
            }
            if renamed:
                self._partitions[table, pk][sk] = {**item, **renamed}

    def write_back(self) -> int:
        """Write what changed since ``take``; give how many items that was.

        Whatever is written is unconditional: nobody else may write meanwhile.
        """
        now = self.contents()
        changes = [
            (table, {"PutRequest": {"Item": item}})
            for (table, _, _), item in _beyond(now, self._taken)
        ] + [
            (table, {"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}})
            for table, pk, sk in self._taken.keys() - now.keys()
        ]
        for start in range(0, len(changes), _WRITES_AT_ONCE):
            self._write(changes[start : start + _WRITES_AT_ONCE])
        self._taken = dict(now)
        return len(changes)

    def _write(self, changes: list[tuple[str, dict[str, Any]]]) -> None:
        asked: dict[str, list[dict[str, Any]]] = {}
        for table, change in changes:
            asked.setdefault(self._prefix + table, []).append(change)
        while asked:
            asked = self._dynamodb.batch_write_item(RequestItems=asked)["UnprocessedItems"]


def _replaced(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _beyond(now: dict[Key, Item], before: dict[Key, Item]) -> list[tuple[Key, Item]]:
    # An item is replaced whole at each write: the same object is the same item.
    return [(key, item) for key, item in now.items() if before.get(key) is not item]
