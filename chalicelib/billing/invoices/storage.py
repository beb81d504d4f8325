"""The ``billing`` table: number series, invoices, drafts and month-end runs.

What operators decide beside them (charges, credits, credit notes) is in
``charges/ledger_storage.py``.

======================  ===========  =====================================================
pk                      sk           what
======================  ===========  =====================================================
``SERIES#F``            COUNTER      the last invoice number given (``SERIES#A``: credit note)
``INV#<invoice>``       INVOICE      an issued invoice, written once; listing ``ACC#<account>``
``INV#<invoice>``       STATE        what happened to it since
``INV#<invoice>``       LINES#…      lines of a large one, or of its draft (``line_pages.py``)
``RUN#<month>``         RUN          the run of a month; listing ``RUNS``
``RUN#<month>``         ACC#<acc>    an account in it; listing ``STATE#<month>``, by state
``RUN#<month>``         ISSUED       how many invoices it issued, and their sum
``DRAFT#<account>``     <month>      the draft itself, kept apart so that progress stays cheap
======================  ===========  =====================================================
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from chalicelib.billing.invoices.invoice import Draft, Invoice, InvoiceState, invoice_id_of
from chalicelib.billing.invoices.invoice_json import (
    draft_json,
    invoice_json,
    read_draft,
    read_invoice,
)
from chalicelib.billing.invoices.line_pages import split, whole
from chalicelib.billing.invoices.numbering import Series
from chalicelib.billing.invoices.run import InvoiceRun, RunEntry, RunState, RunTotals
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, InvoiceId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import JSONAttribute, OldRecord, old_put
from chalicelib.foundation.tables import Put, Tables


class BillingRecord(OldRecord):
    """Any record of billing; ``content`` is its object as JSON."""

    class Meta:
        table_name = "billing"

    content = JSONAttribute()


class BillingStorage:
    """Reads billing's objects, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # numbers and invoices
    def series(self, series: str = "F") -> Series:
        """Read a series: F of invoices, A of credit notes."""
        record = self._get(f"SERIES#{series}", "COUNTER")
        if record is None:
            return Series()
        content = record.content
        return Series(
            content["last"], date.fromisoformat(content["last_issued_on"]), int(record.version)
        )

    def save_series(self, series: Series, name: str = "F") -> Put:
        """Give the write that moves the series on; refused when somebody else moved it."""
        content = {"last": series.last, "last_issued_on": series.last_issued_on.isoformat()}
        return _put(f"SERIES#{name}", "COUNTER", content, series.version)

    def invoice(self, invoice_id: str) -> Invoice | None:
        """Read an invoice."""
        record = self._get(f"INV#{invoice_id}", "INVOICE")
        return read_invoice(self._whole(record)) if record else None

    def invoices_of(self, account_id: str, *, limit: int | None = None) -> Iterator[Invoice]:
        """Read the invoices of an account, newest first."""
        for record in self._tables.listing_records(
            BillingRecord, f"ACC#{account_id}", newest_first=True, limit=limit
        ):
            yield read_invoice(self._whole(record))

    def add_invoice(self, invoice: Invoice) -> Put:
        """Give the write of a new invoice; refused when it exists: it is written once (BIL-3)."""
        return _put(
            f"INV#{invoice.id}",
            "INVOICE",
            split(invoice_json(invoice))[0],
            0,
            listed=(f"ACC#{invoice.account_id}", _sortable(invoice.number)),
        )

    def invoice_state(self, invoice_id: InvoiceId) -> InvoiceState:
        """Read what happened to an invoice since its issue."""
        record = self._get(f"INV#{invoice_id}", "STATE")
        if record is None:
            return InvoiceState(invoice_id)
        stored_at = record.content["document_stored_at"]
        return InvoiceState(
            invoice_id, instant(stored_at) if stored_at else None, int(record.version)
        )

    def save_invoice_state(self, state: InvoiceState) -> Put:
        """Give the write that keeps an invoice's state."""
        stored_at = state.document_stored_at
        content = {"document_stored_at": iso(stored_at) if stored_at else None}
        return _put(f"INV#{state.invoice_id}", "STATE", content, state.version)

    # drafts
    def draft(self, account_id: str, month: BillingMonth) -> Draft | None:
        """Read the draft of an account for a month."""
        record = self._get(f"DRAFT#{account_id}", str(month))
        return read_draft(self._whole(record)) if record else None

    def save_draft(self, draft: Draft) -> Put:
        """Give the write of a draft, in the same commit as its run entry, which guards it."""
        content = split(draft_json(draft))[0]
        return old_put(
            _record(f"DRAFT#{draft.account_id}", str(draft.month), content, 0), always=True
        )

    def line_pages(self, draft: Draft) -> list[Put]:
        """Give the writes of a large draft's lines, to commit before it; a small one has none."""
        pk = f"INV#{invoice_id_of(draft.account_id, draft.month)}"
        _, pages = split(draft_json(draft))
        return [
            old_put(_record(pk, key, {"lines": lines}, 0), always=True)
            for key, lines in pages.items()
        ]

    # runs
    def run(self, month: BillingMonth) -> InvoiceRun | None:
        """Read the run of a month."""
        record = self._get(f"RUN#{month}", "RUN")
        return _read_run(record) if record else None

    def runs(self) -> Iterator[InvoiceRun]:
        """Read every run, the latest month first."""
        for record in self._tables.listing_records(BillingRecord, "RUNS", newest_first=True):
            yield _read_run(record)

    def save_run(self, run: InvoiceRun) -> Put:
        """Give the write that keeps a run."""
        content = {
            "started_at": iso(run.started_at),
            "started_by": run.started_by,
            "listed_at": iso(run.listed_at) if run.listed_at else None,
        }
        month = str(run.month)
        return _put(f"RUN#{month}", "RUN", content, run.version, listed=("RUNS", month))

    def entry(self, account_id: str, month: BillingMonth) -> RunEntry | None:
        """Read an account's place in a run."""
        record = self._get(f"RUN#{month}", f"ACC#{account_id}")
        return _read_entry(record) if record else None

    def entries(self, month: BillingMonth) -> Iterator[RunEntry]:
        """Read every account's place in a run."""
        for record in self._tables.query_records(BillingRecord, f"RUN#{month}", starts_with="ACC#"):
            yield _read_entry(record)

    def entries_in(
        self, month: BillingMonth, state: RunState, limit: int | None, after_number: str = ""
    ) -> Iterator[RunEntry]:
        """Read some accounts that were in a state a moment ago (an index).

        Issued ones come in the order of their numbers, behind the one given if any.
        """
        start = f"{state}#"
        after = start + _sortable(after_number) if after_number else ""
        for record in self._tables.listing_records(
            BillingRecord, f"STATE#{month}", starts_with=start, after=after, limit=limit
        ):
            yield _read_entry(record)

    def count_in(self, month: BillingMonth, state: RunState) -> int:
        """Count the accounts that were in a state a moment ago (an index)."""
        return self._tables.count(
            BillingRecord,  # type: ignore[arg-type]
            f"STATE#{month}",
            starts_with=f"{state}#",
        )

    def run_totals(self, month: BillingMonth) -> RunTotals:
        """Read what the run of a month has issued."""
        record = self._get(f"RUN#{month}", "ISSUED")
        if record is None:
            return RunTotals(month)
        return RunTotals(month, **record.content, version=int(record.version))

    def save_run_totals(self, totals: RunTotals) -> Put:
        """Give the write that keeps them; refused when somebody wrote them since."""
        content = {"count": totals.count, "incl_vat_cents": totals.incl_vat_cents}
        return _put(f"RUN#{totals.month}", "ISSUED", content, totals.version)

    def save_entry(self, entry: RunEntry) -> Put:
        """Give the write that keeps an account's place in a run."""
        content = {
            "account_name": entry.account_name,
            "state": entry.state.value,
            "reason": entry.reason,
            "values": entry.values,
            "invoice_id": entry.invoice_id,
            "number": entry.number,
            "incl_vat_cents": entry.incl_vat_cents,
        }
        place = _sortable(entry.number) if entry.number else entry.account_id
        return _put(
            f"RUN#{entry.month}",
            f"ACC#{entry.account_id}",
            content,
            entry.version,
            listed=(f"STATE#{entry.month}", f"{entry.state}#{place}"),
        )

    def _whole(self, record: BillingRecord) -> dict[str, Any]:
        content = record.content
        invoice_id = invoice_id_of(content["account_id"], BillingMonth.parse(content["month"]))
        return whole(content, lambda key: self._page(f"INV#{invoice_id}", key))

    def _page(self, pk: str, key: str) -> list[dict[str, Any]]:
        page = self._get(pk, key)
        if page is None:
            raise KeyError(key)
        lines: list[dict[str, Any]] = page.content["lines"]
        return lines

    def _get(self, pk: str, sk: str) -> BillingRecord | None:
        return self._tables.get_record(BillingRecord, pk, sk)


