"""Which month a service credit belongs to, and what it may be used against (BIL-8, P14)."""

import pytest

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from tests.fakes.billing import BillingWorld, a_desktop
from tests.fakes.clock import paris

LUMEN = AccountId("acc_lumen")
OPERATOR = "operator:usr_1"
OCTOBER = BillingMonth(2026, 10)


def granted(world: BillingWorld, cents: int = 10_000) -> None:
    """Grant a credit now."""
    world.credits.grant(LUMEN, "dsk_1", "Compta", cents, reason="Panne.", by=OPERATOR, key="credit")


@pytest.mark.contract("BIL-8")
def test_a_credit_is_used_against_days_of_its_own_month_alone() -> None:
    # Given October invoiced, then a desktop of October known late, and a credit granted in October
    world = BillingWorld(now="2026-10-20 10:00")
    world.metering.desktops = [a_desktop(created="2026-09-01 10:00")]
    granted(world)
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-09")
    world.invoice_month("2026-10")
    late = a_desktop(name="Tardif", created="2026-10-22 10:00", deleted="2026-10-31 18:00")
    world.metering.desktops.append(late)
    for day in (each for each in OCTOBER.days if each.day >= 22):
        world.metering._record(LUMEN, day)
    # When November is invoiced, the ten late days of October with it
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    november = world.billing.invoices_of(LUMEN)[0]
    billed = {(str(line.month), line.days) for line in november.lines}
    assert billed == {("2026-11", 30), ("2026-10", 10)}
    # Then the credit takes November's 29,00 and not a cent of October's days
    (allowance,) = november.allowances
    assert allowance.amount_excl_vat_cents == 2900
    (late_line,) = (line for line in november.lines if line.month == OCTOBER)
    assert november.totals.excl_vat_cents == late_line.amount_excl_vat_cents == 935


@pytest.mark.contract("BIL-8")
@pytest.mark.parametrize(
    ("granted_at", "usable"),
    [
        pytest.param("2026-10-31 23:59:59", "2026-11", id="the last second of October"),
        pytest.param("2026-11-01 00:00:00", "2026-12", id="midnight, 23:00 on the 31st in UTC"),
        pytest.param("2026-11-01 00:30:00", "2026-12", id="half past, still October in UTC"),
        pytest.param("2026-07-01 01:59:00", "2026-08", id="in summer, two hours ahead"),
    ],
)
def test_a_credit_belongs_to_the_paris_month_of_its_grant(granted_at: str, usable: str) -> None:
    # Given a credit granted around midnight
    world = BillingWorld(now=granted_at)
    world.metering.desktops = [a_desktop()]
    granted(world)
    # Then it is usable the month after that of the day in Paris, in the journal too
    (credit,) = world.credits.of_account(LUMEN)
    assert credit.granted_at == paris(granted_at)
    assert str(credit.usable_month) == usable
    (entry,) = world.journal.entries(LUMEN)
    assert entry.facts["usable_month"] == usable
    # And the invoices use it so
    month = BillingMonth.parse(usable)
    world.clock.set(f"{month.next.first_day} 05:00")
    for each in (month.previous, month):
        world.invoice_month(str(each))
    found = {
        str(one.month): [each.amount_excl_vat_cents for each in one.allowances]
        for one in world.billing.invoices_of(LUMEN)
    }
    assert found == {str(month.previous): [], usable: [2900]}
