"""The journal on its tables: chains grow in order, forged records are found (EVD-1)."""

import threading

import pytest

from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.messages import Message
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import Tables
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from tests.fakes.clock import StoppedClock
from tests.fakes.outside import InMemoryQueues

pytestmark = pytest.mark.contract("EVD-1")


class Texts(Kind[str]):
    """Entries as the texts they are, which somebody with the table's keys may change."""

    def write(self, thing: str) -> str:
        return thing

    def read(self, record: Record) -> str:
        return str(record.body)


AS_TEXT = Texts("journal", "entry", str)


def write(tables: Tables, account: str, *kinds: str) -> Journal:
    journal = Journal(tables, StoppedClock())
    for kind in kinds:
        tables.commit(journal.entry(account, kind, {"n": 1}, by="usr_1"))
    return journal


def test_entries_are_read_back_in_order_and_the_chain_holds(tables: Tables) -> None:
    journal = write(tables, "acc_1", "a", "b", "c")
    write(tables, "acc_2", "a")
    assert [entry.kind for entry in journal.entries("acc_1")] == ["a", "b", "c"]
    assert journal.verify("acc_1") is None
    assert sorted(journal.chains()) == ["acc_1", "acc_2"]


@pytest.mark.parametrize(
    "change", ['"n":2', '"n":1,"m":1', '"n":', '"n":9,"n":1', '"n": 1', '"\\u006e":1']
)
def test_a_record_changed_or_removed_behind_our_back_is_named(tables: Tables, change: str) -> None:
    journal = write(tables, "acc_1", "a", "b", "c")
    kept = tables.get(AS_TEXT, "acc_1", "0000000002")
    assert kept is not None
    forged = AS_TEXT.put(kept.replace('"n":1', change), "acc_1", "0000000002", always=True)
    tables.commit(forged)
    fault = journal.verify("acc_1")
    assert fault is not None
    assert fault.sequence == 2

    tables.commit(AS_TEXT.delete("acc_1", "0000000002"))
    fault = journal.verify("acc_1")
    assert fault is not None
    assert fault.reason == "entry 2 is missing"


def test_writers_at_once_queue_up_and_none_is_lost(tables: Tables) -> None:
    journal = Journal(tables, StoppedClock())
    work = UnitOfWork(tables, InMemoryQueues())

    def append(n: int) -> None:
        retry_on_conflict(lambda: work.commit(journal.entry("acc_1", "fact", {"n": n}, by="usr_1")))

    writers = [threading.Thread(target=append, args=(n,)) for n in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(entry.facts["n"] for entry in journal.entries("acc_1")) == list(range(6))
    assert journal.verify("acc_1") is None


def test_a_message_committed_is_sent_even_when_the_sender_died(tables: Tables) -> None:
    # Given a commit whose process dies before the queue is told
    from chalicelib.foundation.messages import Queue

    class DyingQueues(InMemoryQueues):
        def send(self, *messages: Message) -> None:
            raise KeyboardInterrupt

    messages = [
        Message(Queue.MAIL, "order:ord_1", '{"to": "x"}', 5),
        Message(Queue.ISSUE, "issue:acc_1", "{}", group="invoices"),
        Message(Queue.MAIL, "order:ord_2", "{}", correlation="a-request"),
    ]
    with pytest.raises(KeyboardInterrupt):
        UnitOfWork(tables, DyingQueues()).commit(*messages)
    # When the outbox is relayed, then they are sent as they were, and once
    queues = InMemoryQueues()
    work = UnitOfWork(tables, queues)
    assert work.relay_pending() == 3
    assert sorted(queues.sent, key=lambda each: each.key) == sorted(
        messages, key=lambda each: each.key
    )
    assert work.relay_pending() == 0
