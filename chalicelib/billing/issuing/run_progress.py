"""How month-end runs go, for operators (BIL-4, CON-3)."""

from dataclasses import dataclass

from chalicelib.billing.invoices.run import InvoiceRun, IssuedPage, RunState, RunStatus
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.issuing.run_comparison import RunComparison, compare
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId

_FAILURES_SHOWN = 100
_ISSUED_SHOWN = 50


@dataclass(kw_only=True)
class InvoiceRunProgress:
    """Reads runs; a run of ten thousand accounts is counted, and shown a page at a time."""

    storage: BillingStorage
    clock: Clock

    def runs(self) -> list[InvoiceRun]:
        """Give every run, the latest month first."""
        return list(self.storage.runs())

    def status(self, month: BillingMonth) -> RunStatus | None:
        """Tell how far the run of a month is; None when it never started (CON-3)."""
        run = self.storage.run(month)
        if run is None:
            return None
        issued = self.storage.run_totals(month)
        counts = {RunState.ISSUED: issued.count}
        for state in RunState:
            if state not in counts:
                counts[state] = self.storage.count_in(month, state)
        failures = self.storage.entries_in(month, RunState.FAILED, _FAILURES_SHOWN)
        return RunStatus(run, counts, issued.incl_vat_cents, tuple(failures))

    def issued(self, month: BillingMonth, after: str = "") -> IssuedPage:
        """Give the invoices of a run by their numbers, some at a time, from a number on."""
        found = tuple(self.storage.entries_in(month, RunState.ISSUED, _ISSUED_SHOWN, after))
        return IssuedPage(found, found[-1].number if len(found) == _ISSUED_SHOWN else "")

    def comparison(self, month: BillingMonth) -> RunComparison:
        """Compare what a run invoiced with the month before, account by account (CON-3)."""
        return compare(self.storage.entries(month.previous), self.storage.entries(month))

    def is_closed(self, account_id: AccountId, month: BillingMonth) -> bool:
        """Tell whether an account's month is issued, or had nothing to bill."""
        entry = self.storage.entry(account_id, month)
        return entry is not None and entry.is_over

    def last_month_over(self) -> BillingMonth:
        """Give the month that a run started now would be for."""
        return BillingMonth.of(today(self.clock)).previous
