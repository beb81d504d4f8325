"""Contracts where the days and lines of an invoice begin and end (BIL-2, BIL-6)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.billing.contracts.contract import Commitment, Contract, ContractState
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from tests.fakes.billing import BillingWorld, a_desktop
from tests.fakes.contracts import a_contract

LUMEN = AccountId("acc_lumen")


def standard(quantity: int) -> Commitment:
    return Commitment("desktop", "standard", Label("Standard", "Standard"), quantity, 2900)


def storage(quantity: int) -> Commitment:
    return Commitment("option", "storage-10gb", Label("Stockage", "Storage"), quantity, 150)


def invoiced(month: str, desktops: list[Any], *contracts: Contract) -> Invoice:
    """Run a month of an account with these contracts; give its invoice."""
    last = BillingMonth.parse(month).next.first_day
    world = BillingWorld(now=f"{last} 05:00")
    world.contracts.contracts = contracts
    world.metering.desktops = desktops
    world.invoice_month(month)
    return world.the_invoice()


def days_and_charges(invoice: Invoice) -> tuple[list[tuple[str, int, int]], list[tuple[str, int]]]:
    """What it bills by the day (code, quantity, days), and its other lines (kind, cents)."""
    lines = [(line.code, line.quantity, line.days) for line in invoice.lines]
    return sorted(lines), [(each.kind, each.amount_excl_vat_cents) for each in invoice.charges]


@pytest.mark.contract("BIL-2", "BIL-6")
@pytest.mark.parametrize(
    ("used", "expected"),
    [
        pytest.param(1, [], id="within the commitment"),
        pytest.param(2, [("standard", 1, 10)], id="one beyond it"),
    ],
)
def test_no_first_month_complement_is_owed_under_a_contract(
    used: int, expected: list[tuple[str, int, int]]
) -> None:
    # Given a year's contract from 1 October, whose first desktops lived from the 10th to the 19th
    contract = a_contract(starts_on=date(2026, 10, 1), commitments=(standard(1),))
    desktops = [
        a_desktop(name=f"Bureau {n}", created="2026-10-10 10:00", deleted="2026-10-19 18:00")
        for n in range(used)
    ]
    # When October is invoiced, then it owes its commitment, and the days beyond it alone
    invoice = invoiced("2026-10", desktops, contract)
    assert days_and_charges(invoice) == (expected, [("commitment", 2610)])
    # While without a contract, the same days owe the month in full
    _, charges = days_and_charges(invoiced("2026-10", desktops))
    assert [kind for kind, _ in charges] == ["complement"] * used


@pytest.mark.contract("BIL-6")
@pytest.mark.parametrize(
    ("contract", "last_month"),
    [
        pytest.param(a_contract(starts_on=date(2026, 1, 1)), "2026-12", id="at its term"),
        pytest.param(
            a_contract(
                starts_on=date(2026, 1, 1),
                state=ContractState.TERMINATED,
                ended_on=date(2026, 9, 30),
            ),
            "2026-09",
            id="ended before",
        ),
    ],
)
def test_the_first_and_last_days_of_a_contract_are_covered(
    contract: Contract, last_month: str
) -> None:
    # Given a contract of two Standard desktops used every day, from its first day past its last
    desktops = [a_desktop(name=name, created="2025-12-31 10:00") for name in ("Un", "Deux")]
    month = BillingMonth.parse(last_month)
    assert contract.covers(month.last_day)
    assert not contract.covers(month.next.first_day)
    assert contract.covers(date(2026, 1, 1))
    assert not contract.covers(date(2025, 12, 31))
    # When its first and last months are invoiced, then nothing is owed by the day
    for each in ("2026-01", last_month):
        lines, charges = days_and_charges(invoiced(each, desktops, contract))
        assert (lines, charges) == ([], [("commitment", 5220)]), each
    # And the month after is by the day again, in full
    lines, charges = days_and_charges(invoiced(str(month.next), desktops, contract))
    assert lines == [("standard", 1, month.next.day_count)] * 2
    assert charges == []


@pytest.mark.contract("BIL-6")
def test_a_desktop_used_on_the_last_day_alone_is_covered() -> None:
    contract = a_contract(starts_on=date(2026, 1, 1), commitments=(standard(1),))
    desktop = a_desktop(created="2026-12-31 08:00", deleted="2026-12-31 20:00")
    lines, charges = days_and_charges(invoiced("2026-12", [desktop], contract))
    assert (lines, charges) == ([], [("commitment", 2610)])


@pytest.mark.contract("BIL-6", "CAT-2")
def test_options_beyond_a_commitment_are_owed_by_the_day() -> None:
    # Given a contract of one Standard and four steps of storage, from 1 November
    contract = a_contract(commitments=(standard(1), storage(4)))
    # And a desktop with six steps and a backup, nothing of which was committed to
    desktop = a_desktop(created="2026-10-20 10:00", options=(("storage-10gb", 6), ("backup", 1)))
    # When November is invoiced, then two steps and the backup are owed beside the commitments
    lines, charges = days_and_charges(invoiced("2026-11", [desktop], contract))
    assert lines == [("backup", 1, 30), ("storage-10gb", 2, 30)]
    assert charges == [("commitment", 2610), ("commitment", 4 * 135)]


@pytest.mark.contract("BIL-6", "CAT-2")
def test_options_of_a_desktop_that_is_covered_are_owed_though_it_is_not() -> None:
    contract = a_contract(commitments=(standard(1),))
    desktop = a_desktop(created="2026-10-20 10:00", options=(("storage-10gb", 2),))
    lines, _ = days_and_charges(invoiced("2026-11", [desktop], contract))
    assert lines == [("storage-10gb", 2, 30)]
    # And the preview says the same
    world = BillingWorld(now="2026-11-30 23:00")
    world.contracts.contracts = (replace(contract),)
    world.metering.desktops = [desktop]
    shown = world.billing.current(LUMEN)
    assert [(line.code, line.quantity, line.days) for line in shown.lines] == lines
