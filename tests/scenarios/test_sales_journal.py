"""The sales journal: a month exact, closed once, chained, never issued into again (BIL-12)."""

import csv
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from chalicelib.billing.sales.closing import SalesClosing
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.messages import Queue
from chalicelib.foundation.tables import Write
from tests.fakes.aws_calls import meanwhile
from tests.fakes.billing import BillingWorld, a_desktop, an_account, draw_nothing, keys_of
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.tables import InMemoryTables

NOVEMBER, DECEMBER = BillingMonth(2026, 11), BillingMonth(2026, 12)
# What is kept, for those who tamper with it.
ROWS = Kind("billing", "sales rows", list[Any])
CLOSINGS = Kind("billing", "sales closing", SalesClosing)


def sold(*, memory: InMemoryTables | None = None) -> BillingWorld:
    """October invoiced on 1 November to two clients at 29,00; one invoice credited on the 10th."""
    world = BillingWorld(
        an_account("acc_a", name="=2+5"), an_account("acc_b"), now="2026-11-01 05:00"
    )
    if memory is not None:
        world.memory = memory
        world.build(world.memory, world.queues, draw_nothing)
    world.metering.desktops = [
        a_desktop(account, created="2026-09-30 10:00") for account in ("acc_a", "acc_b")
    ]
    world.invoice_month("2026-09")
    world.invoice_month("2026-10")
    world.clock.set("2026-11-10 10:00")
    world.credit_notes.issue(
        world.billing.invoices_of("acc_b")[0].id,  # type: ignore[arg-type]
        "all",
        reason="Geste.",
        by="operator:1",
        key="form-1",
    )
    return world


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";"))


def closing_of(world: BillingWorld, month: BillingMonth) -> SalesClosing:
    closing = world.parts.sales.closing(month)
    assert closing is not None
    return closing


@pytest.mark.contract("BIL-12")
def test_the_journal_holds_every_document_of_the_month_and_adds_up() -> None:
    # Given two months invoiced on 1 November (29,00 / 30 = 0,97 in September), one credited
    world = sold()
    # When November is exported while it is open
    content, closed = world.parts.sales_journal.export(NOVEMBER)
    # Then each document is there, and says that nothing is final
    assert not closed
    rows = lines(content)
    assert {row["etat"] for row in rows} == {"provisoire"}
    assert [row["numero"] for row in rows if row["numero"]] == [
        *[f"F-2026-{n:06d}" for n in (1, 2, 3, 4)],
        "A-2026-000001",
    ]
    note = rows[4]
    assert (note["nature"], note["date"], note["facture_reprise"][:2]) == (
        "avoir",
        "2026-11-10",
        "F-",
    )
    assert (note["ht"], note["tva"], note["ttc"]) == ("-29,00", "-5,80", "-34,80")
    # And the totals per rate and in all: 2 × 0,97 + 2 × 29,00 − 29,00
    total, overall = rows[-2:]
    assert (total["nature"], total["categorie_tva"], total["taux_tva"]) == ("total", "S", "20")
    assert overall["nature"] == "total_general"
    assert (total["ht"], total["tva"]) == (overall["ht"], overall["tva"]) == ("30,94", "6,18")


@pytest.mark.contract("BIL-12")
def test_a_clients_name_is_never_a_formula() -> None:
    world = sold()
    rows = lines(world.parts.sales_journal.export(NOVEMBER)[0])
    assert {row["client"] for row in rows if row["compte"] == "acc_a"} == {"'=2+5"}


@pytest.mark.contract("BIL-12")
def test_a_month_over_is_closed_once_whenever_the_job_comes() -> None:
    # Given a job that comes on 10 November, then not before 3 January, twice
    world = sold()
    journal = world.parts.sales_journal
    assert journal.close_due() == []
    world.clock.set("2027-01-03 03:45")
    assert journal.close_due() == [NOVEMBER, DECEMBER]
    assert journal.close_due() == []
    # Then the months follow each other, the empty one too, and what is kept is served
    november, december = closing_of(world, NOVEMBER), closing_of(world, DECEMBER)
    assert december.previous == november.digest
    assert november.last == december.last == {"F": 4, "A": 1}
    assert [each.count for each in november.summary.ranges] == [4, 1]
    content, closed = journal.export(NOVEMBER)
    assert closed
    assert content == world.documents.stored[november.document_key]
    assert {row["etat"] for row in lines(content)} == {"clos"}
    assert list(journal.verify()) == []


@pytest.mark.contract("BIL-12", "BIL-3")
def test_nothing_is_issued_into_a_closed_month_even_by_a_clock_that_lags() -> None:
    # Given November closed
    world = sold()
    world.clock.set("2026-12-01 03:45")
    world.parts.sales_journal.close_due()
    before = world.parts.sales_journal.export(NOVEMBER)
    # When a server whose clock says 30 November issues a credit note
    world.clock.set("2026-11-30 23:00")
    invoice = world.billing.invoices_of("acc_a")[0]  # type: ignore[arg-type]
    note = world.credit_notes.issue(invoice.id, "all", reason="Geste.", by="operator:1", key="k2")
    # Then it is dated in December, and November stays as it was
    assert str(note.issued_on) == "2026-12-01"
    world.clock.set("2027-01-01 03:45")
    assert world.parts.sales_journal.close_due() == [DECEMBER]
    assert world.parts.sales_journal.export(NOVEMBER) == before
    assert list(world.parts.sales_journal.verify()) == []


class Overtaken(InMemoryTables):
    """Lets somebody else through just before the commit of a closing, once."""

    overtake: Callable[[], object] | None = None

    def commit(self, *writes: Write) -> None:
        if self.overtake and any(write.record.pk == "SALES_CLOSINGS" for write in writes):
            overtake, self.overtake = self.overtake, None
            meanwhile(overtake)
        super().commit(*writes)


