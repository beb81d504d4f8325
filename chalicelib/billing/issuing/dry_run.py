"""What a run would issue, without writing anything (BIL-4, BIL-7, CON-3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.service import AccountService
from chalicelib.billing.credits.over_billing import over_billed
from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.invoice import Draft, invoice_id_of
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId

ACCOUNTS_AT_ONCE = 25


@dataclass(frozen=True)
class TrialEntry:
    """One account: the invoice it would get or has, or why it would fail.

    ``number`` is of the invoice already issued.  ``previous_cents`` is the invoice of the month
    before, incl. VAT, None without one.  ``credits`` tells that days billed before would be
    credited.
    """

    account_id: AccountId
    account_name: str
    draft: Draft | None = None
    number: str = ""
    incl_vat_cents: int = 0
    previous_cents: int | None = None
    refusal: DomainError | None = None
    credits: bool = False

    @property
    def bills_something(self) -> bool:
        """Whether the run would issue an invoice."""
        return self.draft is not None and self.draft.bills_something

    @property
    def change_cents(self) -> int:
        """How much more than the month before it would be."""
        return self.incl_vat_cents - (self.previous_cents or 0)


@dataclass(frozen=True)
class TrialPage:
    """Some accounts of a dry run; ``next_after`` leads to the next ones, "" at the end."""

    month: BillingMonth
    entries: tuple[TrialEntry, ...]
    next_after: str
    is_over: bool

    @property
    def incl_vat_cents(self) -> int:
        """What these accounts would be invoiced, or are."""
        return sum(entry.incl_vat_cents for entry in self.entries)


@dataclass(kw_only=True)
class DryRun:
    """Drafts as the run does, some accounts at a time."""

    storage: BillingStorage
    billing: BillingService
    accounts: AccountService
    clock: Clock

    def page(self, month: BillingMonth, after: str = "") -> TrialPage:
        """Draft the accounts after ``after`` as the run of a month would; write nothing (BIL-7).

        For a month under way it is what the run would issue if the month ended now.
        """
        accounts: Sequence[Account] = self.accounts.all_accounts(after, ACCOUNTS_AT_ONCE)
        entries = tuple(
            self._entry(account, month)
            for account in accounts
            if paris_day(account.created_at) <= month.last_day
        )
        more = len(accounts) == ACCOUNTS_AT_ONCE
        is_over = today(self.clock) > month.last_day
        return TrialPage(month, entries, accounts[-1].id if more else "", is_over)

    def _entry(self, account: Account, month: BillingMonth) -> TrialEntry:
        previous = self.storage.invoice(invoice_id_of(account.id, month.previous))
        previous_cents = previous.totals.incl_vat_cents if previous else None
        issued = self.storage.invoice(invoice_id_of(account.id, month))
        if issued is not None:
            return TrialEntry(
                account.id,
                account.name,
                number=issued.number,
                incl_vat_cents=issued.totals.incl_vat_cents,
                previous_cents=previous_cents,
            )
        try:
            draft = self.billing.current(account.id, month)
            credits = any(map(over_billed, self.billing.earlier(account.id, month)))
        except DomainError as refused:
            return TrialEntry(
                account.id, account.name, previous_cents=previous_cents, refusal=refused
            )
        return TrialEntry(
            account.id,
            account.name,
            draft,
            incl_vat_cents=draft.totals.incl_vat_cents,
            previous_cents=previous_cents,
            credits=credits,
        )
