"""The month-end run: list accounts, draft, issue (CGV art. 8.1; BIL-1, BIL-3, BIL-4).

Each step ends in one commit that also holds the message of the next, and starts by looking at
what is already done: run twice, ten at a time, or killed anywhere, it issues each invoice once
and leaves no gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.accounts.service import AccountService
from chalicelib.billing.credits.corrections import Corrections
from chalicelib.billing.credits.early_ends import EarlyEnds
from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.invoice import Draft
from chalicelib.billing.invoices.run import (
    InvoiceRun,
    RunEntry,
    RunState,
    months_to_run,
    require_over,
)
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.issuing.issue import InvoiceIssuer, draft_message
from chalicelib.billing.issuing.messages import IssueDraft, ListAccounts
from chalicelib.billing.issuing.run_failures import noting_failure
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.errors import (
    DomainError,
    NotFoundError,
    TemporaryGatewayError,
)
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording
from chalicelib.metering.service import MeteringService

# An account takes an entry and a message: 40 of them fit one transaction.
_ACCOUNTS_AT_ONCE = 40
_PAGES_AT_ONCE = 10  # of 240 KB, in the 4 MB of a transaction


@dataclass(kw_only=True)
class InvoiceRunService:
    """What the schedule, the operator's screen and the queues' workers call."""

    storage: BillingStorage
    billing: BillingService
    corrections: Corrections
    early_ends: EarlyEnds
    issuer: InvoiceIssuer
    accounts: AccountService
    metering: MeteringService
    recording: Recording

    # started
    def run_due(self) -> list[BillingMonth]:
        """Start the run of every month that is over and was never run, or stands still (BIL-1).

        Woken every day: a missed day, or a missed month, is caught up, and accounts whose messages
        were put aside (an outage longer than the queues' patience) are taken up again.
        """
        self.metering.meter_due()
        first = self._first_month()
        if first is None:
            return []
        runs = list(self.storage.runs())
        months = months_to_run(first, self.recording.today(), runs)
        months += [run.month for run in runs if run.listed_at and self._stands_still(run.month)]
        for month in months:
            self.start_run(month, by="system")
        return months

    def _stands_still(self, month: BillingMonth, *states: RunState) -> bool:
        """Tell whether accounts still wait in a run, or are in one of other states."""
        unfinished = (RunState.WAITING, RunState.DRAFTED, *states)
        return any(any(self.storage.entries_in(month, state, 1)) for state in unfinished)

    def start_run(self, month: BillingMonth, *, by: str) -> InvoiceRun:
        """Start the run of a month, or start it again: what is issued stays (BIL-4).

        Usage that is not recorded to the end of the month is recorded first.  Raises DomainError
        when the month is not over.
        """
        require_over(month, self.recording.today())
        if not self._is_metered(month):
            self.metering.meter_due()
        return self.recording.again(lambda: self._start_once(month, by))

    def _start_once(self, month: BillingMonth, by: str) -> InvoiceRun:
        run = self.storage.run(month)
        if run and run.listed_at and not self._stands_still(month, RunState.FAILED):
            return run  # all is done: nothing is written
        go = ListAccounts(month=month).message(f"run:{month}")
        if run is not None:
            self.recording.commit(go)
            return run
        run = InvoiceRun(month, self.recording.now(), by)
        self.recording.commit(self.storage.save_run(run), go)
        return run

    def retry(self, month: BillingMonth, account_id: AccountId, *, by: str) -> None:
        """Draft an account again, after a failure (BIL-4); the journal keeps who asked.

        Raises NotFoundError when it is not in the run, DomainError when it has its invoice.  One
        that had nothing to bill stays closed: what came late goes with its next month.
        """

        def attempt() -> None:
            entry = self.storage.entry(account_id, month)
            if entry is None:
                raise NotFoundError
            if entry.state is RunState.ISSUED:
                raise DomainError("La facture de ce client est déjà émise.")
            if entry.is_over:
                return
            self.recording.commit(
                self.storage.save_entry(entry.moved(RunState.WAITING)),
                self.recording.entry(account_id, "invoice.retried", {"month": str(month)}, by=by),
                draft_message(account_id, month),
            )

        self.recording.again(attempt)

    # worked
    def issue(self, account_id: AccountId, month: BillingMonth) -> None:
        """Number and issue an account's draft, with whoever else waits (BIL-3)."""
        self.issuer.issue(month, [account_id])

    def list_accounts(self, month: BillingMonth, after: str = "") -> None:
        """Put some accounts in the run, each with its message; the next ones follow (BIL-4)."""
        self.recording.again(lambda: self._list_once(month, after))

    def _list_once(self, month: BillingMonth, after: str) -> None:
        accounts = self.accounts.all_accounts(after, _ACCOUNTS_AT_ONCE)
        changes: list[Write | Message] = []
        for account in accounts:
            if paris_day(account.created_at) > month.last_day:
                continue
            entry = self.storage.entry(account.id, month)
            if entry is None:
                entry = RunEntry(account.id, month, account.name)
                changes.append(self.storage.save_entry(entry))
            if not entry.is_over:
                changes.append(draft_message(account.id, month))
        if len(accounts) == _ACCOUNTS_AT_ONCE:
            last = accounts[-1].id
            changes.append(ListAccounts(month=month, after=last).message(f"run:{month}:{last}"))
        else:
            changes += self._listed(month)
        if changes:
            self.recording.commit(*changes)

    def _listed(self, month: BillingMonth) -> list[Write]:
        run = self.storage.run(month)
        if run is None or run.listed_at is not None:
            return []
        return [self.storage.save_run(replace(run, listed_at=self.recording.now()))]

    def draft(self, account_id: AccountId, month: BillingMonth) -> None:
        """Draft an account's month and hand it over for issue (BIL-1, BIL-4).

        What the contract or the data refuse is kept as the entry's failure, with its reason.
        Anything unexpected is noted there too, then raised: the queue tries again and, in the
        end, puts the message aside.
        """
        with noting_failure(self.note_failure, account_id, month):
            self.recording.again(lambda: self._draft_once(account_id, month))

    def _draft_once(self, account_id: AccountId, month: BillingMonth) -> None:
        entry = self.storage.entry(account_id, month) or RunEntry(account_id, month)
        if entry.is_over:
            return
        require_over(month, self.recording.today())
        try:
            self._require_metered(account_id, month)
            contracts = self.early_ends.contracts.agreed_of(account_id)
            earlier = self.billing.earlier(account_id, month, contracts)
            self.corrections.settle(account_id, earlier)
            self.early_ends.settle(contracts)
            draft = self.billing.draft(account_id, month, earlier, contracts)
        except DomainError as refused:
            self._fail(entry, refused.message, refused.values)
            return
        if not draft.bills_something:
            self.recording.commit(self.storage.save_entry(entry.moved(RunState.NOTHING)))
            return
        self._keep_pages(draft)
        issue = IssueDraft(account_id=account_id, month=month)
        self.recording.commit(
            self.storage.save_entry(entry.moved(RunState.DRAFTED)),
            self.storage.save_draft(draft),
            issue.message(f"issue:{month}:{account_id}", group="invoices"),
        )

    def _keep_pages(self, draft: Draft) -> None:
        """Write the lines of a large draft before the commit that makes it count."""
        pages = self.storage.line_pages(draft)
        for start in range(0, len(pages), _PAGES_AT_ONCE):
            self.recording.commit(*pages[start : start + _PAGES_AT_ONCE])

    def note_failure(
        self, account_id: AccountId, month: BillingMonth, reason: str, values: Mapping[str, object]
    ) -> None:
        """Show on the operator's screen why an account has no invoice (BIL-4)."""
        entry = self.storage.entry(account_id, month) or RunEntry(account_id, month)
        if not entry.is_over:
            self._fail(entry, reason, values)

    def _fail(self, entry: RunEntry, reason: str, values: Mapping[str, object]) -> None:
        said = {name: str(value) for name, value in values.items()}
        failed = entry.moved(RunState.FAILED, reason=reason, values=said)
        if failed != entry:
            self.recording.commit(self.storage.save_entry(failed))

    def _is_metered(self, month: BillingMonth) -> bool:
        until = self.metering.metered_until()
        return until is not None and until >= month.last_day

    def _require_metered(self, account_id: AccountId, month: BillingMonth) -> None:
        """Hold an account back until its usage is recorded to the end of the month.

        The mark of the daily job stands still when it fails for any account: the others, whose
        usage is all there, do not wait for that one (BIL-4).
        """
        if self._is_metered(month):
            return
        missing = self.metering.today_so_far(account_id)
        if any(usage.day in month for usage in missing):
            raise TemporaryGatewayError(f"usage of {month} is not recorded to its end")

    def _first_month(self) -> BillingMonth | None:
        """Give the month of the oldest account: nothing is owed before."""
        oldest, after = None, ""
        while accounts := self.accounts.all_accounts(after, 100):
            first = min(paris_day(account.created_at) for account in accounts)
            oldest = min(oldest or first, first)
            after = accounts[-1].id
        return BillingMonth.of(oldest) if oldest else None
