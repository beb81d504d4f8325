"""Restores a table of a stage to an instant, beside itself; compares; puts back what is chosen.

python -m infra.operate.restore STAGE TABLE --at 2026-11-23T20:00:00Z  restore it beside, and wait
python -m infra.operate.restore STAGE TABLE [--partition PK]           say what differs since
python -m infra.operate.restore STAGE TABLE [--partition PK] --put-back  put back what differs

Nothing is ever removed: what was written since the instant, and not before, stays.  What comes
before and after is in docs/operations.md.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.foundation.aws import AwsAccess
from infra.cloudformation.resources import TABLES
from infra.deploy.deployment import STAGES
from infra.terminal import ended

_PAGE = 100  # items of one BatchGetItem, DynamoDB's most
_TRIES = 10
_WAIT_SECONDS, _WAITS = 20, 1080  # a large table takes hours
_KEY = ("pk", "sk")
Item = dict[str, Any]


class Since(StrEnum):
    """What happened to an item since the instant."""

    MISSING = "missing"  # it was there, and is gone
    CHANGED = "changed"
    NEW = "new"  # it was not there yet


@dataclass(frozen=True)
class Difference:
    """An item that is not as it was; ``before`` is what it was, empty for a new one."""

    since: Since
    pk: str
    sk: str
    before: Item


class Restoration:
    """A table, and beside it the table as it was."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self.beside = f"{table}-restored"

    def begin(self, at: datetime) -> None:
        """Restore beside the table, under its own key, and wait until it can be read."""
        told = self._dynamodb.describe_table(TableName=self._table)["Table"]
        key = told.get("SSEDescription", {}).get("KMSMasterKeyArn")
        encrypted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        self._dynamodb.restore_table_to_point_in_time(
            SourceTableName=self._table,
            TargetTableName=self.beside,
            RestoreDateTime=at,
            **({"SSESpecificationOverride": encrypted} if key else {}),
        )
        self._dynamodb.get_waiter("table_exists").wait(
            TableName=self.beside,
            WaiterConfig={"Delay": _WAIT_SECONDS, "MaxAttempts": _WAITS},
        )

    def differences(self, partition: str = "") -> Iterator[Difference]:
        """Compare item by item, of one partition or of all."""
        for before, now in self._paired(self.beside, self._table, partition):
            if now is None:
                yield _difference(Since.MISSING, before, before)
            elif now != before:
                yield _difference(Since.CHANGED, before, before)
        for now, before in self._paired(self._table, self.beside, partition):
            if before is None:
                yield _difference(Since.NEW, now, {})

    def put_back(self, differences: Iterator[Difference]) -> Iterator[Difference]:
        """Put back what is missing or changed, each given once it is."""
        for difference in differences:
            if difference.before:
                self._dynamodb.put_item(TableName=self._table, Item=difference.before)
                yield difference

    def _paired(
        self, first: str, second: str, partition: str
    ) -> Iterator[tuple[Item, Item | None]]:
        """Give each item of a table with the one of the same key in another."""
        for items in self._pages(first, partition):
            there = self._items(second, [{name: item[name] for name in _KEY} for item in items])
            for item in items:
                yield item, there.get(_key(item))

    def _pages(self, table: str, partition: str) -> Iterator[list[Item]]:
        asked: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
        if partition:
            asked |= {
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": partition}},
            }
        reading = self._dynamodb.get_paginator("query" if partition else "scan")
        for page in reading.paginate(**asked, PaginationConfig={"PageSize": _PAGE}):
            if page["Items"]:
                yield page["Items"]

    def _items(self, table: str, keys: list[Item]) -> dict[tuple[str, str], Item]:
        found: dict[tuple[str, str], Item] = {}
        asked: dict[str, Any] = {table: {"Keys": keys, "ConsistentRead": True}}
        for _ in range(_TRIES):
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            found |= {_key(item): item for item in answer["Responses"].get(table, [])}
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return found
        raise SystemExit(f"{table} does not answer: try again later.")


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _difference(since: Since, item: Item, before: Item) -> Difference:
    return Difference(since, *_key(item), before)


def main() -> int:
    """Run what the terminal asks for; give the exit status."""
    given = arguments()
    restoration = Restoration(AwsAccess().client("dynamodb"), f"omny-{given.stage}-{given.table}")
    try:
        if given.at:
            restoration.begin(given.at)
            print(f"{restoration.beside} is there.")
            return 0
        found = restoration.differences(given.partition)
        count = 0
        for each in restoration.put_back(found) if given.put_back else found:
            count += 1
            print(f"{each.since:8} {each.pk}  {each.sk}")
    except ClientError as refused:
        print(f"AWS refused: {refused}", file=sys.stderr)
        return 1
    print(f"{count} put back." if given.put_back else f"{count} differences.")
    return 0


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read what is asked.  Ends the program when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.operate.restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--at", type=_instant, help="restore beside, to this instant")
    parser.add_argument("--partition", default="", help="only the items of this partition key")
    parser.add_argument("--put-back", action="store_true", help="put missing and changed ones back")
    return parser.parse_args(words)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError("say which time zone: 2026-11-23T20:00:00Z")
    if instant > datetime.now(UTC):
        raise argparse.ArgumentTypeError("that instant is still to come")
    return instant


if __name__ == "__main__":
    sys.exit(ended(main))
