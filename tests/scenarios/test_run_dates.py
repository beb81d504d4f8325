"""From which day a month may be invoiced (BIL-1, BIL-4)."""

import pytest

from chalicelib.billing.invoices.run import months_to_run, require_over
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from tests.fakes.billing import BillingWorld, a_desktop

OPERATOR = "operator:usr_1"
OCTOBER, NOVEMBER = BillingMonth(2026, 10), BillingMonth(2026, 11)


@pytest.mark.contract("BIL-1", "BIL-4")
def test_a_month_is_not_run_on_its_last_day() -> None:
    # Given the last day of October, at its last second
    world = BillingWorld(now="2026-10-31 23:59:59")
    world.metering.desktops = [a_desktop(created="2026-10-10 10:00")]
    # When the run is asked for, by hand or by the schedule, then nothing is begun
    with pytest.raises(DomainError, match="n’est pas terminé"):
        world.run.start_run(OCTOBER, by=OPERATOR)
    with pytest.raises(DomainError):
        require_over(OCTOBER, OCTOBER.last_day)
    assert months_to_run(OCTOBER, OCTOBER.last_day, []) == []
    world.metering.meter_due()
    world.run.run_due()
    world.pump()
    assert OCTOBER not in {run.month for run in world.storage.runs()}
    assert world.numbers() == []
    # And one second later it is
    world.clock.set("2026-11-01 00:00:00")
    assert months_to_run(OCTOBER, NOVEMBER.first_day, []) == [OCTOBER]
    world.invoice_month("2026-10")
    assert len(world.numbers()) == 1
