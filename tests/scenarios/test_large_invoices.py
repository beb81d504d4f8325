"""Invoices of thousands of desktops: kept in several records, read back whole (BIL-1, BIL-3)."""

import json
from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from chalicelib.billing.invoices.invoice import ChargeLine, Draft, InvoiceLine
from chalicelib.billing.invoices.line_pages import LINES_A_PAGE, LINES_INLINE
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import Put, Write
from chalicelib.metering.usage import usage_on
from tests.fakes.billing import BillingWorld, a_desktop, an_account, draw_nothing
from tests.fakes.filled import filled
from tests.fakes.tables import InMemoryTables

LUMEN = AccountId("acc_lumen")
OCTOBER = BillingMonth(2026, 10)
ITEM_BYTES, TRANSACTION_BYTES = 400 * 1024, 4 * 1024 * 1024


class MeasuredTables(InMemoryTables):
    """Tables that refuse what DynamoDB refuses: an item or a transaction too large."""

    def __init__(self) -> None:
        super().__init__()
        self.largest_item = self.largest_commit = 0

    def commit(self, *writes: Write) -> None:
        sizes = [_size(write.record) for write in writes if isinstance(write, Put)]
        self.largest_item = max([self.largest_item, *sizes])
        self.largest_commit = max(self.largest_commit, sum(sizes))
        super().commit(*writes)


def _size(record: Record) -> int:
    return len(json.dumps(record.serialize(), default=str))


def a_world(count: int) -> BillingWorld:
    """One account with that many desktops since 5 October, three options each."""
    world = BillingWorld(an_account(), now="2026-11-01 05:00")
    world.memory = MeasuredTables()
    world.build(world.memory, world.queues, draw_nothing)
    world.metering.desktops = [
        a_desktop(
            name=f"Bureau de la direction régionale {n:05d}",
            created="2026-10-05 10:00",
            options=(("storage-10gb", 3), ("backup", 1)),
        )
        for n in range(count)
    ]
    # Every day is the same: computed once, not once a desktop.
    usage = usage_on(LUMEN, world.metering.desktops, date(2026, 10, 5), world.catalogues.current())
    assert usage
    for day in OCTOBER.days[4:]:
        world.metering.recorded[LUMEN, day] = replace(usage, day=day)
    world.metering.until = OCTOBER.last_day
    world.metering.meter_due = lambda: None  # type: ignore[method-assign]
    world.metering.today_so_far = lambda _: []  # type: ignore[method-assign]
    return world


@pytest.mark.contract("BIL-1", "BIL-3", "BIL-5", "BIL-7")
def test_an_invoice_of_thousands_of_lines_is_issued_and_read_back_whole() -> None:
    # Given 1,500 desktops: 4,500 lines, some 2 MB
    world = a_world(1500)
    preview = world.billing.current(LUMEN, OCTOBER)
    # When October is invoiced
    world.invoice_month("2026-10")
    # Then the invoice is whole, in records and transactions that DynamoDB takes
    invoice = world.the_invoice()
    assert len(invoice.lines) == 4500
    assert invoice.lines == preview.lines
    tables = world.memory
    assert isinstance(tables, MeasuredTables)
    assert tables.largest_item < ITEM_BYTES
    assert tables.largest_commit < TRANSACTION_BYTES
    # and so is a credit note of all of it
    note = world.credit_notes.issue(invoice.id, "all", reason="r", by="operator:1", key="1")
    assert world.credit_notes.credit_note(note.id) == note
    assert (len(note.lines), note.totals) == (4500, invoice.totals)
    assert tables.largest_item < ITEM_BYTES
    assert world.credit_notes.of_account(LUMEN) == [note]


def a_draft(lines: int, charges: int = 0) -> Draft:
    """A draft of so many lines and charges, each another."""
    line, charge = filled(InvoiceLine, month=OCTOBER), filled(ChargeLine)
    return filled(
        Draft,
        account_id=LUMEN,
        month=OCTOBER,
        lines=tuple(structs.replace(line, desktop_id=f"dsk_{n}") for n in range(lines)),
        charges=tuple(structs.replace(charge, key=f"charge {n}") for n in range(charges)),
    )


def test_a_small_document_stays_one_record() -> None:
    storage = BillingStorage(InMemoryTables())
    assert storage.line_pages(a_draft(LINES_INLINE)) == []
    assert len(storage.line_pages(a_draft(LINES_INLINE, 1))) == 2


def test_pages_are_put_together_in_order_whatever_their_number() -> None:
    # Given lines for three pages and charges for one
    tables = InMemoryTables()
    storage = BillingStorage(tables)
    draft = a_draft(2 * LINES_A_PAGE + 1, 1)
    pages = storage.line_pages(draft)
    assert len(pages) == 4
    # When kept, then the record holds none of them
    kept = storage.save_draft(draft)
    tables.commit(kept)
    assert "dsk_0" not in kept.record.body
    # and the same lines have the same pages, so that a draft and its invoice share them
    again = storage.line_pages(replace(draft, usage_digest="another"))
    assert [(page.pk, page.sk) for page in again] == [(page.pk, page.sk) for page in pages]
    # While a page that is not there is an error, never a shorter invoice
    tables.commit(*pages[:-1])
    with pytest.raises(KeyError):
        storage.draft(LUMEN, OCTOBER)
    # and reading gives them all, in order
    tables.commit(pages[-1])
    assert storage.draft(LUMEN, OCTOBER) == draft


@pytest.mark.contract("BIL-4")
def test_killed_between_the_pages_and_the_draft_the_run_ends_the_same() -> None:
    # Given pages written by a process that died before its draft, of usage since corrected
    world = a_world(300)
    draft = world.billing.draft(LUMEN, OCTOBER)
    for page in world.storage.line_pages(draft):
        world.work.commit(page)
    world.metering.recorded.popitem()
    # When the run comes
    world.run.start_run(OCTOBER, by="system")
    world.pump()
    # Then it bills what usage says now
    assert {line.days for line in world.the_invoice().lines} == {26}
    assert {line.days for line in draft.lines} == {27}
