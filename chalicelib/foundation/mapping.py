"""How objects are kept: one mapper for every kind, msgspec's JSON in the body of a record.

A domain's storage declares a ``Kind`` for each type it keeps, and names it in what it asks of
``Tables``; no field is copied by hand.  What msgspec writes of dataclasses and Structs is their
fields: dates and instants as ISO text, decimals as text, enumerations by value.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import Delete, Put, Unchanged

T = TypeVar("T")
Listed = tuple[str, str]  # list_key, list_sort
_encode = msgspec.json.Encoder().encode


class Kind(Generic[T]):
    """What a table keeps under one name, and in which form.

    ``shape`` goes up when a body written before can no longer be read as the type: what
    ``earlier`` holds under the former shape then reads it, for a release.  A field with a default
    may be added without that, and one may go.

    A type with a field ``version: int`` is locked optimistically: its version is the one read (0
    for a new one), and the body holds the version that it is stored under.
    """

    def __init__(
        self,
        table: str,
        name: str,
        of: type[T],
        *,
        shape: int = 1,
        earlier: Mapping[int, Callable[[str], T]] | None = None,
    ) -> None:
        self.table = table
        self.name = name
        self._of = of
        self._shape = shape
        self._earlier = earlier or {}

    def put(  # noqa: PLR0913 - where it is kept, where it is listed, and how it is guarded
        self,
        thing: T,
        pk: str,
        sk: str,
        *,
        listed: Listed | None = None,
        forget_at: datetime | None = None,
        always: bool = False,
    ) -> Put:
        """Give the write of an object, refused when the stored one has another version.

        ``listed`` names its place in the listing; ``forget_at`` is the instant from which
        DynamoDB may drop it; ``always`` writes whatever is stored.
        """
        version = 0
        kept: Any = thing
        if self._is_versioned:
            version = kept.version
            kept = self._numbered(kept, version + 1)
        list_key, list_sort = listed or (None, None)
        record = Record(
            pk=pk,
            sk=sk,
            version=version,
            list_key=list_key,
            list_sort=list_sort,
            expires=int(forget_at.timestamp()) if forget_at else None,
            kind=self.name,
            shape=self._shape,
            body=self.write(kept),
        )
        return Put(self.table, record, always=always)

    def delete(self, pk: str, sk: str) -> Delete:
        """Give the removal of an object."""
        return Delete(self.table, pk, sk)

    def unchanged(self, thing: T, pk: str, sk: str) -> Unchanged:
        """Give the condition that an object is still at the version read."""
        versioned: Any = thing
        return Unchanged(self.table, pk, sk, versioned.version)

    def write(self, thing: T) -> str:
        """Give the body that keeps an object."""
        return _encode(thing).decode()

    def read(self, record: Record) -> T:
        """Give the object that a record keeps.  Raises ValueError when it is of another kind."""
        if record.kind != self.name:
            raise ValueError(f"{record.pk} {record.sk} is a {record.kind}, not a {self.name}")
        if record.shape == self._shape:
            return self._decoder.decode(record.body)
        if record.shape not in self._earlier:
            raise ValueError(f"{record.pk} {record.sk} has shape {record.shape} of {self.name}")
        return self._earlier[int(record.shape)](record.body)

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[T]:
        return msgspec.json.Decoder(self._of)

    @cached_property
    def _is_versioned(self) -> bool:
        members: Any = self._of
        if is_dataclass(self._of):
            return any(one.name == "version" and one.default == 0 for one in fields(members))
        return "version" in getattr(members, "__struct_fields__", ())

    @cached_property
    def _numbered(self) -> Callable[[Any, int], Any]:
        change = replace if is_dataclass(self._of) else msgspec.structs.replace
        return lambda thing, version: change(thing, version=version)
