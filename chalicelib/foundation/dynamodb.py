"""DynamoDB behind the ``Tables`` port."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

from botocore.exceptions import BotoCoreError
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.foundation.aws import REGION, AwsAccess
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import MAX_WRITES, Delete, Put, R, Unchanged, Write, fits

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

    def commit(self, *writes: Write) -> None:
        """Apply all writes or none.  Raises ConflictError, or ValueError beyond MAX_WRITES."""
        if len(writes) > MAX_WRITES:
            raise ValueError(f"{len(writes)} writes do not fit one transaction")
        with _meanings():
            if len(writes) == 1 and not isinstance(writes[0], Unchanged):
                self._write_one(writes[0])
            elif writes:
                with TransactWrite(connection=self._connection) as transaction:
                    for write in writes:
                        self._add(transaction, write)

    def _write_one(self, write: Put | Delete) -> None:
        record = self._stored(write)
        if isinstance(write, Delete):
            record.delete()
        else:
            record.save(self._condition(write))

    def _add(self, transaction: TransactWrite, write: Write) -> None:
        if isinstance(write, Delete):
            transaction.delete(self._stored(write))
        elif isinstance(write, Unchanged):
            bound = self._bound(type(write.record))
            transaction.condition_check(
                bound, write.record.pk, write.record.sk, bound.version == write.record.version
            )
        else:
            transaction.save(self._stored(write), condition=self._condition(write))

    def _stored(self, write: Put | Delete) -> Record:
        bound = self._bound(type(write.record))
        if isinstance(write, Delete):  # named by its key alone: the rest may not be known
            return bound(pk=write.record.pk, sk=write.record.sk)
        stored = bound.__new__(bound)  # as ``from_raw_data``, the values not written and read again
        version = int(write.record.version) + 1
        stored.attribute_values = {**write.record.attribute_values, "version": version}
        return stored

    def _condition(self, write: Put) -> Condition | None:
        if write.always:
            return None
        bound = self._bound(type(write.record))
        if write.record.version == 0:
            return bound.pk.does_not_exist()
        return bound.version == write.record.version


@contextmanager
def _meanings() -> Iterator[None]:
    """Turn what DynamoDB refuses into the house's errors."""
    try:
        yield
    except PynamoDBException as refused:
        raise _meaning(refused) from refused


def _meaning(refused: PynamoDBException) -> Exception:
    """Tell a conflict from a passing fault; anything else stays what it is."""
    reasons = getattr(refused, "cancellation_reasons", None) or []
    codes = {reason.code for reason in reasons if reason} | {refused.cause_response_code}
    if codes & _CONFLICTS:
        return ConflictError(str(refused))
    if codes & _LATER or isinstance(refused.cause, BotoCoreError):  # the network, a time-out
        return TemporaryGatewayError(str(refused))
    return refused
