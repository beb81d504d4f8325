"""Documents handed over, statuses taken back: dying or overtaken anywhere (BIL-11)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.foundation.civil_time import BillingMonth
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.scenarios.test_documents_story import DocumentsWorld

OUTSIDE = frozenset({"commit", "send", "store", "deposit", "acknowledge"})


def hand_over(world: DocumentsWorld) -> None:
    """Issue October's invoice and do all that follows, until it is quiet."""
    world.metering.meter_due()
    world.run.start_run(BillingMonth(2026, 10), by="system")
    until_quiet(world)


def take_back(world: DocumentsWorld) -> None:
    """Take the statuses that wait."""
    world.handover.take_back()


def until_quiet(world: DocumentsWorld) -> None:
    """What production does anyway: the outbox each minute, queues that give again."""
    while True:
        world.work.relay_pending()
        if (message := world.queues.take()) is None:
            return
        try:
            world.handle(message)
        except Killed:
            world.queues.waiting.append(message)
            raise


def a_world(switch: KillSwitch, *, told: bool) -> DocumentsWorld:
    """Invoices between companies are transmitted; ``told``: one was, and its statuses wait."""
    world = DocumentsWorld()
    world.transmit_from_now()
    if told:
        invoice = world.an_invoice()
        world.platform.tell(number=invoice.number, status="200", at="2026-11-01T06:00:00Z")
        world.platform.tell(
            number=invoice.number, status="210", at="2026-11-02T06:00:00Z", reason="Adresse"
        )
    outside: Any = world
    for name in ("memory", "queues", "documents", "platform"):
        setattr(outside, name, Mortal(getattr(world, name), switch, OUTSIDE))
    world.build(world.memory, world.queues, world.draw)
    world.follow_documents()
    return world


def check_handed_over(world: DocumentsWorld) -> None:
    """One invoice, deposited as stored, noted once."""
    invoice = world.the_invoice()
    pdf = world.documents.stored[invoice.document_key]
    assert world.platform.deposited == {invoice.number: pdf}
    assert [one.number for one in world.handover.latest()] == [invoice.number]
    assert world.numbers() == ["F-2026-000001"]


def check_taken_back(world: DocumentsWorld) -> None:
    """Both statuses, once each, in order, journaled."""
    status = world.handover.status_of(world.the_invoice().number)
    assert status is not None
    assert [event.code.value for event in status.events] == ["200", "210"]
    kinds = [entry.kind for entry in world.journal.entries("acc_lumen")]
    assert kinds.count("invoice.platform_status") == 2
    assert world.platform.news() == []
    assert world.platform.aside == []


CASES = [
    pytest.param(hand_over, check_handed_over, False, id="handing over"),
    pytest.param(take_back, check_taken_back, True, id="taking back"),
]


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize(("work", "check", "told"), CASES)
def test_dying_or_overtaken_anywhere_the_platform_is_told_and_heard_once(
    work: Callable[[DocumentsWorld], None],
    check: Callable[[DocumentsWorld], None],
    told: bool,
) -> None:
    switch = KillSwitch()
    world = a_world(switch, told=told)
    switch.arm(None)
    work(world)
    places = len(switch.passed)
    assert places >= 8
    check(world)
    for place in range(places):
        # When it dies there, and is done again
        world = a_world(switch, told=told)
        switch.arm(place)
        with suppress(Killed):
            work(world)
        switch.arm(None)
        work(world)
        check(world)
        # When another process does the same there
        world = a_world(switch, told=told)
        switch.interrupt(place, lambda world=world: work(world))  # type: ignore[misc]
        work(world)
        check(world)
