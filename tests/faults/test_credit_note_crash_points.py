"""Credit notes and corrections killed before and after every outside call (BIL-3, BIL-5, MET-4)."""

import contextlib
import threading
from collections.abc import Callable
from datetime import date

import pytest

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Queue
from tests.fakes.billing import BillingWorld, a_desktop, draw_nothing, keys_of
from tests.fakes.crash_points import Killed, KillSwitch, Mortal

LUMEN = AccountId("acc_lumen")
OCTOBER = BillingMonth(2026, 10)


def invoiced(switch: KillSwitch) -> BillingWorld:
    """October invoiced at 29,00; from then on every outside call may be the last."""
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(created="2026-09-30 10:00")]
    world.invoice_month("2026-09")
    world.invoice_month("2026-10")
    world.queues.sent.clear()
    only = frozenset({"commit", "send"})
    world.build(
        Mortal(world.memory, switch, only),  # type: ignore[arg-type]
        Mortal(world.queues, switch, only),  # type: ignore[arg-type]
        draw_nothing,
    )
    return world


def october(world: BillingWorld) -> str:
    return next(each.id for each in world.billing.invoices_of(LUMEN) if each.month == OCTOBER)


def credit(world: BillingWorld) -> None:
    """Take October back, as the operator's form does."""
    world.credit_notes.issue(october(world), "all", reason="Geste.", by="operator:1", key="form-1")


def correct(world: BillingWorld) -> None:
    """Take three days back of October, then settle it."""
    for day in (29, 30, 31):
        world.metering.recorded.pop((LUMEN, date(2026, 10, day)), None)
    world.corrections.settle_month(LUMEN, OCTOBER, by="operator:1")


def until_quiet(world: BillingWorld) -> None:
    """What production does anyway: the outbox each minute, queues that give again."""
    while world.work.relay_pending():
        pass
    while (message := world.queues.take()) is not None:
        try:
            world.handle(message)
        except Killed:
            world.queues.waiting.append(message)
    world.work.relay_pending()


def check(world: BillingWorld, cents: int) -> None:
    """One credit note, one number, one document, one message to payments, one journal entry."""
    (note,) = world.credit_notes.of_invoice(october(world))
    assert note.number == "A-2026-000001"
    assert note.totals.excl_vat_cents == cents
    assert world.storage.series("A").last == 1
    assert world.documents.stored[note.document_key] == draw_nothing(note)
    assert keys_of(world.queues, Queue.COLLECTION) == [f"credit:{note.id}"]
    kinds = [entry.kind for entry in world.journal.entries(LUMEN)]
    assert kinds.count("credit_note.issued") == 1
    assert world.journal.verify(LUMEN) is None
    assert not [key for key in world.memory.contents() if key[0] == "outbox"]


def kill_at(act: Callable[[BillingWorld], None], boundary: int | None) -> tuple[BillingWorld, int]:
    """Do it, dying at a boundary; then ask again, as whoever saw no answer does."""
    switch = KillSwitch()
    world = invoiced(switch)
    switch.arm(boundary)
    with contextlib.suppress(Killed):
        act(world)
    passed = len(switch.passed)
    switch.arm(None)
    act(world)
    until_quiet(world)
    return world, passed


@pytest.mark.contract("BIL-3", "BIL-5", "MET-4")
@pytest.mark.parametrize(("act", "cents"), [(credit, 2900), (correct, 281)])
def test_killed_anywhere_one_credit_note_is_issued(
    act: Callable[[BillingWorld], None], cents: int
) -> None:
    # Given how many boundaries there are: 29,00 × 3 / 31 = 2,81 for the correction
    _, count = kill_at(act, None)
    assert count >= 6
    for boundary in range(count):
        # When killed at each, and asked again
        world, passed = kill_at(act, boundary)
        # Then it died there, and nothing is doubled, lost or missing
        assert passed == boundary + 1
        check(world, cents)


@pytest.mark.contract("BIL-5")
def test_a_correction_whose_credit_note_was_lost_is_made_good_by_the_next_run() -> None:
    # Given usage corrected, and a process gone before the credit note
    world = invoiced(KillSwitch())
    for day in (29, 30, 31):
        del world.metering.recorded[LUMEN, date(2026, 10, day)]
    # When November is run
    world.clock.set("2026-12-01 05:00")
    world.metering.meter_due = lambda: None  # type: ignore[method-assign]
    world.metering.until = date(2026, 11, 30)
    world.run.start_run(BillingMonth(2026, 11), by="system")
    world.pump()
    # Then the credit note is there
    (note,) = world.credit_notes.of_invoice(october(world))
    assert note.totals.excl_vat_cents == 281


@pytest.mark.contract("BIL-3", "BIL-5")
def test_ten_at_once_never_credit_more_than_the_invoice() -> None:
    # Given ten operators who take the same invoice back at once
    world = invoiced(KillSwitch())
    outcomes: list[str] = []
    gate = threading.Barrier(10)

    def operator(number: int) -> None:
        gate.wait()
        try:
            world.credit_notes.issue(
                october(world), "all", reason="Geste.", by="operator:1", key=f"form-{number}"
            )
            outcomes.append("issued")
        except DomainError:
            outcomes.append("refused")

    threads = [threading.Thread(target=operator, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Then one is issued, nine are told there is nothing left, and no number is lost
    assert sorted(outcomes) == ["issued", *["refused"] * 9]
    until_quiet(world)
    check(world, 2900)
