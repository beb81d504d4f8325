"""The ``Tables`` port: the same promises kept in memory and by DynamoDB."""

import json
import threading
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables


@dataclass(frozen=True)
class Thing:
    sk: str
    colour: str = "red"
    count: int = 0
    facts: dict[str, Any] | None = None
    version: int = 0


THINGS = Kind("catalogue", "thing", Thing)


def put(thing: Thing, pk: str = "P", **how: Any) -> Put:
    return THINGS.put(thing, pk, thing.sk, **how)


def test_what_is_put_is_read_back_at_the_next_version(tables: Tables) -> None:
    facts = {"été": [1, 2.5, None, True]}
    tables.commit(put(Thing("A", facts=facts, count=3)))
    assert tables.get(THINGS, "P", "A") == Thing("A", "red", 3, facts, version=1)


def test_a_record_of_another_kind_or_form_is_never_taken_for_this_one(tables: Tables) -> None:
    tables.commit(put(Thing("A")))
    for other in (Kind("catalogue", "other", Thing), Kind("catalogue", "thing", Thing, shape=2)):
        with pytest.raises(ValueError, match="P A"):
            tables.get(other, "P", "A")


def test_a_former_shape_is_read_for_a_release(tables: Tables) -> None:
    # Given a thing kept when a thing was its colour alone
    tables.commit(Kind("catalogue", "thing", str).put("blue", "P", "A"))
    # When things are read in their present shape, which knows the former one
    today = Kind(
        "catalogue",
        "thing",
        Thing,
        shape=2,
        earlier={1: lambda body: Thing("A", colour=json.loads(body))},
    )
    # Then it is understood, and kept in the present shape from its next write on
    assert tables.get(today, "P", "A") == Thing("A", "blue")
    tables.commit(today.put(Thing("A", "green", version=1), "P", "A"))
    assert tables.get(today, "P", "A") == Thing("A", "green", version=2)


def test_what_does_not_exist_is_none(tables: Tables) -> None:
    assert tables.get(THINGS, "P", "nothing") is None


@pytest.mark.parametrize(("pk", "sk"), [("P" * 2049, "A"), ("P", "A" * 1025), ("P", "é" * 513)])
def test_a_key_too_long_to_be_one_names_nothing(tables: Tables, pk: str, sk: str) -> None:
    assert tables.get(THINGS, pk, sk) is None


@pytest.mark.parametrize("after", ["issued#z", "z", "z" * 1025])
def test_behind_the_end_of_a_listing_there_is_nothing(tables: Tables, after: str) -> None:
    tables.commit(put(Thing("A"), listed=("RUN#2026-11", "issued#acc_1")))
    assert list(tables.listing(THINGS, "RUN#2026-11", starts_with="issued#", after=after)) == []


def test_a_record_put_twice_as_new_is_a_conflict_and_changes_nothing(tables: Tables) -> None:
    tables.commit(put(Thing("A")))
    with pytest.raises(ConflictError):
        tables.commit(put(Thing("A", "blue")))
    assert read(tables).colour == "red"


def test_a_record_changed_meanwhile_is_a_conflict(tables: Tables) -> None:
    # Given two readers of the same version
    tables.commit(put(Thing("A")))
    one, two = read(tables), read(tables)
    # When both write
    tables.commit(put(replace(one, colour="blue")))
    # Then the second is told
    with pytest.raises(ConflictError):
        tables.commit(put(replace(two, colour="green")))
    assert (read(tables).colour, read(tables).version) == ("blue", 2)


def test_a_transaction_is_all_or_nothing(tables: Tables) -> None:
    tables.commit(put(Thing("B")))
    with pytest.raises(ConflictError):
        tables.commit(put(Thing("A")), put(Thing("B")))
    assert tables.get(THINGS, "P", "A") is None


def test_a_commit_depends_on_what_must_not_have_changed(tables: Tables) -> None:
    # Given a record read, then changed by somebody else
    tables.commit(put(Thing("A")))
    seen = read(tables)
    tables.commit(put(read(tables)))
    # When a commit depends on it, then it is refused
    with pytest.raises(ConflictError):
        tables.commit(THINGS.unchanged(seen, "P", "A"), put(Thing("B")))
    assert tables.get(THINGS, "P", "B") is None
    # and passes with the present version
    tables.commit(THINGS.unchanged(read(tables), "P", "A"), put(Thing("B")))
    assert tables.get(THINGS, "P", "B") is not None


