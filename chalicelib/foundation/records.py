"""The shape every table shares: partition, sort key, version, one sparse listing, expiry."""

from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

__all__ = [
    "JSONAttribute",
    "NumberAttribute",
    "Record",
    "UTCDateTimeAttribute",
    "UnicodeAttribute",
    "instant",
    "iso",
]

LISTING_INDEX = "listing"


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

    def raw(self) -> dict[str, dict[str, Any]]:
        """Give the item as DynamoDB stores it."""
        return self.serialize()


def iso(moment: datetime) -> str:
    """Write a UTC instant so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """Read what ``iso`` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
