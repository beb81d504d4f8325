"""A run beside that of the month before: who is new, who left, what changed most (BIL-4, CON-3)."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.billing.run import RunEntry, RunState

_MOST_SHOWN = 20


@dataclass(frozen=True)
class Difference:
    """A client's invoices of two months, in cents incl. VAT; None where there is none."""

    account_id: str
    account_name: str
    before_cents: int | None
    now_cents: int | None

    @property
    def change_cents(self) -> int:
        """How much more it is now."""
        return (self.now_cents or 0) - (self.before_cents or 0)


@dataclass(frozen=True)
class RunComparison:
    """What a run's invoices come to, against those of the month before, in cents incl. VAT."""

    before_cents: int
    now_cents: int
    differences: tuple[Difference, ...]

    @property
    def change_cents(self) -> int:
        """How much more was invoiced."""
        return self.now_cents - self.before_cents

    @property
    def new(self) -> int:
        """How many clients had no invoice the month before."""
        return sum(each.before_cents is None for each in self.differences)

    @property
    def gone(self) -> int:
        """How many clients had one, and have none now."""
        return sum(each.now_cents is None for each in self.differences)

    @property
    def largest(self) -> tuple[Difference, ...]:
        """The largest changes, largest first."""
        changed = (each for each in self.differences if each.change_cents)
        ordered = sorted(changed, key=lambda each: (-abs(each.change_cents), each.account_name))
        return tuple(ordered[:_MOST_SHOWN])


def compare(before: Iterable[RunEntry], now: Iterable[RunEntry]) -> RunComparison:
    """Compare two months, account by account; one that failed, or waits, is left out (CON-3)."""
    entries = {entry.account_id: entry for entry in now}
    earlier = {entry.account_id: entry for entry in before}
    open_ones = {account_id for account_id, entry in entries.items() if not entry.is_over}
    differences = []
    for account_id in sorted({*entries, *earlier} - open_ones):
        was, became = earlier.get(account_id), entries.get(account_id)
        before_cents, now_cents = _invoiced(was), _invoiced(became)
        if before_cents is None and now_cents is None:
            continue
        named = became or was
        name = named.account_name if named else ""
        differences.append(Difference(account_id, name or account_id, before_cents, now_cents))
    return RunComparison(
        sum(each.before_cents or 0 for each in differences),
        sum(each.now_cents or 0 for each in differences),
        tuple(differences),
    )


def _invoiced(entry: RunEntry | None) -> int | None:
    return entry.incl_vat_cents if entry and entry.state is RunState.ISSUED else None
