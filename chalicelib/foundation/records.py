"""The one shape every table shares: keys, version, one sparse listing, expiry, and the object."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

LISTING_INDEX = "listing"


class Record(Model):
    """An object as a table keeps it (docs/data-model.md).

    ``kind`` and ``shape`` say what ``body`` is: the name of what it holds, and the version of its
    form (see ``mapping.py``).  ``list_key``/``list_sort`` feed the sparse ``listing`` index: a
    record without them is not in it.  ``expires`` (epoch seconds) lets DynamoDB drop what no
    longer serves; code never relies on that having happened.

    Which table it goes to, and in which stage, is not its business: ``dynamodb.py`` says it.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    list_key = UnicodeAttribute(null=True)
    list_sort = UnicodeAttribute(null=True)
    expires = NumberAttribute(null=True)
    kind = UnicodeAttribute()
    shape = NumberAttribute()
    body = UnicodeAttribute()


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


# What DynamoDB is told of every table, but for its name.
TABLE_SHAPE = {
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"}
        for name in ("pk", "sk", "list_key", "list_sort")
    ],
    "KeySchema": _keys("pk", "sk"),
    "GlobalSecondaryIndexes": [
        {
            "IndexName": LISTING_INDEX,
            "KeySchema": _keys("list_key", "list_sort"),
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
