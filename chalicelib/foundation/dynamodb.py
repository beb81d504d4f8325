"""DynamoDB behind the ``Tables`` port."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.pagination import PageIterator, ResultIterator

from chalicelib.foundation.aws import REGION, AwsAccess
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.records import LISTING_INDEX, TABLE_SHAPE, Record
from chalicelib.foundation.tables import MAX_WRITES, Delete, Put, T, Write, fits

_CONFLICTS = {
    "ConditionalCheckFailed",
    "ConditionalCheckFailedException",
    "TransactionConflict",
    "TransactionConflictException",  # the same, of a write outside a transaction
}
_LATER = {
    "ThrottlingException",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionInProgressException",
    "InternalServerError",
}


class DynamoTables:
    """Reads and commits on the tables of one stage, named ``{prefix}{table}``."""

    def __init__(self, access: AwsAccess, prefix: str) -> None:
        self._prefix = prefix
        self._names: dict[str, str] = {}
        # One connection, so one client and one pool, for all tables.
        self._connection = Connection(
            region=REGION,
            host=dict(access.endpoints).get("dynamodb", access.endpoint_url),
            aws_access_key_id=access.access_key,
            aws_secret_access_key=access.secret_key,
        )

    def _named(self, table: str) -> str:
        """Give the name of a table in this stage, which pynamodb is told the shape of."""
        if table not in self._names:
            name = self._prefix + table
            self._connection.add_meta_table(MetaTable({"TableName": name, **TABLE_SHAPE}))
            self._names[table] = name
        return self._names[table]

    def get(self, kind: Kind[T], pk: str, sk: str) -> T | None:
        """Read one object, or None."""
        if not fits(pk, sk):
            return None
        with _meanings():
            answer = self._connection.get_item(
                self._named(kind.table), pk, sk, consistent_read=True
            )
        return kind.read(Record.from_raw_data(answer["Item"])) if "Item" in answer else None

    def query(  # noqa: PLR0913 - the port's
        self,
        kind: Kind[T],
        pk: str,
        *,
        starts_with: str = "",
        between: tuple[str, str] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[T]:
        """Read the objects of a partition in key order."""
        condition: Condition | None = None
        if between:
            condition = Record.sk.between(*between)
        elif starts_with:
            condition = Record.sk.startswith(starts_with)
        yield from self._found(kind, pk, condition, limit, newest_first, consistent_read=True)

    def listing(  # noqa: PLR0913 - the port's
        self,
        kind: Kind[T],
        list_key: str,
        *,
        starts_with: str = "",
        after: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[T]:
        """Read the objects that carry ``list_key``, ordered by ``list_sort``."""
        condition: Condition | None = None
        if after:
            # "!" and "~" sort before and behind every character of our keys.
            first, last = after + "!", starts_with + "~"
            if first > last or not fits(list_key, first):
                return
            condition = Record.list_sort.between(first, last)
        elif starts_with:
            condition = Record.list_sort.startswith(starts_with)
        yield from self._found(
            kind, list_key, condition, limit, newest_first, index_name=LISTING_INDEX
        )

    def _found(
        self,
        kind: Kind[T],
        key: str,
        condition: Condition | None,
        limit: int | None,
        newest_first: bool,
        **how: Any,
    ) -> Iterator[T]:
        asked = {
            "range_key_condition": condition,
            "scan_index_forward": not newest_first,
            "limit": limit,
            **how,
        }
        found: ResultIterator[Record] = ResultIterator(
            self._connection.query,
            (self._named(kind.table), key),
            asked,
            map_fn=Record.from_raw_data,
            limit=limit,
        )
        with _meanings():
            yield from map(kind.read, found)

    def count(self, kind: Kind[Any], list_key: str, *, starts_with: str = "") -> int:
        """Count the objects of a listing without bringing them."""
        condition = Record.list_sort.startswith(starts_with) if starts_with else None
        pages: PageIterator[dict[str, Any]] = PageIterator(
            self._connection.query,
            (self._named(kind.table), list_key),
            {"range_key_condition": condition, "index_name": LISTING_INDEX, "select": "COUNT"},
        )
        with _meanings():
            return sum(page["Count"] for page in pages)

    def commit(self, *writes: Write) -> None:
        """Apply all writes or none.  Raises ConflictError, or ValueError beyond MAX_WRITES."""
        if len(writes) > MAX_WRITES:
            raise ValueError(f"{len(writes)} writes do not fit one transaction")
        calls = [self._call(write) for write in writes]
        client: Any = self._connection.client
        with _meanings():
            if len(writes) == 1 and isinstance(writes[0], Put):
                client.put_item(**calls[0]["Put"])
            elif len(writes) == 1 and isinstance(writes[0], Delete):
                client.delete_item(**calls[0]["Delete"])
            elif calls:
                client.transact_write_items(TransactItems=calls)

    def _call(self, write: Write) -> dict[str, Any]:
        """Write a write down as DynamoDB takes it."""
        table = self._named(write.table)
        if isinstance(write, Put):
            version = int(write.record.version)
            item = {**write.record.serialize(), "version": {"N": str(version + 1)}}
            condition = {} if write.always else _still_at(version)
            return {"Put": {"TableName": table, "Item": item, **condition}}
        key = {"pk": {"S": write.pk}, "sk": {"S": write.sk}}
        if isinstance(write, Delete):
            return {"Delete": {"TableName": table, "Key": key}}
        return {"ConditionCheck": {"TableName": table, "Key": key, **_still_at(write.version)}}


def _still_at(version: int) -> dict[str, Any]:
    """Give the condition that a record is at a version, or (0) not there yet."""
    if version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }


@contextmanager
def _meanings() -> Iterator[None]:
    """Turn what DynamoDB refuses into the house's errors."""
    try:
        yield
    except (ClientError, BotoCoreError) as refused:
        raise _meaning(refused, refused) from refused
    except PynamoDBException as refused:  # of a read
        raise _meaning(refused, refused.cause) from refused


def _meaning(refused: Exception, cause: BaseException | None) -> Exception:
    """Tell a conflict from a passing fault; anything else stays what it is."""
    answer: Any = cause.response if isinstance(cause, ClientError) else {}
    codes = {reason["Code"] for reason in answer.get("CancellationReasons", ())}
    codes.add(answer.get("Error", {}).get("Code"))
    if codes & _CONFLICTS:
        return ConflictError(str(refused))
    if codes & _LATER or isinstance(cause, BotoCoreError):  # the network, a time-out
        return TemporaryGatewayError(str(refused))
    return refused
