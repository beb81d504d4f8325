"""DynamoDB behind the ``Tables`` port."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition

from chalicelib.foundation.aws import REGION, AwsAccess
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.records import LISTING_INDEX, Record
from chalicelib.foundation.tables import MAX_WRITES, Delete, Put, R, Write, fits

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


class _Bound:
    """Marks the models of a stage, so that a record read is not bound a second time."""


class DynamoTables:
    """Reads and commits on the tables of one stage, named ``{prefix}{table}``."""

    def __init__(self, access: AwsAccess, prefix: str) -> None:
        self._prefix = prefix
        self._bound_models: dict[type[Record], type[Record]] = {}
        # One connection, so one client and one pool, for all tables.
        self._connection = Connection(
            region=REGION,
            host=dict(access.endpoints).get("dynamodb", access.endpoint_url),
            aws_access_key_id=access.access_key,
            aws_secret_access_key=access.secret_key,
        )

    @property
    def _client(self) -> Any:
        return self._connection.client

    def _bound(self, model: type[R]) -> type[R]:
        """Give the model of this stage: the same attributes on its own table."""
        if issubclass(model, _Bound):
            return model
        if model not in self._bound_models:
            self._bound_models[model] = self._bind(model)
        return cast(type[R], self._bound_models[model])

    def _bind(self, model: type[Record]) -> type[Record]:
        name = self._prefix + model.Meta.table_name
        meta = type("Meta", (), {"table_name": name, "region": REGION})
        bound = cast(type[Record], type(model.__name__, (model, _Bound), {"Meta": meta}))
        table = bound._get_connection()  # pynamodb offers no public way
        with suppress(ValueError):  # another model of this table told it already
            self._connection.add_meta_table(table.get_meta_table())
        table.connection = self._connection
        return bound

    def get(self, model: type[R], pk: str, sk: str) -> R | None:
        """Read one record, or None."""
        bound = self._bound(model)
        if not fits(pk, sk):
            return None
        with _meanings():
            try:
                return bound.get(pk, sk, consistent_read=True)
            except bound.DoesNotExist:
                return None

    def query(  # noqa: PLR0913 - the port's
        self,
        model: type[R],
        pk: str,
        *,
        starts_with: str = "",
        between: tuple[str, str] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[R]:
        """Read the records of a partition in key order."""
        bound = self._bound(model)
        condition: Condition | None = None
        if between:
            condition = bound.sk.between(*between)
        elif starts_with:
            condition = bound.sk.startswith(starts_with)
        with _meanings():
            yield from bound.query(
                pk,
                condition,
                consistent_read=True,
                scan_index_forward=not newest_first,
                limit=limit,
            )

    def listing(  # noqa: PLR0913 - the port's
        self,
        model: type[R],
        list_key: str,
        *,
        starts_with: str = "",
        after: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[R]:
        """Read the records that carry ``list_key``, ordered by ``list_sort``."""
        bound = self._bound(model)
        condition: Condition | None = None
        if after:
            # "!" and "~" sort before and behind every character of our keys.
            first, last = after + "!", starts_with + "~"
            if first > last or not fits(list_key, first):
                return
            condition = bound.list_sort.between(first, last)
        elif starts_with:
            condition = bound.list_sort.startswith(starts_with)
        with _meanings():
            yield from bound.listing.query(
                list_key, condition, scan_index_forward=not newest_first, limit=limit
            )

    def count(self, model: type[R], list_key: str, *, starts_with: str = "") -> int:
        """Count the records of a listing without bringing them."""
        condition, named = "list_key = :key", {":key": {"S": list_key}}
        if starts_with:
            condition += " AND begins_with(list_sort, :start)"
            named[":start"] = {"S": starts_with}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._bound(model).Meta.table_name,
            IndexName=LISTING_INDEX,
            Select="COUNT",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=named,
        )
        with _meanings():
            return sum(page["Count"] for page in pages)

    def commit(self, *writes: Write) -> None:
        """Apply all writes or none.  Raises ConflictError, or ValueError beyond MAX_WRITES."""
        if len(writes) > MAX_WRITES:
            raise ValueError(f"{len(writes)} writes do not fit one transaction")
        calls = [self._call(write) for write in writes]
        client = self._client
        with _meanings():
            if len(writes) == 1 and isinstance(writes[0], Put):
                client.put_item(**calls[0]["Put"])
            elif len(writes) == 1 and isinstance(writes[0], Delete):
                client.delete_item(**calls[0]["Delete"])
            elif calls:
                client.transact_write_items(TransactItems=calls)

    def _call(self, write: Write) -> dict[str, Any]:
        """Write a write down as DynamoDB takes it; pynamodb's own way took twice the time."""
        record = write.record
        table = self._bound(type(record)).Meta.table_name
        if isinstance(write, Put):
            version = int(record.version)
            item = {**record.serialize(), "version": {"N": str(version + 1)}}
            condition = {} if write.always else _still_at(version)
            return {"Put": {"TableName": table, "Item": item, **condition}}
        key = {"pk": {"S": record.pk}, "sk": {"S": record.sk}}
        if isinstance(write, Delete):
            return {"Delete": {"TableName": table, "Key": key}}
        condition = _still_at(int(record.version))
        return {"ConditionCheck": {"TableName": table, "Key": key, **condition}}


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
