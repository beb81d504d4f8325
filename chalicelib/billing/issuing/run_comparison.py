"""A run beside that of the month before: who is new, who left, what changed most (BIL-4, CON-3)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge, nsmallest
from itertools import groupby

from chalicelib.billing.invoices.run import RunEntry, RunState

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
    """What a run's invoices come to, against those of the month before, in cents incl. VAT.

    ``new`` clients had no invoice the month before, ``gone`` ones have none now; ``largest`` are
    the largest changes, largest first.
    """

    before_cents: int
    now_cents: int
    new: int
    gone: int
    largest: tuple[Difference, ...]

    @property
    def change_cents(self) -> int:
        """How much more was invoiced."""
        return self.now_cents - self.before_cents


def compare(before: Iterable[RunEntry], now: Iterable[RunEntry]) -> RunComparison:
    """Compare two months, account by account; one that failed, or waits, is left out (CON-3).

    Both come in the order of their accounts and are read once, side by side: a run of ten thousand
    takes no more memory than one of ten.
    """
    sums = Counter[str]()

    def changes() -> Iterator[Difference]:
        for each in _differences(before, now):
            sums["before"] += each.before_cents or 0
            sums["now"] += each.now_cents or 0
            sums["new"] += each.before_cents is None
            sums["gone"] += each.now_cents is None
            if each.change_cents:
                yield each

    largest = nsmallest(
        _MOST_SHOWN, changes(), key=lambda each: (-abs(each.change_cents), each.account_name)
    )
    return RunComparison(
        sums["before"], sums["now"], sums["new"], sums["gone"], largest=tuple(largest)
    )


def _differences(before: Iterable[RunEntry], now: Iterable[RunEntry]) -> Iterator[Difference]:
    tagged = merge(
        ((entry.account_id, 0, entry) for entry in before),
        ((entry.account_id, 1, entry) for entry in now),
        key=lambda each: each[:2],
    )
    for account_id, found in groupby(tagged, key=lambda each: each[0]):
        months: list[RunEntry | None] = [None, None]
        for _, place, entry in found:
            months[place] = entry
        was, became = months
        if became is not None and not became.is_over:
            continue
        before_cents, now_cents = _invoiced(was), _invoiced(became)
        named = became or was
        if named is None or (before_cents is None and now_cents is None):
            continue
        yield Difference(account_id, named.account_name or account_id, before_cents, now_cents)


def _invoiced(entry: RunEntry | None) -> int | None:
    return entry.incl_vat_cents if entry and entry.state is RunState.ISSUED else None
