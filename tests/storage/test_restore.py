"""A table restored beside itself, compared, and what is chosen put back (docs/operations.md)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.foundation.aws import AwsAccess
from infra.cloudformation.resources import table_definition
from infra.operate.restore import Difference, Restoration, Since, arguments

TABLE = "omny-dev-billing"
MANY = 250  # more than a page


@pytest.fixture
def dynamodb(access: AwsAccess) -> Any:
    client = access.client("dynamodb")
    client.create_table(**table_definition("omny-dev-", "billing"))
    return client


def put(dynamodb: Any, pk: str, sk: str, amount: int) -> None:
    item = {"pk": {"S": pk}, "sk": {"S": sk}, "amount": {"N": str(amount)}}
    dynamodb.put_item(TableName=TABLE, Item=item)


def amounts(dynamodb: Any) -> dict[tuple[str, str], int]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE)
    return {
        (item["pk"]["S"], item["sk"]["S"]): int(item["amount"]["N"])
        for page in pages
        for item in page["Items"]
    }


def spoilt(dynamodb: Any) -> Restoration:
    """Have a table restored beside itself, then one item removed, one changed, one made."""
    for number in range(MANY):
        put(dynamodb, f"acc_{number:03d}", "A", number)
    put(dynamodb, "acc_001", "B", 7)
    restoration = Restoration(dynamodb, TABLE)
    restoration.begin(datetime.now(UTC))
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "acc_001"}, "sk": {"S": "A"}})
    put(dynamodb, "acc_249", "A", 0)
    put(dynamodb, "acc_new", "A", 1)
    return restoration


def told(differences: Any) -> set[tuple[Since, str, str]]:
    found: list[Difference] = list(differences)
    return {(each.since, each.pk, each.sk) for each in found}


def test_what_differs_since_is_told_and_changes_nothing(dynamodb: Any) -> None:
    restoration = spoilt(dynamodb)
    before = amounts(dynamodb)
    assert told(restoration.differences()) == {
        (Since.MISSING, "acc_001", "A"),
        (Since.CHANGED, "acc_249", "A"),
        (Since.NEW, "acc_new", "A"),
    }
    assert told(restoration.differences("acc_001")) == {(Since.MISSING, "acc_001", "A")}
    assert amounts(dynamodb) == before


def test_what_is_missing_or_changed_is_put_back_and_nothing_removed(dynamodb: Any) -> None:
    restoration = spoilt(dynamodb)
    # One account first
    assert told(restoration.put_back(restoration.differences("acc_001"))) == {
        (Since.MISSING, "acc_001", "A")
    }
    assert amounts(dynamodb)["acc_001", "A"] == 1
    assert amounts(dynamodb)["acc_249", "A"] == 0
    # Then all
    list(restoration.put_back(restoration.differences()))
    assert told(restoration.differences()) == {(Since.NEW, "acc_new", "A")}
    assert amounts(dynamodb)["acc_249", "A"] == 249


@pytest.mark.parametrize(
    "words",
    [
        ["prod", "bills"],
        ["local", "billing"],
        ["prod", "billing", "--at", "2026-11-23T20:00:00"],
        ["prod", "billing", "--at", "2999-01-01T00:00:00Z"],
    ],
)
def test_what_makes_no_sense_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        arguments(words)
    assert "error" in capsys.readouterr().err
