"""Credit notes: in part, in whole, never above the invoice, and corrections (BIL-5, MET-4, P2)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from chalicelib.billing.credits.credit_rules import CreditRequest, credit_left
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Queue
from tests.fakes.billing import BillingWorld, a_desktop, an_account, keys_of
from tests.fakes.clock import paris

LUMEN = AccountId("acc_lumen")
OCTOBER = BillingMonth(2026, 10)
BY = "operator:usr_1"


def invoiced(*desktops: str) -> BillingWorld:
    """October invoiced for desktops at 29,00 that live since September."""
    world = BillingWorld(an_account(created_at=paris("2026-08-01 10:00")), now="2026-11-01 05:00")
    world.metering.desktops = [
        a_desktop(name=name, created="2026-10-01 10:00") for name in desktops or ("Compta",)
    ]
    world.invoice_month("2026-10")
    return world


def whole(world: BillingWorld, invoice: Invoice, key: str = "k") -> object:
    return world.credit_notes.issue(invoice.id, "all", reason="Geste commercial.", by=BY, key=key)


@pytest.mark.contract("BIL-5", "BIL-3")
def test_an_invoice_is_taken_back_in_whole_once() -> None:
    # Given an invoice of 29,00
    world = invoiced()
    invoice = world.the_invoice()
    # When taken back, twice by a double click
    note = world.credit_notes.issue(invoice.id, "all", reason="Doublon.", by=BY, key="form-1")
    again = world.credit_notes.issue(invoice.id, "all", reason="Doublon.", by=BY, key="form-1")
    # Then one credit note of its own series names the invoice, for all of it
    assert note == again == world.credit_notes.credit_note(note.id)
    assert (note.number, note.invoice.number) == ("A-2026-000001", invoice.number)
    assert note.totals == invoice.totals
    assert invoice.number in note.mentions[0]
    # the invoice is what it was, and payments are told once
    assert world.the_invoice() == invoice
    assert world.credit_notes.credited_cents(invoice) == invoice.totals.incl_vat_cents
    assert keys_of(world.queues, Queue.COLLECTION)[-1] == f"credit:{note.id}"
    assert [entry.kind for entry in world.journal.entries(LUMEN)] == [
        "invoice.issued",
        "credit_note.issued",
    ]
    # and nothing is left to take back
    with pytest.raises(DomainError, match="entièrement"):
        whole(world, invoice)


@pytest.mark.contract("BIL-5")
def test_what_is_waived_is_not_billed_again_with_the_next_invoice() -> None:
    # Given October taken back as a gesture
    world = invoiced()
    whole(world, world.the_invoice())
    # When November is invoiced, then it bills November alone
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    november = world.billing.invoices_of(LUMEN)[0]
    assert {str(line.month) for line in november.lines} == {"2026-11"}


@pytest.mark.contract("BIL-5")
def test_parts_are_taken_back_line_by_line_up_to_what_is_left() -> None:
    # Given two desktops at 29,00
    world = invoiced("Accueil", "Compta")
    invoice = world.the_invoice()
    first, second = invoice.lines
    # When 10,00 of one, then 20,00 of it
    note = world.credit_notes.issue(
        invoice.id, [CreditRequest(first.key, 1000)], reason="Panne.", by=BY, key="1"
    )
    assert (note.totals.excl_vat_cents, note.totals.vat_cents) == (1000, 200)
    assert note.lines[0].quantity.fr == "en partie"
    with pytest.raises(DomainError) as refused:
        world.credit_notes.issue(
            invoice.id, [CreditRequest(first.key, 2000)], reason="Panne.", by=BY, key="2"
        )
    # Then the second is refused, naming the line, and no number is lost
    assert refused.value.values["line"] == "Standard"
    rest = whole(world, invoice)
    assert rest.number == "A-2026-000002"  # type: ignore[attr-defined]
    assert [line.amount_excl_vat_cents for line in rest.lines] == [1900, 2900]  # type: ignore[attr-defined]
    assert world.credit_notes.credited_cents(invoice) == invoice.totals.incl_vat_cents
    assert second.key in {line.line_key for line in rest.lines}  # type: ignore[attr-defined]


@pytest.mark.contract("BIL-5")
@pytest.mark.parametrize(
    "requests",
    [
        [],
        [CreditRequest("vanished", 100)],
        [CreditRequest("line", 0)],
        [CreditRequest("line", -100)],
        [CreditRequest("line", 2901)],
        [CreditRequest("line", 100), CreditRequest("line", 100)],
        [CreditRequest("line", 100, days=32)],
    ],
)
def test_a_credit_note_that_makes_no_sense_is_refused_and_changes_nothing(
    requests: list[CreditRequest],
) -> None:
    # Given
    world = invoiced()
    invoice = world.the_invoice()
    before = world.memory.contents()
    asked = [
        replace(each, line_key=invoice.lines[0].key) if each.line_key == "line" else each
        for each in requests
    ]
    # When asked, then refused
    with pytest.raises(DomainError):
        world.credit_notes.issue(invoice.id, asked, reason="r", by=BY, key="1")
    with pytest.raises(FieldErrors):
        world.credit_notes.issue(invoice.id, "all", reason="  ", by=BY, key="1")
    with pytest.raises(NotFoundError):
        world.credit_notes.issue("inv_other", "all", reason="r", by=BY, key="1")
    assert world.memory.contents() == before


@pytest.mark.contract("BIL-5", "BIL-8")
def test_an_invoice_with_an_allowance_is_never_taken_back_above_its_total() -> None:
    # Given November at 29,00 less a credit of 12,00
    world = invoiced()
    world.clock.set("2026-10-20 10:00")
    world.credits.grant(LUMEN, "dsk_1", "Compta", 1200, reason="Panne.", by=BY, key="1")
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    november = world.billing.invoices_of(LUMEN)[0]
    # When all of it is taken back, then 17,00
    key = november.lines[0].key
    with pytest.raises(DomainError, match="remises"):
        world.credit_notes.issue(
            november.id, [CreditRequest(key, 1701)], reason="r", by=BY, key="1"
        )
    assert whole(world, november).totals == november.totals  # type: ignore[attr-defined]


@pytest.mark.contract("BIL-5")
@settings(max_examples=40, deadline=None)
@given(
    prices=st.lists(st.integers(1, 9999), min_size=1, max_size=3),
    parts=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4000)), max_size=6),
)
def test_whatever_is_asked_an_invoice_is_never_credited_above_itself(
    prices: list[int], parts: list[tuple[int, int]]
) -> None:
    # Given an invoice of some lines
    world = invoiced()
    base = world.the_invoice()
    line = base.lines[0]
    from chalicelib.billing.invoices.document_totals import document_totals

    lines = tuple(
        structs.replace(
            line, desktop_id=f"dsk_{n}", monthly_excl_vat_cents=cents, amount_excl_vat_cents=cents
        )
        for n, cents in enumerate(prices)
    )
    invoice = replace(base, id="inv_x", lines=lines, totals=document_totals(lines))  # type: ignore[arg-type]
    world.work.commit(world.storage.add_invoice(invoice))
    # When parts are asked for, whatever they are, then the rest
    for number, (which, cents) in enumerate(parts):
        request = CreditRequest(lines[which % len(lines)].key, cents)
        try:
            world.credit_notes.issue(invoice.id, [request], reason="r", by=BY, key=str(number))
        except DomainError:
            continue
    left = world.credit_notes.left(invoice)
    if left.excl_vat_cents:
        world.credit_notes.issue(invoice.id, "all", reason="r", by=BY, key="rest")
    # Then every line and the whole come to exactly nothing, and the numbers have no gap
    notes = world.credit_notes.of_invoice(invoice.id)
    assert all(each.left_cents == 0 for each in credit_left(invoice, notes).lines)
    assert sum(note.totals.excl_vat_cents for note in notes) == invoice.totals.excl_vat_cents
    assert world.credit_notes.credited_cents(invoice) == invoice.totals.incl_vat_cents
    numbers = [note.number for note in world.credit_notes.of_account(LUMEN)]
    assert sorted(numbers) == [f"A-2026-{n + 1:06d}" for n in range(len(notes))]


@pytest.mark.contract("BIL-5", "MET-4")
def test_a_desktop_that_failed_after_its_invoice_is_credited_by_the_next_run() -> None:
    # Given two desktops invoiced for October, then one that never worked
    world = invoiced("Accueil", "Compta")
    invoice = world.the_invoice()
    world.metering.desktops[1] = replace(
        world.metering.desktops[1], failed_at=paris("2026-11-03 10:00")
    )
    world.metering.recorded.clear()
    world.metering.until = None
    # When November is run, twice
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    world.invoice_month("2026-11")
    # Then one credit note takes back all of its October, its days too
    (note,) = world.credit_notes.of_invoice(invoice.id)
    (line,) = note.lines
    assert (line.desktop_name, line.amount_excl_vat_cents, line.days) == ("Compta", 2900, 31)
    # and November bills the other alone
    november = world.billing.invoices_of(LUMEN)[0]
    assert [line.desktop_name for line in november.lines] == ["Accueil"]


@pytest.mark.contract("MET-4", "BIL-5")
def test_days_taken_back_are_credited_to_the_cent_and_given_back_billed_again() -> None:
    # Given October invoiced: 29,00 for 31 days
    world = invoiced()
    invoice = world.the_invoice()
    taken = {(LUMEN, date(2026, 10, day)) for day in range(20, 32)}
    kept = {key: world.metering.recorded[key] for key in taken}
    # When an operator takes 12 days back
    for key in taken:
        del world.metering.recorded[key]
    (note,) = world.corrections.settle_month(LUMEN, OCTOBER, reason="Panne du 20 au 31.", by=BY)
    # Then 29,00 - 29,00 × 19 / 31 = 29,00 - 17,77 = 11,23
    assert note.totals.excl_vat_cents == 1123
    assert note.lines[0].quantity.fr.replace("\u00a0", " ") == "12 jours sur 31"
    assert note.reason == "Panne du 20 au 31."
    assert world.corrections.settle_month(LUMEN, OCTOBER, by=BY) == []
    # When four days are given again, November bills them once
    for day in range(20, 24):
        key = (LUMEN, date(2026, 10, day))
        world.metering.recorded[key] = kept[key]
    world.clock.set("2026-12-01 05:00")
    world.metering.meter_due()
    world.run.start_run(BillingMonth(2026, 11), by="system")
    world.pump()
    november = world.billing.invoices_of(LUMEN)[0]
    late = [line for line in november.lines if line.month == OCTOBER]
    assert [(line.days, line.amount_excl_vat_cents) for line in late] == [(4, 374)]
    # When those four are taken back again, the credit note is on November's invoice
    for day in range(20, 24):
        del world.metering.recorded[LUMEN, date(2026, 10, day)]
    (second,) = world.corrections.settle_month(LUMEN, OCTOBER, by=BY)
    assert (second.invoice.id, second.totals.excl_vat_cents) == (november.id, 374)
    assert invoice.id != november.id


@pytest.mark.contract("BIL-2", "BIL-5")
def test_a_month_due_in_full_is_neither_credited_nor_billed_more_for_its_days() -> None:
    # Given a first month left on the 19th and billed in full
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(created="2026-10-10 10:00", deleted="2026-10-19 18:00")]
    world.invoice_month("2026-10")
    # When a day is taken back, then it still owes the month
    day = world.metering.recorded.pop((LUMEN, date(2026, 10, 19)))
    assert world.corrections.settle_month(LUMEN, OCTOBER, by=BY) == []
    # When all of it is, then nothing is owed
    for key in [key for key in world.metering.recorded if key[0] == LUMEN]:
        del world.metering.recorded[key]
    (note,) = world.corrections.settle_month(LUMEN, OCTOBER, by=BY)
    assert note.totals == world.the_invoice().totals
    assert day.items
