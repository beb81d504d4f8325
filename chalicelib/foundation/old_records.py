"""The shape every table shares: partition, sort key, version, one sparse listing, expiry."""

import json
from typing import Any, Self

from pynamodb import attributes
from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.foundation.records import LISTING_INDEX
from chalicelib.foundation.tables import Delete, Put, Unchanged

__all__ = [
    "JSONAttribute",
    "NumberAttribute",
    "OldRecord",
    "UnicodeAttribute",
    "old_delete",
    "old_put",
    "old_unchanged",
]


class NumberAttribute(attributes.NumberAttribute):
    """A number, nearly always whole: read without going through pynamodb's JSON decoder."""

    def deserialize(self, value: str) -> int | float:
        """Read what DynamoDB sends."""
        return int(value) if value.isdecimal() else float(value)


class JSONAttribute(attributes.JSONAttribute):
    """An object as JSON, without a byte that says nothing: DynamoDB bills by the kilobyte."""

    _ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

    def serialize(self, value: Any) -> str:
        """Write what DynamoDB keeps."""
        return self._ENCODER.encode(value)


class Listing(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The sparse index of every table: the records that name a list, in the list's order."""

    class Meta:
        index_name = LISTING_INDEX
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    list_sort = UnicodeAttribute(range_key=True)


class OldRecord(Model):
    """Base of every stored record; ``Meta.table_name`` of a subclass is the domain's table.

    ``list_key``/``list_sort`` feed the sparse ``listing`` index: a record without them is not in
    it.  ``expires`` (epoch seconds) lets DynamoDB drop what no longer serves; code never relies
    on that having happened.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute(default=0)
    list_key = UnicodeAttribute(null=True)
    list_sort = UnicodeAttribute(null=True)
    expires = NumberAttribute(null=True)
    listing = Listing()

    # Making, reading and writing a record stand in place of pynamodb's own, which go through a
    # descriptor for each attribute, twice: that was most of what a page cost beside its template,
    # and of what an invoice cost beside its calculation.

    def __init__(self, **values: Any) -> None:
        """Make a record.  Raises TypeError for a value that has no attribute."""
        attributes = self.get_attributes()
        if unknown := values.keys() - attributes.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        self.attribute_values = {
            name: _default(attribute)
            for name, attribute in attributes.items()
            if attribute.default is not None
        }
        self.attribute_values.update(values)

    @classmethod
    def from_raw_data(cls, data: dict[str, dict[str, Any]]) -> Self:
        """Read an item as DynamoDB stores it."""
        record = cls.__new__(cls)
        record.attribute_values = {
            name: attribute.deserialize(data[name][attribute.attr_type])
            if name in data
            else _default(attribute)
            for name, attribute in cls.get_attributes().items()
            if name in data or attribute.default is not None
        }
        return record

    def serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:
        """Give the item as DynamoDB stores it.

        Raises ValueError when a value is missing, unless ``null_check`` is off.
        """
        item = {}
        for name, attribute in self.get_attributes().items():
            value = self.attribute_values.get(name)
            if value is not None:
                item[name] = {attribute.attr_type: attribute.serialize(value)}
            elif null_check and not attribute.null:
                raise ValueError(f"{type(self).__name__}.{name} has no value")
        return item


def _default(attribute: attributes.Attribute[Any]) -> Any:
    return attribute.default() if callable(attribute.default) else attribute.default


def old_put(record: OldRecord, *, always: bool = False) -> Put:
    """Give the write of a record."""
    return Put(record.Meta.table_name, record, always)


def old_delete(record: OldRecord) -> Delete:
    """Give the removal of a record."""
    return Delete(record.Meta.table_name, record.pk, record.sk)


def old_unchanged(record: OldRecord) -> Unchanged:
    """Give the condition that a record is unchanged."""
    table = record.Meta.table_name
    return Unchanged(table, record.pk, record.sk, int(record.version))
