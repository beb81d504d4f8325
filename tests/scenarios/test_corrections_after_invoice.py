"""An operator corrects usage that was invoiced: credit note, or next invoice (MET-4, BIL-5)."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.metering.correction_service import CorrectionRequest
from tests.fakes.accounts import an_account
from tests.fakes.billing import a_desktop
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

OCTOBER = BillingMonth(2026, 10)
BY = "operator:usr_1"


def invoiced(world: World) -> tuple[AccountId, str]:
    """October invoiced for a Standard desktop (29,00) that was there from the 5th."""
    world.clock.set("2026-08-01 10:00")
    world.services.catalogue.load_file(DEMO)
    account, _ = an_account(world)
    desktop = replace(
        a_desktop(account.id, created="2026-10-05 12:00"), configuration_code="standard"
    )
    storage = DesktopStorage(world.adapters.tables)
    world.services.base.work.commit(storage.save_desktop(desktop))
    world.clock.set("2026-11-01 06:00")
    world.services.billing.run.run_due()
    world.pump()
    return account.id, desktop.id


def request(desktop_id: str, quantity: int, first: int, last: int) -> CorrectionRequest:
    days = date(2026, 10, first), date(2026, 10, last)
    return CorrectionRequest(desktop_id, "desktop", "standard", quantity, *days, "Panne constatée.")


@pytest.mark.contract("MET-4", "BIL-5")
def test_days_taken_back_are_credited_at_once_and_once(world: World) -> None:
    # Given 27 days invoiced
    account_id, desktop_id = invoiced(world)
    asked = request(desktop_id, 0, 20, 22)
    # When three are taken back, twice
    outcome = world.services.billing.usage_corrections.correct(account_id, asked, by=BY)
    again = world.services.billing.usage_corrections.correct(account_id, asked, by=BY)
    # Then one credit note: 29,00 × 27 / 31 = 25,26 less 29,00 × 24 / 31 = 22,45
    (note,) = outcome.credit_notes
    assert (note.totals.excl_vat_cents, note.reason) == (281, "Panne constatée.")
    assert (outcome.is_invoiced, outcome.goes_with_next_invoice) == (True, False)
    assert again.credit_notes == ()
    # and usage computed again is still what is recorded
    assert world.services.metering.service.recompute(account_id, OCTOBER) == []


@pytest.mark.contract("MET-4", "BIL-7")
def test_days_added_go_with_the_next_invoice(world: World) -> None:
    # Given three days taken back and credited
    account_id, desktop_id = invoiced(world)
    correct = world.services.billing.usage_corrections.correct
    correct(account_id, request(desktop_id, 0, 20, 22), by=BY)
    # When two of them are given again
    outcome = correct(account_id, request(desktop_id, 1, 20, 21), by=BY)
    # Then no credit note, and November's invoice will have them
    assert (outcome.credit_notes, outcome.goes_with_next_invoice) == ((), True)
    draft = world.services.billing.service.current(account_id)
    assert [line.days for line in draft.lines if line.month == OCTOBER] == [2]


@pytest.mark.contract("MET-4")
def test_days_are_not_added_to_a_month_that_no_invoice_looks_back_to(world: World) -> None:
    # Given three days of October taken back, five months later
    account_id, desktop_id = invoiced(world)
    correct = world.services.billing.usage_corrections.correct
    correct(account_id, request(desktop_id, 0, 20, 22), by=BY)
    world.clock.set("2027-03-10 10:00")
    # When they are given again, then refused; when another is taken back, then credited still
    with pytest.raises(FieldErrors) as refused:
        correct(account_id, request(desktop_id, 1, 20, 21), by=BY)
    assert "trop ancien" in refused.value.errors["first"]
    assert len(correct(account_id, request(desktop_id, 0, 31, 31), by=BY).credit_notes) == 1