@pytest.mark.contract("BIL-12", "BIL-3")
def test_what_is_issued_while_the_month_is_being_closed_is_counted() -> None:
    # Given a process that read 30 November just before midnight and commits during the closing
    memory = Overtaken()
    world = sold(memory=memory)
    invoice = world.billing.invoices_of("acc_a")[0]  # type: ignore[arg-type]

    def late() -> None:
        world.clock.set("2026-11-30 23:59")
        world.credit_notes.issue(invoice.id, "all", reason="Geste.", by="operator:1", key="k2")
        world.clock.set("2026-12-01 03:45")

    world.clock.set("2026-12-01 03:45")
    memory.overtake = late
    # When November is closed
    world.parts.sales_journal.close_due()
    # Then it holds it
    assert closing_of(world, NOVEMBER).last == {"F": 4, "A": 2}
    assert list(world.parts.sales_journal.verify()) == []


@pytest.mark.contract("BIL-12", "BIL-3")
@pytest.mark.parametrize("lost", ["F#000000000001", "F#000000000003", "A#000000000001"])
def test_a_month_that_lacks_a_number_is_not_closed(lost: str) -> None:
    world = sold()
    assert world.memory.get(ROWS, "SALES#2026-11", lost) is not None
    world.memory.commit(ROWS.delete("SALES#2026-11", lost))
    world.clock.set("2026-12-01 03:45")
    with pytest.raises(DomainError) as refused:
        world.parts.sales_journal.close_due()
    assert refused.value.values["number"] == f"{lost[0]}-{lost[-6:]}"
    assert world.parts.sales.closing(NOVEMBER) is None


def _change_the_file(world: BillingWorld) -> None:
    key = closing_of(world, NOVEMBER).document_key
    world.documents.stored[key] = world.documents.stored[key].replace(b"29,00", b"19,00")


def _change_a_row(world: BillingWorld) -> None:
    kept = world.memory.get(ROWS, "SALES#2026-11", "F#000000000001")
    assert kept is not None
    ((first, *others),) = kept
    first[first.index("=2+5")] = "Autre"
    world.memory.commit(
        ROWS.put([[first, *others]], "SALES#2026-11", "F#000000000001", always=True)
    )


def _change_the_closing(world: BillingWorld) -> None:
    closing = closing_of(world, NOVEMBER)
    first, *others = closing.summary.amounts
    changed = structs.replace(first, base_cents=first.base_cents - 1)
    summary = replace(closing.summary, amounts=(changed, *others))
    tampered = replace(closing, summary=summary)
    world.memory.commit(CLOSINGS.put(tampered, "SALES_CLOSINGS", "2026-11", always=True))


@pytest.mark.contract("BIL-12")
@pytest.mark.parametrize("tamper", [_change_the_file, _change_a_row, _change_the_closing])
def test_whatever_is_tampered_with_is_named(tamper: Callable[[BillingWorld], None]) -> None:
    world = sold()
    world.clock.set("2027-01-03 03:45")
    world.parts.sales_journal.close_due()
    tamper(world)
    (fault,) = world.parts.sales_journal.verify()
    assert fault.month == NOVEMBER
    if tamper is _change_the_file:
        with pytest.raises(DomainError):
            world.parts.sales_journal.export(NOVEMBER)


@pytest.mark.contract("BIL-12")
def test_a_month_to_come_has_no_journal() -> None:
    with pytest.raises(NotFoundError):
        sold().parts.sales_journal.export(DECEMBER)


@pytest.mark.contract("BIL-12")
def test_killed_anywhere_the_closings_are_the_same() -> None:
    def dying(kill_at: int | None) -> tuple[BillingWorld, int]:
        world, switch = sold(), KillSwitch()
        world.clock.set("2027-01-03 03:45")
        outside: set[str] = {"commit", "store"}
        memory = Mortal(world.memory, switch, frozenset(outside))
        world.documents = Mortal(world.documents, switch, frozenset(outside))  # type: ignore[assignment]
        world.build(memory, world.queues, draw_nothing)  # type: ignore[arg-type]
        switch.arm(kill_at)
        try:
            world.parts.sales_journal.close_due()
        except Killed:
            passed = len(switch.passed)
            switch.arm(None)
            world.parts.sales_journal.close_due()
        else:
            passed = len(switch.passed)
        return world, passed

    whole, count = dying(None)
    assert count >= 8  # at least a file and a commit, before and after, for two months
    for kill_at in range(count):
        world, _ = dying(kill_at)
        for month in (NOVEMBER, DECEMBER):
            assert closing_of(world, month) == closing_of(whole, month)
        assert world.parts.sales_journal.close_due() == []
        assert list(world.parts.sales_journal.verify()) == []
        stored = [key for key in world.documents.stored if key.startswith("sales/")]
        assert len(stored) == 2


@pytest.mark.contract("BIL-4", "BIL-11")
def test_a_credit_note_whose_document_was_lost_gets_it_the_next_morning() -> None:
    # Given a credit note whose message was put aside
    world = sold()
    world.queues.waiting.clear()
    (note,) = world.credit_notes.of_account("acc_b")  # type: ignore[arg-type]
    assert world.credit_notes.document_stored_at(note) is None
    # When the daily job asks again, twice
    assert world.papers.resume() == 1
    world.pump()
    assert world.papers.resume() == 0
    # Then it is there
    assert world.credit_notes.document_stored_at(note) is not None
    assert f"document:{note.id}" in keys_of(world.queues, Queue.DOCUMENTS)
