"""All credit notes of an invoice are the invoice, rate by rate, base and VAT (BIL-5, BIL-10)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from chalicelib.billing.credits.credit_rules import (
    CreditRequest,
    credit_left,
    credit_lines,
    credit_totals,
    requests_for_all,
)
from chalicelib.billing.invoices.credit_note import CreditNote, InvoiceReference
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.invoices.totals import totals_of, vat_on
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.foundation.errors import DomainError
from tests.fakes.papers import a_credit_note, an_issued_invoice

RATES = ("20", "8.5", "5.5", "2.1", "25.5", "0")


def an_invoice(lines: list[tuple[int, str]], taken_off: int = 0) -> Invoice:
    """An invoice of lines in cents, each at a rate; an allowance takes off some of the first."""
    base = an_issued_invoice()
    made = tuple(
        structs.replace(
            base.lines[0],
            desktop_id=f"dsk_{n}",
            amount_excl_vat_cents=cents,
            vat=VatTreatment(Decimal(rate)),
        )
        for n, (cents, rate) in enumerate(lines)
    )
    amounts = [(line.amount_excl_vat_cents, line.vat) for line in made]
    totals = totals_of([*amounts, (-min(taken_off, amounts[0][0]), amounts[0][1])])
    return replace(base, lines=made, charges=(), totals=totals)


def credited(
    invoice: Invoice, notes: list[CreditNote], requests: list[CreditRequest]
) -> CreditNote:
    left = credit_left(invoice, notes)
    lines = credit_lines(left, requests)
    return replace(
        a_credit_note(invoice),
        invoice=InvoiceReference.of(invoice),
        lines=lines,
        totals=credit_totals(left, lines),
    )


@pytest.mark.contract("BIL-5", "BIL-10")
@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(st.tuples(st.integers(1, 9999), st.sampled_from(RATES)), min_size=1, max_size=4),
    taken_off=st.integers(0, 3000),
    parts=st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4000)), min_size=1, max_size=3),
        max_size=8,
    ),
)
def test_all_credit_notes_of_an_invoice_are_the_invoice(
    lines: list[tuple[int, str]], taken_off: int, parts: list[list[tuple[int, int]]]
) -> None:
    # Given an invoice at some rates, maybe less an allowance
    invoice = an_invoice(lines, taken_off)
    notes: list[CreditNote] = []
    # When parts of lines are taken back, several at once or not, then all that is left
    for part in parts:
        requests = [
            CreditRequest(invoice.lines[which % len(lines)].key, cents) for which, cents in part
        ]
        try:
            notes.append(credited(invoice, notes, requests))
        except DomainError:
            continue
    left = credit_left(invoice, notes)
    if left.excl_vat_cents:
        notes.append(credited(invoice, notes, requests_for_all(left)))
    # Then they add up to the invoice: base, VAT and sum of each rate
    for part in invoice.totals.by_rate:
        taken = [each for note in notes for each in note.totals.by_rate if each.vat == part.vat]
        assert sum(each.base_cents for each in taken) == part.base_cents
        assert sum(each.vat_cents for each in taken) == part.vat_cents
        # and each is base × rate, but for a cent where only that makes the sum right
        for each in taken:
            assert abs(each.vat_cents - vat_on(each.base_cents, each.vat.rate_percent)) <= 1
            assert each.vat_cents >= 0
    assert sum(note.totals.incl_vat_cents for note in notes) == invoice.totals.incl_vat_cents


@pytest.mark.contract("BIL-5", "BIL-10")
def test_the_cent_of_vat_left_goes_with_the_last_credit_note() -> None:
    # Given 42,53 + 8,51 = 51,04, of which 0,02 excl. VAT are credited: VAT 0,004, so 0,00
    invoice = an_invoice([(4253, "20")])
    assert (invoice.totals.vat_cents, invoice.totals.incl_vat_cents) == (851, 5104)
    first = credited(invoice, [], [CreditRequest(invoice.lines[0].key, 2)])
    assert (first.totals.vat_cents, first.totals.incl_vat_cents) == (0, 2)
    # When all that is left is credited, then 42,51 + 8,51 = 51,02: 8,502 alone would leave 0,01
    rest = credited(invoice, [first], requests_for_all(credit_left(invoice, [first])))
    assert (rest.totals.excl_vat_cents, rest.totals.vat_cents) == (4251, 851)
    assert rest.totals.incl_vat_cents == 5102
    assert rest.totals.by_rate[0].vat_cents == 851
