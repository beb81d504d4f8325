"""A malformed message rests after three tries, the others go on; what rests can be sent back."""

from typing import Any

import pytest

from chalicelib.billing.issuing.messages import IssueDraft
from chalicelib.foundation import correlation
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.sqs import SqsQueues, queue_name
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.notifications.mails import mail
from chalicelib.queues import handle_batch
from chalicelib.texts.mails import MailName
from infra.cloudformation.resources import TRIES_BEFORE_DEAD_LETTER
from infra.local.outside.provisioning import PREFIX, make_queues
from infra.local.stack.queue_pump import Arrivals, QueuePump
from infra.operate.dead_letters import Redrive
from tests.fakes.tables import InMemoryTables


class Worker:
    """Stands for the services behind every queue: notes what it is given."""

    def __init__(self) -> None:
        self.handled: list[Any] = []
        self.correlations: list[str] = []
        self.is_down = False

    def __getattr__(self, name: str) -> "Worker":
        return self

    def __call__(self, *given: Any) -> None:
        if self.is_down:
            raise RuntimeError("the mail server is down")
        self.handled.append(given[0])
        self.correlations.append(correlation.current())


class Lambda:
    """Hands batches to the worker as Lambda does."""

    def __init__(self, access: AwsAccess, queue: Queue) -> None:
        make_queues(access.client("sqs"))
        self.access = access
        self.sqs = access.client("sqs")
        self.queue = queue
        self.url = self.sqs.get_queue_url(QueueName=queue_name(PREFIX, queue))["QueueUrl"]
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": "0"})
        self.worker = Worker()
        self.batches = 0
        self._pump = QueuePump(self.sqs, PREFIX, {queue: self._call}, Arrivals())

    def _call(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        self.batches += 1
        return handle_batch(self.queue, event, self.worker)  # type: ignore[arg-type]

    def drain(self) -> None:
        self._pump.look()
        self._pump.drain()

    def send(self, body: str) -> None:
        """Send what nobody here sends."""
        fifo = (
            {"MessageGroupId": "run", "MessageDeduplicationId": body} if self.queue.is_fifo else {}
        )
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **fifo)

    def ask(self, key: str) -> None:
        """Send a message as our queues do."""
        SqsQueues(self.access, PREFIX).send(a_message(self.queue, key))


def a_message(queue: Queue, key: str) -> Message:
    if queue is Queue.MAIL:
        return mail(MailName.RECEIPT, "nom@exemple.example", "fr", {}, key=key)
    draft = IssueDraft(account_id=AccountId(key), month=BillingMonth(2026, 10))
    return draft.message(key, group="run")


@pytest.mark.parametrize("queue", [Queue.MAIL, Queue.ISSUE])
def test_a_malformed_message_rests_and_the_others_go_on(access: AwsAccess, queue: Queue) -> None:
    # Given a queue whose first message nobody can read
    running = Lambda(access, queue)
    good = [f"k{n}" for n in range(3)]
    running.send("not json")
    for key in good:
        running.ask(key)
    # When Lambda hands it over as often as it is allowed
    running.drain()
    # Then the others went through once, and it alone rests
    assert len(running.worker.handled) == len(good)
    assert running.batches == TRIES_BEFORE_DEAD_LETTER
    letters = Redrive(running.sqs, PREFIX)
    assert letters.waiting(queue) == 1


@pytest.mark.parametrize("queue", [Queue.MAIL, Queue.ISSUE])
def test_dead_letters_are_sent_back(access: AwsAccess, queue: Queue) -> None:
    # Given a message that failed three times while what it needs was down
    running = Lambda(access, queue)
    running.worker.is_down = True
    running.ask("mended")
    running.drain()
    running.worker.is_down = False
    letters = Redrive(running.sqs, PREFIX)
    assert letters.waiting(queue) == 1
    # When an operator sends the dead letters back
    moved = list(letters.move(queue))
    running.drain()
    # Then it is handled, and nothing rests
    assert [letter.key for letter in moved] == ["mended"]
    assert len(running.worker.handled) == 1
    assert letters.waiting(queue) == 0
    # and a letter that fails again is not moved in circles
    running.send("not json")
    running.drain()
    assert len(list(letters.move(queue))) == 1


def test_one_fact_alone_is_sent_back(access: AwsAccess) -> None:
    # Given two dead letters
    running = Lambda(access, Queue.MAIL)
    running.worker.is_down = True
    for key in ("one", "two"):
        running.ask(key)
    running.drain()
    running.worker.is_down = False
    # When one of them is named
    moved = list(Redrive(running.sqs, PREFIX).move(Queue.MAIL, only="two"))
    # Then it alone is sent back
    running.drain()
    assert [letter.key for letter in moved] == ["two"]
    assert [asked.key for asked in running.worker.handled] == ["two"]


def test_the_id_of_a_request_reaches_the_worker(access: AwsAccess) -> None:
    # Given a message committed while a request was answered
    running = Lambda(access, Queue.MAIL)
    work = UnitOfWork(InMemoryTables(), SqsQueues(access, PREFIX))
    with correlation.following("request-1"):
        work.commit(a_message(Queue.MAIL, "k1"))
    # When Lambda hands it over
    running.drain()
    # Then what it does is done under that id
    assert running.worker.correlations == ["request-1"]
    # and a message that names none goes under its own
    running.ask("k2")
    running.drain()
    assert running.worker.correlations[1] not in {"", "request-1"}
