"""The shape every table shares: partition, sort key, version, one sparse listing, expiry."""

from datetime import UTC, datetime
from typing import Any, Self

from pynamodb import attributes
from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

__all__ = [
    "JSONAttribute",
    "NumberAttribute",
    "Record",
    "UnicodeAttribute",
    "instant",
    "iso",
]

LISTING_INDEX = "listing"


class NumberAttribute(attributes.NumberAttribute):
    """A number, nearly always whole: read without going through pynamodb's JSON decoder."""

    def deserialize(self, value: str) -> int | float:
        """Read what DynamoDB sends."""
        return int(value) if value.isdecimal() else float(value)


class Listing(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The sparse index of every table: the records that name a list, in the list's order."""

    class Meta:
        index_name = LISTING_INDEX
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    list_sort = UnicodeAttribute(range_key=True)


class Record(Model):
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

    @classmethod
    def from_raw_data(cls, data: dict[str, dict[str, Any]]) -> Self:
        """Read an item as DynamoDB stores it.

        In place of pynamodb's own, which goes twice over all attributes and through a descriptor
        for each: reading records was most of what a page cost beside its template.
        """
        record = cls.__new__(cls)
        record.attribute_values = {
            name: attribute.deserialize(attribute.get_value(data[name]))
            if name in data
            else attribute.default
            for name, attribute in cls.get_attributes().items()
            if name in data or attribute.default is not None
        }
        return record

    def raw(self) -> dict[str, dict[str, Any]]:
        """Give the item as DynamoDB stores it."""
        return self.serialize()


def iso(moment: datetime) -> str:
    """Write a UTC instant so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read what ``iso`` wrote."""
    return datetime.fromisoformat(text)
