"""Commits the writes of one fact together with the messages that announce it.

The messages are first written beside the facts (the outbox), in the same transaction, then sent
and removed.  If we die in between, ``relay_pending``, run every minute, sends them: a message may
come twice, it is never lost.
"""

import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar
from zlib import crc32

from chalicelib.foundation import correlation
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.messages import Message, Queue, Queues
from chalicelib.foundation.tables import Tables, Write

log = logging.getLogger(__name__)

T = TypeVar("T")
_SHARDS = 4
_ATTEMPTS = 12


@dataclass(frozen=True)
class Outgoing:
    """What one commit sends to one queue, not yet known to be sent."""

    pk: str
    sk: str
    messages: tuple[Message, ...]


_OUTGOING = Kind("outbox", "outgoing", Outgoing)


class UnitOfWork:
    """What services commit through."""

    def __init__(
        self,
        tables: Tables,
        queues: Queues,
        watch: Callable[[list[Write]], None] = lambda writes: None,
    ) -> None:
        """``watch`` is told of the writes of each commit that is through."""
        self._tables = tables
        self._queues = queues
        self._watch = watch

    def commit(self, *changes: Write | Message) -> None:
        """Apply all changes or none, then send the messages among them.

        Raises ConflictError when a record was written by somebody else meanwhile.  Once the facts
        are there it raises nothing: what cannot be sent now, ``relay_pending`` sends.
        """
        writes = [change for change in changes if not isinstance(change, Message)]
        outgoing = _outgoing(change for change in changes if isinstance(change, Message))
        kept = (_OUTGOING.put(each, each.pk, each.sk, always=True) for each in outgoing)
        self._tables.commit(*writes, *kept)
        self._watch(writes)
        # What cannot be sent now, ``relay_pending`` sends within the minute.
        with suppress(TemporaryGatewayError, ConflictError):
            for each in outgoing:
                self._relay(each)

    def relay_pending(self) -> int:
        """Send every message still in the outbox; tell how many.

        One that its queue does not take holds no other back.  Raises its error
        when the rest is through, so that the failed job is seen.
        """
        sent = 0
        refused: Exception | None = None
        for shard in range(_SHARDS):
            for outgoing in self._tables.query(_OUTGOING, f"OUTBOX#{shard}"):
                try:
                    self._relay(outgoing)
                    sent += len(outgoing.messages)
                except (TemporaryGatewayError, ConflictError) as fault:
                    log.warning("messages %s stay in the outbox: %s", outgoing.sk, fault)
                    refused = fault
        if refused:
            raise refused
        return sent

    def _relay(self, outgoing: Outgoing) -> None:
        self._queues.send(*outgoing.messages)
        self._tables.commit(_OUTGOING.delete(outgoing.pk, outgoing.sk))


def _outgoing(messages: Iterable[Message]) -> list[Outgoing]:
    """Give one record per queue: one that takes nothing holds back its own messages alone."""
    by_queue: dict[Queue, list[Message]] = {}
    for message in messages:
        sent_by = message.correlation or correlation.current()
        by_queue.setdefault(message.queue, []).append(replace(message, correlation=sent_by))
    return [_of_queue(queue, tuple(kept)) for queue, kept in by_queue.items()]


def _of_queue(queue: Queue, messages: tuple[Message, ...]) -> Outgoing:
    first = messages[0].key
    return Outgoing(
        pk=f"OUTBOX#{crc32(first.encode()) % _SHARDS}",
        # Each commit has its own record, though the key be the same: removing what was sent must
        # not remove what somebody else has just committed.
        sk=f"{queue}#{first}#{secrets.token_hex(8)}",
        messages=messages,
    )


def retry_on_conflict(attempt: Callable[[], T], *, attempts: int = _ATTEMPTS) -> T:
    """Run ``attempt``, which reads, decides and commits; again when somebody wrote first.

    Waits a little, at random, between tries.  Raises the last ConflictError when all are used up.
    """
    for number in range(1, attempts):
        try:
            return attempt()
        except ConflictError:
            time.sleep(random.uniform(0, 0.01 * 2 ** min(number, 6)))  # noqa: S311 - jitter
    return attempt()