def _sortable(number: str) -> str:
    """Write a number of six digits and more so that text order is number order."""
    return f"{len(number):02d}#{number}"


def _read_run(record: BillingRecord) -> InvoiceRun:
    content = record.content
    return InvoiceRun(
        month=BillingMonth.parse(record.pk.removeprefix("RUN#")),
        started_at=instant(content["started_at"]),
        started_by=content["started_by"],
        listed_at=instant(content["listed_at"]) if content["listed_at"] else None,
        version=int(record.version),
    )


def _read_entry(record: BillingRecord) -> RunEntry:
    content = record.content
    return RunEntry(
        account_id=AccountId(record.sk.removeprefix("ACC#")),
        month=BillingMonth.parse(record.pk.removeprefix("RUN#")),
        account_name=content["account_name"],
        state=RunState(content["state"]),
        reason=content["reason"],
        values=content.get("values", {}),
        invoice_id=content["invoice_id"],
        number=content["number"],
        incl_vat_cents=int(content["incl_vat_cents"]),
        version=int(record.version),
    )


def _record(
    pk: str, sk: str, content: dict[str, Any], version: int, listed: tuple[str, str] | None = None
) -> BillingRecord:
    list_key, list_sort = listed or (None, None)
    return BillingRecord(
        pk=pk, sk=sk, content=content, version=version, list_key=list_key, list_sort=list_sort
    )


def _put(
    pk: str, sk: str, content: dict[str, Any], version: int, listed: tuple[str, str] | None = None
) -> Put:
    return old_put(_record(pk, sk, content, version, listed))
