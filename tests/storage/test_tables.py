"""The ``Tables`` port: the same promises kept in memory and by DynamoDB."""

import threading

import pytest

from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.records import JSONAttribute, NumberAttribute, Record, UnicodeAttribute
from chalicelib.foundation.tables import Delete, Put, Tables, Unchanged


class Thing(Record):
    class Meta:
        table_name = "catalogue"

    colour = UnicodeAttribute(default="")
    count = NumberAttribute(default=0)
    facts = JSONAttribute(null=True)


class Owned(Record):
    class Meta:
        table_name = "catalogue"

    owner = UnicodeAttribute()


def a_thing(sk: str = "A", **values: object) -> Thing:
    return Thing(**{"pk": "P", "sk": sk, "colour": "red", **values})


def test_what_is_put_is_read_back_at_the_next_version(tables: Tables) -> None:
    tables.commit(Put(a_thing(facts={"été": [1, 2.5, None, True]}, count=3)))

    read = tables.get(Thing, "P", "A")

    assert read is not None
    assert (read.colour, read.count, read.version) == ("red", 3, 1)
    assert read.facts == {"été": [1, 2.5, None, True]}


def test_what_does_not_exist_is_none(tables: Tables) -> None:
    assert tables.get(Thing, "P", "nothing") is None


@pytest.mark.parametrize(("pk", "sk"), [("P" * 2049, "A"), ("P", "A" * 1025), ("P", "é" * 513)])
def test_a_key_too_long_to_be_one_names_nothing(tables: Tables, pk: str, sk: str) -> None:
    assert tables.get(Thing, pk, sk) is None


@pytest.mark.parametrize("after", ["issued#z", "z", "z" * 1025])
def test_behind_the_end_of_a_listing_there_is_nothing(tables: Tables, after: str) -> None:
    tables.commit(Put(a_thing(list_key="RUN#2026-11", list_sort="issued#acc_1")))
    assert list(tables.listing(Thing, "RUN#2026-11", starts_with="issued#", after=after)) == []


def test_a_record_put_twice_as_new_is_a_conflict_and_changes_nothing(tables: Tables) -> None:
    tables.commit(Put(a_thing()))
    with pytest.raises(ConflictError):
        tables.commit(Put(a_thing(colour="blue")))
    assert read(tables).colour == "red"


def test_a_record_changed_meanwhile_is_a_conflict(tables: Tables) -> None:
    # Given two readers of the same version
    tables.commit(Put(a_thing()))
    one, two = read(tables), read(tables)
    # When both write
    one.colour, two.colour = "blue", "green"
    tables.commit(Put(one))
    # Then the second is told
    with pytest.raises(ConflictError):
        tables.commit(Put(two))
    assert (read(tables).colour, read(tables).version) == ("blue", 2)


def test_a_transaction_is_all_or_nothing(tables: Tables) -> None:
    tables.commit(Put(a_thing("B")))
    with pytest.raises(ConflictError):
        tables.commit(Put(a_thing("A")), Put(a_thing("B")))
    assert tables.get(Thing, "P", "A") is None


def test_a_commit_depends_on_what_must_not_have_changed(tables: Tables) -> None:
    # Given a record read, then changed by somebody else
    tables.commit(Put(a_thing()))
    seen = read(tables)
    tables.commit(Put(read(tables)))
    # When a commit depends on it, then it is refused
    with pytest.raises(ConflictError):
        tables.commit(Unchanged(seen), Put(a_thing("B")))
    assert tables.get(Thing, "P", "B") is None
    # and passes with the present version
    tables.commit(Unchanged(read(tables)), Put(a_thing("B")))
    assert tables.get(Thing, "P", "B") is not None


def test_always_writes_whatever_is_there_and_delete_removes(tables: Tables) -> None:
    tables.commit(Put(a_thing(), always=True))
    tables.commit(Put(a_thing(colour="blue"), always=True))
    assert read(tables).colour == "blue"
    tables.commit(Delete(a_thing()), Put(a_thing("B")))
    tables.commit(Delete(a_thing()))
    assert tables.get(Thing, "P", "A") is None


