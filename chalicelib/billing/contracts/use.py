"""How much of what is committed to is used (CGV art. 8.1(b); BIL-6, MET-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.billing.contracts.billing import committed_on, covered
from chalicelib.billing.contracts.contract import Contract
from chalicelib.catalogue.catalogue import Label
from chalicelib.metering.usage import UsageDay


@dataclass(frozen=True)
class CommitmentUse:
    """Of one configuration or option: committed and used on a day, days owed besides so far."""

    code: str
    label: Label
    committed: int
    used: int
    overage_days: int

    @property
    def most(self) -> int:
        """The greater of the two, to draw them to the same scale."""
        return max(self.committed, self.used, 1)


def commitment_use(
    contracts: Sequence[Contract], usage: Iterable[UsageDay], day: date
) -> list[CommitmentUse]:
    """Tell how much of the commitments is used on a Paris day, over all contracts in force.

    ``usage`` are the days of the day's month.
    """
    days = list(usage)
    committed = committed_on(contracts, day)
    used: dict[str, int] = {}
    for item in (item for each in days if each.day == day for item in each.items):
        used[item.code] = used.get(item.code, 0) + item.quantity
    beyond: dict[str, int] = {}
    for item in (item for each in covered(days, contracts) for item in each.items):
        beyond[item.code] = beyond.get(item.code, 0) + item.quantity
    labels = {
        part.code: part.label
        for contract in contracts
        if contract.covers(day)
        for part in contract.commitments
    }
    return [
        CommitmentUse(code, labels[code], committed[code], used.get(code, 0), beyond.get(code, 0))
        for code in labels
    ]
