"""The port through which every domain reads and writes its records.

A domain's storage says of each type it keeps which ``Kind`` it is (``mapping.py``) and asks for it
here by its keys; a service gathers the writes of one fact and commits them together.  Two adapters
exist: DynamoDB (``dynamodb.py``) and, for tests, memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from chalicelib.foundation.mapping import Kind
    from chalicelib.foundation.records import Record

T = TypeVar("T")
MAX_WRITES = 100  # of one DynamoDB transaction
_LONGEST_PK, _LONGEST_SK = 2048, 1024  # bytes, of a DynamoDB key


def fits(pk: str, sk: str = "") -> bool:
    """Tell whether something can be stored under these keys; what is longer, nobody wrote."""
    return len(pk.encode()) <= _LONGEST_PK and len(sk.encode()) <= _LONGEST_SK


@dataclass(frozen=True)
class Put:
    """Write a record whole.

    The record's ``version`` is the one read (0 for a new one); the write is refused with
    ConflictError when the stored version is another, and stores the next.  ``always`` skips the
    condition: for facts that are the same whoever writes them.
    """

    table: str
    record: "Record"
    always: bool = False

    @property
    def pk(self) -> str:
        """The partition written to."""
        return str(self.record.pk)

    @property
    def sk(self) -> str:
        """The key within the partition."""
        return str(self.record.sk)


@dataclass(frozen=True)
class Delete:
    """Remove a record, whether it is there or not."""

    table: str
    pk: str
    sk: str


@dataclass(frozen=True)
class Unchanged:
    """Make the whole commit depend on a record still being at the version read."""

    table: str
    pk: str
    sk: str
    version: int


Write = Put | Delete | Unchanged


class Tables(Protocol):
    """Strongly consistent reads by key, listings by index, conditional commits."""

    def get(self, kind: "Kind[T]", pk: str, sk: str) -> T | None:
        """Read one object, or None; also for a key too long to be one."""

    def query(  # noqa: PLR0913 - each narrows the reading
        self,
        kind: "Kind[T]",
        pk: str,
        *,
        starts_with: str = "",
        between: tuple[str, str] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[T]:
        """Read the objects of a partition in key order, both ends of ``between`` included."""

    def listing(  # noqa: PLR0913 - each narrows the reading
        self,
        kind: "Kind[T]",
        list_key: str,
        *,
        starts_with: str = "",
        after: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[T]:
        """Read the objects that carry ``list_key``, ordered by ``list_sort``.

        An index: it may lag behind a write by a moment.  ``after`` starts behind that sort key;
        behind the last one, or behind what is no sort key at all, there is nothing.
        """

    def count(self, kind: "Kind[Any]", list_key: str, *, starts_with: str = "") -> int:
        """Count the objects that ``listing`` would read, without bringing them."""

    def commit(self, *writes: Write) -> None:
        """Apply all writes or none.  Raises ConflictError, or ValueError beyond MAX_WRITES."""
