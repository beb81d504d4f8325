"""How much of a commitment is used on a day, and what is owed besides."""

from datetime import date

import pytest

from chalicelib.billing.contracts.use import CommitmentUse, commitment_use
from chalicelib.catalogue.catalogue import Label
from chalicelib.metering.usage import UsageDay, UsageItem
from tests.fakes.contracts import a_contract

STANDARD = Label("Standard", "Standard")


def used_on(day: date, desktops: int) -> UsageDay:
    names = [f"dsk_{number}" for number in range(desktops)]
    items = tuple(UsageItem(name, name, "desktop", "standard", 1, 2900) for name in names)
    return UsageDay("acc_lumen", day, items)


@pytest.mark.contract("BIL-6")
def test_use_is_told_of_the_day_and_overage_of_the_month_so_far() -> None:
    # Given two committed, three used on the 3rd, four on the 4th, one on the 5th
    usage = [used_on(date(2026, 11, day), count) for day, count in ((3, 3), (4, 4), (5, 1))]
    # When the 4th is looked at, then four of two are used, and 1 + 2 days are owed besides
    (use,) = commitment_use([a_contract()], usage, date(2026, 11, 4))
    assert use == CommitmentUse("standard", STANDARD, 2, 4, 3)
    assert use.most == 4
    # and on the 5th one of two
    (use,) = commitment_use([a_contract()], usage, date(2026, 11, 5))
    assert (use.used, use.most, use.overage_days) == (1, 2, 3)


@pytest.mark.contract("BIL-6")
def test_nothing_used_is_told_as_nothing() -> None:
    (use,) = commitment_use([a_contract()], [], date(2026, 11, 4))
    assert (use.committed, use.used, use.overage_days) == (2, 0, 0)
    # and a contract not in force yet tells nothing
    assert commitment_use([a_contract()], [], date(2026, 10, 31)) == []
    # the scale it is drawn to is never nothing
    assert CommitmentUse("standard", STANDARD, 0, 0, 0).most == 1
