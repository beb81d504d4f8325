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
from dataclasses import replace
from typing import TypeVar

from chalicelib.billing.invoices.invoice import (
    ChargeLine,
    Draft,
    Invoice,
    InvoiceLine,
    InvoiceState,
    invoice_id_of,
)
from chalicelib.billing.invoices.line_pages import Page, Paged, is_large, pages_of
from chalicelib.billing.invoices.numbering import Series
from chalicelib.billing.invoices.run import InvoiceRun, RunEntry, RunState, RunTotals
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import InvoiceId
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables

D = TypeVar("D", Draft, Invoice)
T = TypeVar("T")

_SERIES = Kind("billing", "series", Series)
_INVOICES = Kind("billing", "invoice", Paged[Invoice])
_INVOICE_STATES = Kind("billing", "invoice state", InvoiceState)
_DRAFTS = Kind("billing", "draft", Paged[Draft])
_LINES = Kind("billing", "lines", Page[InvoiceLine])
_CHARGES = Kind("billing", "charge lines", Page[ChargeLine])
_RUNS = Kind("billing", "run", InvoiceRun)
_ENTRIES = Kind("billing", "run entry", RunEntry)
_TOTALS = Kind("billing", "run totals", RunTotals)


class BillingStorage:
    """Reads billing's objects, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # numbers and invoices
    def series(self, series: str = "F") -> Series:
        """Read a series: F of invoices, A of credit notes."""
        return self._tables.get(_SERIES, f"SERIES#{series}", "COUNTER") or Series()

    def save_series(self, series: Series, name: str = "F") -> Put:
        """Give the write that moves the series on; refused when somebody else moved it."""
        return _SERIES.put(series, f"SERIES#{name}", "COUNTER")

    def invoice(self, invoice_id: str) -> Invoice | None:
        """Read an invoice."""
        kept = self._tables.get(_INVOICES, f"INV#{invoice_id}", "INVOICE")
        return self._whole(kept) if kept else None

    def invoices_of(self, account_id: str, *, limit: int | None = None) -> Iterator[Invoice]:
        """Read the invoices of an account, newest first."""
        for kept in self._tables.listing(
            _INVOICES, f"ACC#{account_id}", newest_first=True, limit=limit
        ):
            yield self._whole(kept)

    def add_invoice(self, invoice: Invoice) -> Put:
        """Give the write of a new invoice; refused when it exists: it is written once (BIL-3)."""
        listed = (f"ACC#{invoice.account_id}", _sortable(invoice.number))
        return _INVOICES.put(_paged(invoice), f"INV#{invoice.id}", "INVOICE", listed=listed)

    def invoice_state(self, invoice_id: InvoiceId) -> InvoiceState:
        """Read what happened to an invoice since its issue."""
        state = self._tables.get(_INVOICE_STATES, f"INV#{invoice_id}", "STATE")
        return state or InvoiceState(invoice_id)

    def save_invoice_state(self, state: InvoiceState) -> Put:
        """Give the write that keeps an invoice's state."""
        return _INVOICE_STATES.put(state, f"INV#{state.invoice_id}", "STATE")

    # drafts
    def draft(self, account_id: str, month: BillingMonth) -> Draft | None:
        """Read the draft of an account for a month."""
        kept = self._tables.get(_DRAFTS, f"DRAFT#{account_id}", str(month))
        return self._whole(kept) if kept else None

    def save_draft(self, draft: Draft) -> Put:
        """Give the write of a draft, in the same commit as its run entry, which guards it."""
        pk = f"DRAFT#{draft.account_id}"
        return _DRAFTS.put(_paged(draft), pk, str(draft.month), always=True)

    def line_pages(self, draft: Draft) -> list[Put]:
        """Give the writes of a large draft's lines, to commit before it; a small one has none."""
        if not is_large(draft.lines, draft.charges):
            return []
        pk = _pages_pk(draft)
        lines, charges = pages_of("lines", draft.lines), pages_of("charges", draft.charges)
        return [
            *(_LINES.put(page, pk, key, always=True) for key, page in lines.items()),
            *(_CHARGES.put(page, pk, key, always=True) for key, page in charges.items()),
        ]

    # runs
    def run(self, month: BillingMonth) -> InvoiceRun | None:
        """Read the run of a month."""
        return self._tables.get(_RUNS, f"RUN#{month}", "RUN")

    def runs(self) -> Iterator[InvoiceRun]:
        """Read every run, the latest month first."""
        return self._tables.listing(_RUNS, "RUNS", newest_first=True)

    def save_run(self, run: InvoiceRun) -> Put:
        """Give the write that keeps a run."""
        return _RUNS.put(run, f"RUN#{run.month}", "RUN", listed=("RUNS", str(run.month)))

    def entry(self, account_id: str, month: BillingMonth) -> RunEntry | None:
        """Read an account's place in a run."""
        return self._tables.get(_ENTRIES, f"RUN#{month}", f"ACC#{account_id}")

    def entries(self, month: BillingMonth) -> Iterator[RunEntry]:
        """Read every account's place in a run."""
        return self._tables.query(_ENTRIES, f"RUN#{month}", starts_with="ACC#")

    def entries_in(
        self, month: BillingMonth, state: RunState, limit: int | None, after_number: str = ""
    ) -> Iterator[RunEntry]:
        """Read some accounts that were in a state a moment ago (an index).

        Issued ones come in the order of their numbers, from the one given on if any.
        """
        start = f"{state}#"
        after = start + _sortable(after_number) if after_number else ""
        return self._tables.listing(
            _ENTRIES, f"STATE#{month}", starts_with=start, after=after, limit=limit
        )

    def count_in(self, month: BillingMonth, state: RunState) -> int:
        """Count the accounts that were in a state a moment ago (an index)."""
        return self._tables.count(_ENTRIES, f"STATE#{month}", starts_with=f"{state}#")

    def run_totals(self, month: BillingMonth) -> RunTotals:
        """Read what the run of a month has issued."""
        return self._tables.get(_TOTALS, f"RUN#{month}", "ISSUED") or RunTotals(month)

    def save_run_totals(self, totals: RunTotals) -> Put:
        """Give the write that keeps them; refused when somebody wrote them since."""
        return _TOTALS.put(totals, f"RUN#{totals.month}", "ISSUED")

    def save_entry(self, entry: RunEntry) -> Put:
        """Give the write that keeps an account's place in a run."""
        place = _sortable(entry.number) if entry.number else entry.account_id
        return _ENTRIES.put(
            entry,
            f"RUN#{entry.month}",
            f"ACC#{entry.account_id}",
            listed=(f"STATE#{entry.month}", f"{entry.state}#{place}"),
        )

    def _whole(self, kept: Paged[D]) -> D:
        """Give a document with its lines.  Raises KeyError when a page of them is not there."""
        if not kept.lines and not kept.charges:
            return kept.document
        pk = _pages_pk(kept.document)
        return replace(
            kept.document,
            lines=tuple(line for key in kept.lines for line in self._page(_LINES, pk, key)),
            charges=tuple(line for key in kept.charges for line in self._page(_CHARGES, pk, key)),
        )

    def _page(self, kind: Kind[Page[T]], pk: str, key: str) -> tuple[T, ...]:
        page = self._tables.get(kind, pk, key)
        if page is None:
            raise KeyError(key)
        return page.lines


def _paged(document: D) -> Paged[D]:
    if not is_large(document.lines, document.charges):
        return Paged(document)
    lines, charges = pages_of("lines", document.lines), pages_of("charges", document.charges)
    return Paged(replace(document, lines=(), charges=()), tuple(lines), tuple(charges))


def _pages_pk(document: Draft | Invoice) -> str:
    return f"INV#{invoice_id_of(document.account_id, document.month)}"


def _sortable(number: str) -> str:
    """Write a number of six digits and more so that text order is number order."""
    return f"{len(number):02d}#{number}"