def test_always_writes_whatever_is_there_and_delete_removes(tables: Tables) -> None:
    tables.commit(put(Thing("A"), always=True))
    tables.commit(put(Thing("A", "blue"), always=True))
    assert read(tables).colour == "blue"
    tables.commit(THINGS.delete("P", "A"), put(Thing("B")))
    tables.commit(THINGS.delete("P", "A"))
    assert tables.get(THINGS, "P", "A") is None


def test_a_partition_is_read_in_order_by_prefix_range_and_end(tables: Tables) -> None:
    keys = ["DAY#2026-11-01", "DAY#2026-11-02", "DAY#2026-11-30", "NOTE#1"]
    tables.commit(*(put(Thing(sk)) for sk in reversed(keys)))
    tables.commit(put(Thing("DAY#2026-11-01"), "Q"))

    def found(**how: object) -> list[str]:
        return [thing.sk for thing in tables.query(THINGS, "P", **how)]  # type: ignore[arg-type]

    assert found() == keys
    assert found(starts_with="DAY#") == keys[:3]
    assert found(between=("DAY#2026-11-02", "DAY#2026-11-30")) == keys[1:3]
    assert found(newest_first=True, limit=2) == ["NOTE#1", "DAY#2026-11-30"]
    assert found(starts_with="NONE#") == []


def test_a_listing_is_counted_without_being_read(tables: Tables) -> None:
    # Given more records than one page of an index brings
    states = ["issued"] * 40 + ["failed"] * 3
    for number, state in enumerate(states):
        tables.commit(put(Thing(f"ACC#{number}"), listed=("STATE#2026-11", f"{state}#{number}")))
    # Then each state is counted, and all of them
    assert tables.count(THINGS, "STATE#2026-11", starts_with="issued#") == 40
    assert tables.count(THINGS, "STATE#2026-11", starts_with="failed#") == 3
    assert tables.count(THINGS, "STATE#2026-11") == 43
    assert tables.count(THINGS, "STATE#2026-12") == 0


def test_the_listing_holds_only_the_records_that_ask_for_it(tables: Tables) -> None:
    for n, sort in enumerate(["failed#acc_2", "issued#acc_1", "issued#acc_3"]):
        tables.commit(put(Thing(f"L{n}", sort), listed=("RUN#2026-11", sort)))
    tables.commit(put(Thing("other"), listed=("RUN#2026-10", "issued#acc_1")))
    tables.commit(put(Thing("unlisted")))

    def listed(**how: object) -> list[str]:
        things = tables.listing(THINGS, "RUN#2026-11", **how)  # type: ignore[arg-type]
        return [thing.colour for thing in things]

    assert listed() == ["failed#acc_2", "issued#acc_1", "issued#acc_3"]
    assert listed(starts_with="issued#") == ["issued#acc_1", "issued#acc_3"]
    assert listed(starts_with="issued#", after="issued#acc_1") == ["issued#acc_3"]
    assert listed(newest_first=True, limit=1) == ["issued#acc_3"]


def test_more_than_a_transaction_holds_is_refused_whole(tables: Tables) -> None:
    with pytest.raises(ValueError, match="101 writes"):
        tables.commit(*(put(Thing(f"N{n}")) for n in range(101)))
    assert list(tables.query(THINGS, "P")) == []


def test_of_many_writers_at_once_exactly_one_wins(tables: Tables) -> None:
    # Given eight workers that each create the same pair of records
    outcomes: list[str] = []

    def work(n: int) -> None:
        try:
            tables.commit(put(Thing("A", str(n))), put(Thing("B", str(n))))
            outcomes.append(str(n))
        except ConflictError:
            pass

    workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # Then one pair is there, whole
    assert len(outcomes) == 1
    assert [thing.colour for thing in tables.query(THINGS, "P")] == outcomes * 2


def read(tables: Tables) -> Thing:
    found = tables.get(THINGS, "P", "A")
    assert found is not None
    return found
