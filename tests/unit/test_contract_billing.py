"""Contracts: what they cover, what they bill, when they end (BIL-6, P17)."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.contracts.billing import (
    commitment_lines,
    coverage,
    covered,
    late_rate_of,
    terms_days_of,
)
from chalicelib.billing.contracts.contract import ContractBilling, ContractState, Phase
from chalicelib.billing.contracts.reminders import reminder_due, reminder_window
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.metering.usage import UsageDay, UsageItem
from tests.fakes.clock import paris
from tests.fakes.contracts import a_contract

NOVEMBER = BillingMonth(2026, 11)
VAT = VatTreatment(Decimal(20))


def a_day(number: int, *desktops: str, code: str = "standard") -> UsageDay:
    items = tuple(UsageItem(f"dsk_{name}", name, "desktop", code, 1, 2900) for name in desktops)
    return UsageDay("acc_lumen", date(2026, 11, number), items)


def used(usage: list[UsageDay]) -> list[tuple[int, list[str]]]:
    return [(day.day.day, [item.desktop_name for item in day.items]) for day in usage]


@pytest.mark.contract("BIL-6")
def test_beyond_the_quantity_each_day_is_owed() -> None:
    # Given 2 Standard committed to, and three used on the 10th and 11th, "b" the last to come
    usage = [a_day(9, "a", "c"), a_day(10, "a", "b", "c"), a_day(11, "a", "b", "c")]
    # When what the contract covers is taken off
    left = covered(usage, [a_contract()])
    # Then the two that were there before stay covered; the third one's days are owed
    assert used(left) == [(10, ["b"]), (11, ["b"])]
    assert used(coverage(usage, [a_contract()])) == [
        (9, ["a", "c"]),
        (10, ["a", "c"]),
        (11, ["a", "c"]),
    ]


@pytest.mark.contract("BIL-6")
def test_a_contract_covers_its_configuration_and_its_days_alone() -> None:
    # Given one that begins in December, one that was only proposed, one of another configuration
    usage = [a_day(9, "a")]
    december = a_contract(starts_on=date(2026, 12, 1))
    proposed = a_contract(state=ContractState.PROPOSED)
    # Then none covers anything
    assert covered(usage, [december, proposed]) == usage
    assert covered([a_day(9, "a", code="pro")], [a_contract()]) == [a_day(9, "a", code="pro")]
    # And two contracts add up
    three = [a_day(9, "a", "b", "c")]
    assert covered(three, [a_contract(), a_contract(id="ctr_2")]) == []


def test_of_an_option_in_quantity_only_the_part_beyond_is_owed() -> None:
    # Given 4 × 10 GB committed to, 6 used
    part = a_contract().commitments[0]
    contract = a_contract(
        commitments=(part.__class__("option", "storage-10gb", part.label, 4, 150),)
    )
    item = UsageItem("dsk_a", "a", "option", "storage-10gb", 6, 150)
    # When covered
    (left,) = covered([UsageDay("acc_lumen", date(2026, 11, 3), (item,))], [contract])
    # Then 2 are left
    assert [each.quantity for each in left.items] == [2]


@given(
    days=st.lists(st.sets(st.sampled_from("abcdef")), max_size=20),
    quantity=st.integers(1, 4),
)
def test_nothing_is_lost_nor_covered_twice(days: list[set[str]], quantity: int) -> None:
    # Given any use of Standard desktops, and any quantity committed to
    usage = [a_day(n, *sorted(names)) for n, names in enumerate(days, 1) if names]
    part = a_contract().commitments[0]
    contract = a_contract(
        commitments=(part.__class__("desktop", "standard", part.label, quantity, 2900),)
    )
    # When covered
    left, taken = covered(usage, [contract]), coverage(usage, [contract])
    # Then each day, what is covered and what is left make what was used, up to the quantity
    for day in usage:
        beyond = Counter(item for each in left if each.day == day.day for item in each.items)
        within = Counter(item for each in taken if each.day == day.day for item in each.items)
        assert beyond + within == Counter(day.items)
        assert sum(within.values()) == min(quantity, len(day.items))


@pytest.mark.contract("BIL-6")
def test_the_commitment_is_billed_each_month_used_or_not() -> None:
    # Given 2 Standard at 29,00 € less 10 %
    (line,) = commitment_lines([a_contract()], NOVEMBER, VAT)
    # Then 2 × 26,10 = 52,20, the price before the discount shown
    assert (line.quantity, line.unit_excl_vat_cents, line.amount_excl_vat_cents) == (2, 2610, 5220)
    assert line.list_unit_excl_vat_cents == 2900
    assert line.label.fr == "Standard – engagement de 12\u00a0mois"
    assert "remise de 10\u00a0% déduite" in line.detail.fr
    # And neither before the first month nor after the twelfth
    assert commitment_lines([a_contract()], NOVEMBER.previous, VAT) == ()
    assert len(commitment_lines([a_contract()], BillingMonth(2027, 10), VAT)) == 1
    assert commitment_lines([a_contract()], BillingMonth(2027, 11), VAT) == ()


@pytest.mark.contract("BIL-6")
def test_paid_ahead_the_term_is_billed_once_on_its_first_day() -> None:
    # Given the same contract, paid ahead
    contract = a_contract(billing=ContractBilling.UPFRONT)
    # When October is invoiced, on 1 November
    (line,) = commitment_lines([contract], NOVEMBER.previous, VAT)
    # Then 2 × 12 × 26,10 = 626,40, and nothing in any later month
    assert line.amount_excl_vat_cents == 62640
    month = NOVEMBER
    for _ in range(14):
        assert commitment_lines([contract], month, VAT) == ()
        month = month.next


def test_the_discounted_price_is_rounded_once() -> None:
    # Given 29,00 less 12,5 % = 25,375
    contract = a_contract(discount_percent=Decimal("12.5"))
    assert contract.unit_cents(contract.commitments[0]) == 2538
    assert contract.monthly_cents == 5076
    assert contract.term_cents == 60912


def test_terms_may_cross_years_and_months() -> None:
    # Given starts and lengths, their last days
    cases = [((2026, 11), 12, (2027, 10, 31)), ((2027, 1), 12, (2027, 12, 31))]
    cases += [((2027, 3), 24, (2029, 2, 28)), ((2026, 12), 15, (2028, 2, 29))]
    for (year, month), months, last in cases:
        contract = a_contract(starts_on=date(year, month, 1), months=months)
        assert contract.term_ends_on == date(*last)


@pytest.mark.contract("BIL-6")
def test_the_end_is_announced_three_to_one_months_before_once() -> None:
    # Given a contract until 31 October 2027
    contract = a_contract()
    assert reminder_window(contract) == (date(2027, 7, 31), date(2027, 9, 30))
    # Then it is announced from 31 July on, and once
    assert not reminder_due(contract, date(2027, 7, 30))
    assert reminder_due(contract, date(2027, 7, 31))
    assert not reminder_due(a_contract(reminded_at=paris("2027-07-31 08:00")), date(2027, 8, 1))
    # And late, should the job have been missed; never after the end, nor when ended by agreement
    assert reminder_due(contract, date(2027, 10, 15))
    assert not reminder_due(contract, date(2027, 11, 1))
    ended = contract.terminated(date(2027, 9, 30), date(2027, 8, 1), "accord")
    assert not reminder_due(ended, date(2027, 8, 2))


def test_phases_follow_from_the_dates() -> None:
    # Given
    contract = a_contract()
    proposed = a_contract(state=ContractState.PROPOSED)
    # Then
    assert contract.phase(date(2026, 10, 31)) is Phase.TO_COME
    assert contract.phase(date(2026, 11, 1)) is Phase.IN_FORCE
    assert contract.phase(date(2027, 10, 31)) is Phase.IN_FORCE
    assert contract.phase(date(2027, 11, 1)) is Phase.ENDED
    assert proposed.phase(date(2026, 10, 31)) is Phase.PROPOSED
    assert proposed.phase(date(2026, 11, 1)) is Phase.LAPSED


@pytest.mark.parametrize(
    "last_on",
    [date(2027, 1, 30), date(2026, 12, 31), date(2027, 10, 31), date(2027, 11, 30)],
)
def test_an_end_that_makes_no_sense_is_refused(last_on: date) -> None:
    # Given a day of January 2027: not a month's end, a month over, the term itself, behind it
    with pytest.raises(DomainError):
        a_contract().terminated(last_on, date(2027, 1, 15), "accord")


def test_a_contract_to_come_may_be_given_up() -> None:
    # Given a contract that begins in November, on 25 October
    contract = a_contract()
    # When it is ended with the month before its start
    ended = contract.terminated(date(2026, 10, 31), date(2026, 10, 25), "accord")
    # Then it covers and bills nothing
    assert ended.phase(date(2026, 11, 2)) is Phase.ENDED
    usage = [a_day(2, "a")]
    assert covered(usage, [ended]) == usage
    upfront = a_contract(billing=ContractBilling.UPFRONT).terminated(
        date(2026, 10, 31), date(2026, 10, 25), "accord"
    )
    for each in (ended, upfront):
        assert commitment_lines([each], NOVEMBER.previous, VAT) == ()
        assert commitment_lines([each], NOVEMBER, VAT) == ()


@pytest.mark.contract("PAY-6")
def test_days_to_pay_agreed_apply_to_the_months_of_the_contract() -> None:
    # Given 45 days agreed from November 2026 to October 2027
    contract = a_contract(terms_days=45)
    # Then
    assert terms_days_of([contract], NOVEMBER.previous) is None
    assert terms_days_of([contract], NOVEMBER) == 45
    assert terms_days_of([contract], BillingMonth(2027, 10)) == 45
    assert terms_days_of([contract], BillingMonth(2027, 11)) is None
    upfront = a_contract(terms_days=45, billing=ContractBilling.UPFRONT)
    assert terms_days_of([upfront], NOVEMBER.previous) == 45


@pytest.mark.contract("PAY-6", "BIL-6")
def test_the_late_rate_agreed_is_that_of_the_months_of_the_contract() -> None:
    # Given 9,5 % a year agreed from November 2026 on, and 11 % by another contract
    contract = a_contract(late_rate_percent=Decimal("9.5"))
    other = a_contract(late_rate_percent=Decimal(11))
    # Then
    assert late_rate_of([contract], NOVEMBER.previous) is None
    assert late_rate_of([contract], NOVEMBER) == Decimal("9.5")
    assert late_rate_of([other, contract], NOVEMBER) == Decimal("9.5")
    assert late_rate_of([a_contract()], NOVEMBER) is None
    assert contract.digest != a_contract().digest


def test_the_digest_names_the_terms() -> None:
    # Given two contracts that differ by a thing agreed on, then by one that is not
    other_price = a_contract(discount_percent=Decimal(11))
    later = a_contract(proposed_at=paris("2026-10-20 10:00") + timedelta(days=1))
    # Then
    assert other_price.digest != a_contract().digest
    assert later.digest == a_contract().digest