def test_a_record_is_removed_by_its_key_alone(tables: Tables) -> None:
    # Given records that must have an owner
    tables.commit(*(Put(Owned(pk="P", sk=sk, owner="acc_1")) for sk in "AB"))
    # When they are removed, one alone and one among other writes, by what names them
    tables.commit(Delete(Owned(pk="P", sk="A")))
    tables.commit(Delete(Owned(pk="P", sk="B")), Put(Owned(pk="P", sk="C", owner="acc_1")))
    # Then nothing else is needed
    assert [each.sk for each in tables.query(Owned, "P")] == ["C"]


def test_a_partition_is_read_in_order_by_prefix_range_and_end(tables: Tables) -> None:
    keys = ["DAY#2026-11-01", "DAY#2026-11-02", "DAY#2026-11-30", "NOTE#1"]
    tables.commit(*(Put(a_thing(sk)) for sk in reversed(keys)))
    tables.commit(Put(Thing(pk="Q", sk="DAY#2026-11-01")))

    def found(**how: object) -> list[str]:
        return [thing.sk for thing in tables.query(Thing, "P", **how)]  # type: ignore[arg-type]

    assert found() == keys
    assert found(starts_with="DAY#") == keys[:3]
    assert found(between=("DAY#2026-11-02", "DAY#2026-11-30")) == keys[1:3]
    assert found(newest_first=True, limit=2) == ["NOTE#1", "DAY#2026-11-30"]
    assert found(starts_with="NONE#") == []


def test_a_listing_is_counted_without_being_read(tables: Tables) -> None:
    # Given more records than one page of an index brings
    states = ["issued"] * 40 + ["failed"] * 3
    for number, state in enumerate(states):
        tables.commit(
            Put(
                Thing(
                    pk="RUN#2026-11",
                    sk=f"ACC#{number}",
                    list_key="STATE#2026-11",
                    list_sort=f"{state}#{number}",
                )
            )
        )
    # Then each state is counted, and all of them
    assert tables.count(Thing, "STATE#2026-11", starts_with="issued#") == 40
    assert tables.count(Thing, "STATE#2026-11", starts_with="failed#") == 3
    assert tables.count(Thing, "STATE#2026-11") == 43
    assert tables.count(Thing, "STATE#2026-12") == 0


def test_the_listing_holds_only_the_records_that_ask_for_it(tables: Tables) -> None:
    for n, sort in enumerate(["failed#acc_2", "issued#acc_1", "issued#acc_3"]):
        tables.commit(Put(a_thing(f"L{n}", list_key="RUN#2026-11", list_sort=sort)))
    tables.commit(Put(a_thing("other", list_key="RUN#2026-10", list_sort="issued#acc_1")))
    tables.commit(Put(a_thing("unlisted")))

    def listed(**how: object) -> list[str]:
        things = tables.listing(Thing, "RUN#2026-11", **how)  # type: ignore[arg-type]
        return [thing.list_sort for thing in things if thing.list_sort]

    assert listed() == ["failed#acc_2", "issued#acc_1", "issued#acc_3"]
    assert listed(starts_with="issued#") == ["issued#acc_1", "issued#acc_3"]
    assert listed(starts_with="issued#", after="issued#acc_1") == ["issued#acc_3"]
    assert listed(newest_first=True, limit=1) == ["issued#acc_3"]


def test_more_than_a_transaction_holds_is_refused_whole(tables: Tables) -> None:
    with pytest.raises(ValueError, match="101 writes"):
        tables.commit(*(Put(a_thing(f"N{n}")) for n in range(101)))
    assert list(tables.query(Thing, "P")) == []


def test_of_many_writers_at_once_exactly_one_wins(tables: Tables) -> None:
    # Given eight workers that each create the same pair of records
    outcomes: list[str] = []

    def work(n: int) -> None:
        try:
            tables.commit(Put(a_thing("A", colour=str(n))), Put(a_thing("B", colour=str(n))))
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
    assert [thing.colour for thing in tables.query(Thing, "P")] == outcomes * 2


def read(tables: Tables) -> Thing:
    found = tables.get(Thing, "P", "A")
    assert found is not None
    return found
