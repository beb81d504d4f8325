"""A run beside that of the month before (BIL-4, CON-3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.invoices.run import RunEntry, RunState
from chalicelib.billing.issuing.run_comparison import compare
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId

OCTOBER = BillingMonth(2026, 10)


def an_entry(account: str, cents: int, state: RunState = RunState.ISSUED) -> RunEntry:
    return RunEntry(AccountId(account), OCTOBER, account.title(), state, incl_vat_cents=cents)


@pytest.mark.contract("BIL-4", "CON-3")
def test_who_is_new_who_left_and_what_changed_most() -> None:
    # Given a client that left, one that stayed the same, one that grew and one that is new
    before = [an_entry("left", 1000), an_entry("same", 2000), an_entry("up", 3000)]
    now = [
        an_entry("new", 700),
        an_entry("same", 2000),
        an_entry("up", 3500),
    ]
    # When the months are compared
    compared = compare(before, now)
    # Then each shows, the largest change first, what did not change left out
    assert (compared.before_cents, compared.now_cents, compared.change_cents) == (6000, 6200, 200)
    assert (compared.new, compared.gone) == (1, 1)
    assert [(each.account_name, each.change_cents) for each in compared.largest] == [
        ("Left", -1000),
        ("New", 700),
        ("Up", 500),
    ]


@pytest.mark.contract("BIL-4", "CON-3")
@pytest.mark.parametrize("state", [RunState.WAITING, RunState.DRAFTED, RunState.FAILED])
def test_a_client_whose_invoice_is_still_to_come_did_not_leave(state: RunState) -> None:
    compared = compare([an_entry("acc", 1000)], [an_entry("acc", 0, state)])
    assert (compared.before_cents, compared.now_cents, compared.gone) == (0, 0, 0)


months = st.dictionaries(
    st.sampled_from([f"acc_{n:02d}" for n in range(40)]),
    st.tuples(st.sampled_from(RunState), st.integers(0, 500)),
)


@given(months, months)
def test_a_comparison_adds_up(
    before: dict[str, tuple[RunState, int]], now: dict[str, tuple[RunState, int]]
) -> None:
    # Given any two months, as they are read: in the order of their accounts
    sides = [
        [an_entry(name, cents, state) for name, (state, cents) in sorted(month.items())]
        for month in (before, now)
    ]
    # When they are compared
    compared = compare(*sides)
    # Then the sums are those of the invoices of clients who are not still to be handled
    over = {RunState.ISSUED, RunState.NOTHING}
    waiting = {name for name, (state, _) in now.items() if state not in over}

    def invoiced(month: dict[str, tuple[RunState, int]]) -> dict[str, int]:
        return {
            name: cents
            for name, (state, cents) in month.items()
            if state is RunState.ISSUED and name not in waiting
        }

    was, became = invoiced(before), invoiced(now)
    assert compared.before_cents == sum(was.values())
    assert compared.now_cents == sum(became.values())
    assert compared.new == len(became.keys() - was.keys())
    assert compared.gone == len(was.keys() - became.keys())
    changes = [abs(each.change_cents) for each in compared.largest]
    assert changes == sorted(changes, reverse=True)
    assert all(changes)
    expected = [became.get(name, 0) - was.get(name, 0) for name in {*was, *became}]
    assert changes == sorted((abs(each) for each in expected if each), reverse=True)[:20]
