"""A month-end run: each account's place in it, from waiting to issued (BIL-4, CON-3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, structs

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId


class RunState(StrEnum):
    """Where an account stands in the run of a month."""

    WAITING = "waiting"
    DRAFTED = "drafted"
    ISSUED = "issued"
    NOTHING = "nothing"
    FAILED = "failed"


class RunEntry(Struct, frozen=True, omit_defaults=True):
    """One account in the run of one month.

    ``reason`` says why it failed: a sentence to translate, its places filled by ``values``.
    """

    account_id: AccountId
    month: BillingMonth
    account_name: str = ""
    state: RunState = RunState.WAITING
    reason: str = ""
    invoice_id: str = ""
    number: str = ""
    incl_vat_cents: int = 0
    values: dict[str, str] = {}
    version: int = 0

    @property
    def failure(self) -> DomainError:
        """Why it failed, to be said in the reader's language."""
        return DomainError(self.reason, **self.values)

    @property
    def is_over(self) -> bool:
        """Whether the month is closed for the account.

        What comes to be known later is billed with a later month.
        """
        return self.state in {RunState.ISSUED, RunState.NOTHING}

    def moved(self, state: RunState, **facts: Any) -> "RunEntry":
        """Give the entry in another state; the reason of an earlier failure goes."""
        return structs.replace(self, state=state, **{"reason": "", "values": {}, **facts})


@dataclass(frozen=True)
class InvoiceRun:
    """The run of a month; ``listed_at`` is when every account had been put in it."""

    month: BillingMonth
    started_at: datetime
    started_by: str
    listed_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class RunTotals:
    """What a run has issued so far, kept up by each transaction that issues."""

    month: BillingMonth
    count: int = 0
    incl_vat_cents: int = 0
    version: int = 0

    def after(self, amounts: Iterable[int]) -> "RunTotals":
        """Add invoices, by their amounts in cents incl. VAT."""
        added = list(amounts)
        return replace(
            self,
            count=self.count + len(added),
            incl_vat_cents=self.incl_vat_cents + sum(added),
        )


@dataclass(frozen=True)
class RunStatus:
    """How far a run is: how many accounts are in each state, and the first of those that failed."""

    run: InvoiceRun
    counts: Mapping[RunState, int]
    incl_vat_cents: int
    failures: tuple[RunEntry, ...] = ()

    def count(self, state: str) -> int:
        """Count the accounts in a state."""
        return self.counts.get(RunState(state), 0)

    @property
    def total(self) -> int:
        """How many accounts are in the run."""
        return sum(self.counts.values())

    @property
    def handled(self) -> int:
        """How many accounts are through, well or badly."""
        return self.total - self.count(RunState.WAITING) - self.count(RunState.DRAFTED)

    @property
    def is_over(self) -> bool:
        """Whether nothing moves any more."""
        return self.run.listed_at is not None and self.handled == self.total


@dataclass(frozen=True)
class IssuedPage:
    """Some invoices of a run by their numbers; ``next_after`` leads on, "" at the end."""

    entries: tuple[RunEntry, ...]
    next_after: str


def require_over(month: BillingMonth, today: date) -> None:
    """Refuse to invoice a month that is not over in Paris (CGV art. 8.1; BIL-1)."""
    if today <= month.last_day:
        raise DomainError(
            "Le mois %(month)s n’est pas terminé\u00a0: il se facture à partir du %(day)s.",
            article="8.1",
            month=str(month),
            day=month.next.first_day.strftime("%d/%m/%Y"),
        )


def months_to_run(
    first: BillingMonth, today: date, runs: Iterable[InvoiceRun]
) -> list[BillingMonth]:
    """List the months over since ``first`` whose run never listed all accounts (BIL-4)."""
    listed = {run.month for run in runs if run.listed_at is not None}
    months = []
    month = first
    while month.last_day < today:
        if month not in listed:
            months.append(month)
        month = month.next
    return months
