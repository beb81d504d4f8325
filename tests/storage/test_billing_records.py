"""Every object of billing, stored in memory and by DynamoDB (BIL-2 to BIL-9, EVD-1)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs

from chalicelib.billing.charges.charge import ChargeState, OneOffCharge
from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.charges.service_credits import ServiceCredit
from chalicelib.billing.contracts.contract import Contract
from chalicelib.billing.contracts.storage import ContractStorage
from chalicelib.billing.invoices.credit_note import Credited, CreditLine, CreditNote
from chalicelib.billing.invoices.invoice import (
    Draft,
    Invoice,
    InvoiceLine,
    InvoiceState,
    invoice_id_of,
)
from chalicelib.billing.invoices.line_pages import LINES_INLINE
from chalicelib.billing.invoices.numbering import Series
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.one_stop_shop.oss import OssLine, OssMonth
from chalicelib.billing.one_stop_shop.vat_storage import VatStorage
from chalicelib.billing.papers.document_record import StoredDocument
from chalicelib.billing.papers.document_storage import DocumentStorage
from chalicelib.billing.papers.platform_status import PlatformStatus
from chalicelib.billing.sales.closing import SalesClosing
from chalicelib.billing.sales.journal import SalesRow, SalesSummary
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.billing.vat.tax_status import TaxStatus
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.foundation.tables import Tables
from tests.fakes.filled import filled, sparse
from tests.storage.kept import Again, Kept

LUMEN = AccountId("acc_lumen")
MONTH = BillingMonth(2026, 12)
Make = Callable[..., object]
BOTH = pytest.mark.parametrize("make", [filled, sparse])
TABLES = ("billing",)


@BOTH
def test_charges_and_credits(tables: Tables, make: Make) -> None:
    storage = LedgerStorage(tables)
    state = "cancelled" if make is filled else "pending"
    Kept(
        make(OneOffCharge, id="chg_1", account_id=LUMEN),
        storage.save_charge,
        (
            lambda: storage.charge(LUMEN, "chg_1"),
            lambda: storage.charges_of(LUMEN),
            lambda: storage.recent_charges(state, 5),
        ),
    ).try_out(tables)
    Kept(
        make(ServiceCredit, id="crd_1", account_id=LUMEN),
        storage.save_credit,
        (lambda: storage.credit(LUMEN, "crd_1"), lambda: storage.credits_of(LUMEN)),
    ).try_out(tables)
    assert list(storage.credits_of("acc_lume")) == []


def test_a_charge_billed_leaves_the_list_of_those_to_bill(tables: Tables) -> None:
    storage = LedgerStorage(tables)
    tables.commit(storage.save_charge(sparse(OneOffCharge, id="chg_1", account_id=LUMEN)))
    (charge,) = storage.recent_charges("pending", 5)
    tables.commit(storage.save_charge(replace(charge, state=ChargeState.BILLED)))
    assert list(storage.recent_charges("pending", 5)) == []
    assert [each.id for each in storage.recent_charges("billed", 5)] == ["chg_1"]


def test_the_complement_is_spared_for_good(tables: Tables) -> None:
    storage = LedgerStorage(tables)
    assert not storage.complement_waived(LUMEN)
    for reason in ("Geste commercial", "Une seconde fois"):
        tables.commit(storage.waive_complement(LUMEN, reason, "operator:usr_op"))
    assert storage.complement_waived(LUMEN)
    assert not storage.complement_waived("acc_autre")


@BOTH
@pytest.mark.contract("BIL-6")
def test_contracts(tables: Tables, make: Make) -> None:
    storage = ContractStorage(tables)
    Kept(
        make(Contract, id="ctr_1", account_id=LUMEN),
        storage.save_contract,
        (
            lambda: storage.contract(LUMEN, "ctr_1"),
            lambda: storage.contracts_of(LUMEN),
            storage.all_contracts,
        ),
    ).try_out(tables)


@BOTH
def test_what_vat_keeps(tables: Tables, make: Make) -> None:
    storage = VatStorage(tables)
    Kept(
        make(TaxStatus, account_id=LUMEN), storage.save_tax_status, (storage.tax_statuses,)
    ).try_out(tables)
    assert storage.tax_status(LUMEN).version == 2
    assert storage.tax_status(AccountId("acc_autre")).version == 0
    Kept(
        make(OssLine, month=MONTH),
        storage.save_oss_line,
        (lambda: storage.oss_lines(2026),),
        Again.SAME,
    ).try_out(tables)
    Kept(
        make(OssMonth, month=MONTH), storage.save_oss_month, (lambda: storage.oss_month(MONTH),)
    ).try_out(tables)
    # The months decided are no supplies, nor are those of another year
    assert len(list(storage.oss_lines(2026))) == 1
    assert list(storage.oss_lines(2027)) == []


@BOTH
def test_documents_and_the_platform(tables: Tables, make: Make) -> None:
    storage = DocumentStorage(tables)
    Kept(
        make(StoredDocument, document_id="inv_1"),
        storage.add_stored_document,
        (lambda: storage.stored_document("inv_1"),),
        Again.REFUSED,
    ).try_out(tables)
    Kept(
        make(PlatformStatus, number="F-2026-000001"),
        storage.save_platform_status,
        (
            lambda: storage.platform_status("F-2026-000001"),
            lambda: storage.platform_statuses(5),
        ),
    ).try_out(tables)


@pytest.mark.contract("EVD-1")
def test_the_sales_journal_and_its_closings(tables: Tables) -> None:
    storage = SalesStorage(tables)
    for number in ("F-2026-000001", "A-2026-000001"):
        row = filled(SalesRow, number=number, issued_on=MONTH.first_day, service_month=MONTH)
        Kept(
            row,
            lambda each: storage.add([each]),
            (lambda series=number[0]: storage.first(MONTH, series),),  # type: ignore[misc]
            Again.REFUSED,
        ).try_out(tables)
    assert [row.number for row in storage.rows(MONTH)] == ["F-2026-000001", "A-2026-000001"]
    assert [row.number for row in storage.credit_notes(MONTH)] == ["A-2026-000001"]
    Kept(
        filled(SalesClosing, month=MONTH, summary=filled(SalesSummary, month=MONTH)),
        storage.save_closing,
        (lambda: storage.closing(MONTH), storage.last_closing, storage.closings),
        Again.REFUSED,
    ).try_out(tables)


def test_numbers_and_what_happened_to_a_document(tables: Tables) -> None:
    storage, ledger = BillingStorage(tables), LedgerStorage(tables)
    # Given both series moved on
    for name in ("F", "A"):
        assert storage.series(name) == Series()
        tables.commit(storage.save_series(filled(Series), name))
        assert storage.series(name) == replace(filled(Series), version=1)
        with pytest.raises(ConflictError):
            tables.commit(storage.save_series(filled(Series), name))
    # and an invoice and a credit note stored, the invoice credited
    state = filled(InvoiceState, invoice_id=InvoiceId("doc_1"))
    credited = filled(Credited, invoice_id=InvoiceId("doc_1"))
    tables.commit(
        storage.save_invoice_state(state),
        ledger.save_credit_note_state(state),
        ledger.save_credited(credited),
    )
    # Then all three are read back, each from its own record
    assert storage.invoice_state(InvoiceId("doc_1")) == replace(state, version=1)
    assert ledger.credit_note_state("doc_1") == replace(state, version=1)
    assert ledger.credited("doc_1") == replace(credited, version=1)
    with pytest.raises(ConflictError):
        tables.commit(ledger.save_credited(credited))


@pytest.mark.parametrize("count", [2, LINES_INLINE + 400])
@pytest.mark.contract("BIL-3", "BIL-5")
def test_invoices_and_credit_notes_small_or_beyond_one_record(tables: Tables, count: int) -> None:
    storage, ledger = BillingStorage(tables), LedgerStorage(tables)
    # Given a draft, the invoice it became, and its credit note, of so many lines
    line = filled(InvoiceLine, month=MONTH)
    lines = tuple(structs.replace(line, desktop_id=f"dsk_{n}") for n in range(count))
    draft = filled(Draft, account_id=LUMEN, month=MONTH, lines=lines)
    shared = {name: getattr(draft, name) for name in ("charges", "allowances", "delivery")}
    invoice = filled(
        Invoice,
        id=invoice_id_of(LUMEN, MONTH),
        number="F-2026-000001",
        account_id=LUMEN,
        month=MONTH,
        lines=lines,
        **shared,
    )
    credit = filled(CreditLine)
    credits = tuple(structs.replace(credit, line_key=f"line {n}") for n in range(count))
    note = filled(
        CreditNote, id="crn_1", number="A-2026-000001", account_id=LUMEN, month=MONTH, lines=credits
    )
    # When they are stored
    for page in [*storage.line_pages(draft), *ledger.credit_note_pages(note)]:
        tables.commit(page)
    tables.commit(storage.save_draft(draft))
    # Then they are read back whole, and never written twice
    assert storage.draft(LUMEN, MONTH) == draft
    Kept(
        invoice,
        storage.add_invoice,
        (lambda: storage.invoice(invoice.id), lambda: storage.invoices_of(LUMEN)),
        Again.REFUSED,
    ).try_out(tables)
    Kept(
        note,
        ledger.add_credit_note,
        (lambda: ledger.credit_note("crn_1"), lambda: ledger.credit_notes_of(LUMEN)),
        Again.REFUSED,
    ).try_out(tables)
