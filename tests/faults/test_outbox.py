"""Messages committed with facts: sent sooner or later, whatever the queues and the store do."""

import pytest

from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.tables import Delete, Write
from chalicelib.foundation.unit_of_work import UnitOfWork
from tests.fakes.crash_points import Killed
from tests.fakes.outside import InMemoryQueues
from tests.fakes.tables import InMemoryTables


class ClosedQueues(InMemoryQueues):
    """Takes nothing for the queues named."""

    def __init__(self, *closed: Queue) -> None:
        super().__init__()
        self.closed = set(closed)

    def send(self, *messages: Message) -> None:
        if messages[0].queue in self.closed:
            raise TemporaryGatewayError(f"queue {messages[0].queue}")
        super().send(*messages)


def in_outbox(tables: InMemoryTables) -> int:
    return sum(table == "outbox" for table, _, _ in tables.contents())


@pytest.mark.contract("BIL-4")
def test_a_message_that_no_queue_takes_holds_no_other_back() -> None:
    # Given messages of every queue left by a crash, one of the queues taking nothing
    tables, all_closed = InMemoryTables(), ClosedQueues(*Queue)
    for number in range(12):
        for queue in Queue:
            UnitOfWork(tables, all_closed).commit(Message(queue, f"{queue}:{number}", "{}"))
    queues = ClosedQueues(Queue.DESKTOPS)
    # When the outbox is relayed, then the job says that something is wrong
    with pytest.raises(TemporaryGatewayError):
        UnitOfWork(tables, queues).relay_pending()
    # and yet all the others are sent, the one queue's are kept
    assert len(queues.sent) == 12 * (len(Queue) - 1)
    assert in_outbox(tables) == 12
    queues.closed.clear()
    assert UnitOfWork(tables, queues).relay_pending() == 12
    assert in_outbox(tables) == 0


@pytest.mark.contract("BIL-4")
def test_what_a_commit_sends_to_a_queue_takes_one_write_and_goes_out_together() -> None:
    # Given a commit whose sender dies between two queues
    tables = InMemoryTables()
    documents = [Message(Queue.DOCUMENTS, f"document:{n}", "{}") for n in range(25)]
    mails = [Message(Queue.MAIL, f"mail:{n}", "{}") for n in range(3)]
    UnitOfWork(tables, ClosedQueues(Queue.MAIL)).commit(*documents, *mails)
    # Then one record is left, of the queue that took nothing
    assert in_outbox(tables) == 1
    # and it is sent whole
    queues = InMemoryQueues()
    assert UnitOfWork(tables, queues).relay_pending() == 3
    assert queues.sent == mails


@pytest.mark.contract("BIL-4")
def test_removing_a_sent_message_never_removes_a_later_one_of_the_same_key() -> None:
    # Given a sender in whose middle another process commits the same message, and dies
    tables = InMemoryTables()
    message = Message(Queue.DRAFTS, "draft:2026-10:acc_1", '{"month": "2026-10"}')

    class DyingQueues(InMemoryQueues):
        def send(self, *messages: Message) -> None:
            raise Killed

    class Interrupted(InMemoryQueues):
        def send(self, *messages: Message) -> None:
            super().send(*messages)
            with pytest.raises(Killed):
                UnitOfWork(tables, DyingQueues()).commit(message)

    # When the first goes on and removes what it sent
    UnitOfWork(tables, Interrupted()).commit(message)
    # Then the second one is still to be sent
    queues = InMemoryQueues()
    assert UnitOfWork(tables, queues).relay_pending() == 1
    assert queues.sent == [message]


@pytest.mark.contract("ORD-1")
def test_facts_committed_are_not_reported_as_a_conflict() -> None:
    # Given a store that refuses to remove what was sent
    class Sticky(InMemoryTables):
        def commit(self, *writes: Write) -> None:
            if isinstance(writes[0], Delete):
                raise ConflictError
            super().commit(*writes)

    tables, queues = Sticky(), InMemoryQueues()
    # When, then the commit stands: trying again would do it twice
    UnitOfWork(tables, queues).commit(Message(Queue.MAIL, "order:1", "{}"))
    assert (len(queues.sent), in_outbox(tables)) == (1, 1)
