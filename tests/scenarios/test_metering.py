"""Usage days: recorded once, caught up, recomputed, whatever happens to the job."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FinalGatewayError
from chalicelib.metering.usage import UsageDay
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting

OWNER = "usr_acc_lumen"
NOVEMBER = BillingMonth(2026, 11)


@pytest.fixture
def renting() -> Renting:
    return Renting()


def days_of(renting: Renting, month: BillingMonth = NOVEMBER) -> list[int]:
    return [usage.day.day for usage in renting.metering.usage(ACCOUNT, month)]


def facts(usages: list[UsageDay]) -> list[tuple[date, object]]:
    return [(usage.day, usage.keys) for usage in usages]


@pytest.mark.contract("MET-1", "CAT-2")
def test_each_day_ended_is_recorded_at_its_configuration_and_price(renting: Renting) -> None:
    # given a Standard desktop (29.00 a month) with a backup, ordered on the 5th, Pro from the 7th
    desktop = renting.rent(options=(("backup", 1),))
    renting.clock.set("2026-11-07 11:00")
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro", by=OWNER)
    renting.pump()
    # when the job runs on the 9th
    renting.clock.set("2026-11-09 00:15")
    run = renting.metering.meter_due()
    # then the 5th to the 8th are recorded, the 9th is not over
    assert days_of(renting) == [5, 6, 7, 8]
    assert (run.metered_on, run.recorded_days) == (date(2026, 11, 8), 4)
    charged = [
        [(item.code, item.monthly_excl_vat_cents) for item in usage.items]
        for usage in renting.metering.usage(ACCOUNT, NOVEMBER)
    ]
    price = renting.catalogue.current().price_on
    pro, backup = price("pro", date(2026, 11, 7)), price("backup", date(2026, 11, 7))
    assert price("standard", date(2026, 11, 5)) == 2900
    assert charged == [
        [("standard", 2900), ("backup", backup)],
        [("standard", 2900), ("backup", backup)],
        [("pro", pro), ("backup", backup)],
        [("pro", pro), ("backup", backup)],
    ]


@pytest.mark.contract("MET-2")
def test_missed_days_are_caught_up_and_a_second_run_changes_nothing(renting: Renting) -> None:
    # given a first run, then three weeks without any
    renting.rent()
    renting.clock.set("2026-11-06 00:15")
    renting.metering.meter_due()
    renting.clock.set("2026-11-27 00:15")
    # when
    renting.metering.meter_due()
    recorded = renting.metering.usage(ACCOUNT, NOVEMBER)
    # then nothing is missing, and running again writes nothing
    assert days_of(renting) == list(range(5, 27))
    assert renting.metering.meter_due().recorded_days == 0
    assert renting.metering.usage(ACCOUNT, NOVEMBER) == recorded
    assert renting.metering.metered_until() == date(2026, 11, 26)


@pytest.mark.contract("MET-1", "ORD-3")
def test_a_desktop_confirmed_days_after_its_order_is_billed_from_the_order_by_the_former_reading(
    renting: Renting,
) -> None:
    # given an account already metered, whose second order of the 6th is validated on the 9th,
    # the reading that bills from the click being in force
    renting.rent("Accueil")
    renting.clock.set("2026-11-09 00:15")
    renting.metering.meter_due()
    renting.clock.set("2026-11-09 14:00")
    ordered_at = paris("2026-11-06 17:00")
    renting.rent("Atelier", placed_at=ordered_at, billable_at=ordered_at)
    # when
    renting.clock.set("2026-11-10 00:15")
    renting.metering.meter_due()
    # then the days already recorded have both (P2)
    recorded = renting.metering.usage(ACCOUNT, NOVEMBER)
    names = {usage.day.day: sorted(i.desktop_name for i in usage.items) for usage in recorded}
    assert names[5] == ["Accueil"]
    assert names[6] == names[8] == names[9] == ["Accueil", "Atelier"]
    assert renting.metering.recompute(ACCOUNT, NOVEMBER) == []


@pytest.mark.contract("MET-1")
def test_a_desktop_that_finally_fails_is_never_billed(renting: Renting) -> None:
    # given one desktop that runs, and one still being made when its first day is recorded
    renting.rent("Accueil")
    renting.clock.set("2026-11-05 23:30")
    renting.machines.looks_needed = 10_000
    renting.validate("Atelier", order_id="ord_2")
    for _ in range(3):
        renting.handle(renting.queues.take())
    renting.queues.waiting.clear()
    assert renting.named("Atelier").state is State.PROVISIONING
    renting.clock.set("2026-11-06 00:15")
    renting.metering.meter_due()
    (recorded,) = renting.metering.usage(ACCOUNT, NOVEMBER)
    assert len(recorded.items) == 2
    # when it is given up
    renting.clock.set("2026-11-06 01:31")
    renting.look(renting.named("Atelier"))
    renting.pump()
    # then what was recorded for it is taken back, and says so in the journal (P2)
    assert renting.named("Atelier").state is State.FAILED
    (kept,) = renting.metering.usage(ACCOUNT, NOVEMBER)
    assert [item.desktop_name for item in kept.items] == ["Accueil"]
    assert renting.metering.recompute(ACCOUNT, NOVEMBER) == []
    assert renting.kinds_in_journal(ACCOUNT)[-1] == "usage.forgotten"
    # and a message that comes twice changes nothing more
    renting.metering.forget_failed(ACCOUNT, renting.named("Atelier").id)
    assert renting.kinds_in_journal(ACCOUNT).count("usage.forgotten") == 1


@pytest.mark.contract("MET-1")
def test_an_account_of_failed_desktops_alone_has_no_usage_left(renting: Renting) -> None:
    # given
    renting.machines.refusals = [FinalGatewayError("no such image", code="x")]
    renting.rent()
    renting.clock.set("2026-11-08 00:15")
    # when
    renting.metering.meter_due()
    # then
    assert renting.metering.usage(ACCOUNT, NOVEMBER) == []
    assert renting.metering.today_so_far(ACCOUNT) == []


@pytest.mark.contract("MET-3")
def test_usage_is_known_at_any_moment_today_and_forecast_included(renting: Renting) -> None:
    # given a Standard desktop since the 5th, metered until the 9th
    renting.rent()
    renting.clock.set("2026-11-10 00:15")
    renting.metering.meter_due()
    # when it is the 11th, the job of that night not having run
    renting.clock.set("2026-11-11 09:00")
    so_far = renting.metering.usage_so_far(ACCOUNT, NOVEMBER)
    forecast = renting.metering.forecast(ACCOUNT, NOVEMBER)
    # then 7 days are used, of which 2 computed; the month will have 26
    assert [usage.day.day for usage in so_far] == [5, 6, 7, 8, 9, 10, 11]
    assert [usage.day.day for usage in renting.metering.today_so_far(ACCOUNT)] == [10, 11]
    assert [usage.recorded_at is None for usage in so_far] == [False] * 5 + [True] * 2
    assert len(forecast) == 26
    # 7 days of 29.00 / 30
    assert sum(usage.cost for usage in so_far).quantize(Decimal("0.01")) == Decimal("6.77")


@pytest.mark.contract("MET-2")
def test_recomputing_shows_a_record_that_was_tampered_with(renting: Renting) -> None:
    # given
    renting.rent()
    renting.clock.set("2026-11-10 00:15")
    renting.metering.meter_due()
    desktop = renting.named("Accueil")
    # when the history says something else than what was recorded
    changed = renting.desktop_storage.desktop(ACCOUNT, desktop.id)
    assert changed is not None
    renting.tables.commit(
        renting.desktop_storage.save_desktop(
            type(changed)(**{**changed.__dict__, "deleted_at": paris("2026-11-08 10:00")})
        )
    )
    # then
    differences = renting.metering.recompute(ACCOUNT, NOVEMBER)
    assert [difference.day.day for difference in differences] == [9]
    assert differences[0].recomputed is None


@pytest.mark.contract("MET-2")
def test_a_renamed_desktop_is_no_difference(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    renting.clock.set("2026-11-10 00:15")
    renting.metering.meter_due()
    # when
    renting.desktops.rename(ACCOUNT, desktop.id, "Salle bleue", by=OWNER)
    # then
    assert renting.metering.recompute(ACCOUNT, NOVEMBER) == []
    assert renting.metering.meter_due().recorded_days == 0


@pytest.mark.contract("MET-2")
def test_runs_at_the_same_moment_record_the_same(renting: Renting) -> None:
    # given
    for number in range(3):
        renting.rent(f"Bureau {number}")
    renting.clock.set("2026-12-01 00:15")
    # when eight runs interleave
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda _: renting.metering.meter_due(), range(8)))
    # then
    assert days_of(renting) == list(range(5, 31))
    assert renting.metering.recompute(ACCOUNT, NOVEMBER) == []


actions = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=60 * 60),  # minutes until then
        st.sampled_from(
            ["order", "pro", "essentiel", "standard", "backup", "delete", "meter", "late order"]
        ),
        st.integers(min_value=0, max_value=5),  # which desktop
    ),
    max_size=14,
)


def _act(renting: Renting, action: str, which: int) -> None:
    active = [each for each in renting.desktops.of_account(ACCOUNT) if each.is_active]
    count = len(renting.validated.orders)
    if action == "meter":
        renting.metering.meter_due()
    elif action == "order":
        renting.rent(f"Bureau {count}")
    elif action == "late order":
        placed = renting.clock.now() - timedelta(hours=7 + 24 * which)
        renting.rent(f"Bureau {count}", placed_at=placed)
    elif active:
        desktop = active[which % len(active)]
        if action == "delete":
            renting.desktops.request_delete(ACCOUNT, desktop.id, desktop.name, by=OWNER)
        elif action in {each.code for each in renting.desktops.changes_for(desktop)}:
            with suppress(DomainError):  # its disk may have grown too lately
                renting.desktops.request_reconfigure(ACCOUNT, desktop.id, action, by=OWNER)
        elif action == "backup":
            had = dict(desktop.option_codes).get("backup", 0)
            renting.desktops.change_options(ACCOUNT, desktop.id, (("backup", 1 - had),), by=OWNER)
    renting.pump()


@pytest.mark.contract("MET-1", "MET-2")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=actions)
def test_whatever_happened_the_records_are_what_the_histories_say(
    story: list[tuple[int, str, int]],
) -> None:
    # given any story from October on, across the change of clocks, metered now and then
    renting = Renting("2026-10-20 08:00")
    for minutes, action, which in story:
        renting.clock.advance(minutes=minutes)
        _act(renting, action, which)
    # when the job runs at last
    renting.clock.advance(days=1)
    renting.metering.meter_due()
    # then every month recorded equals its recomputation, and what one run alone would record
    months = [BillingMonth(2026, 10), NOVEMBER, BillingMonth(2026, 12)]
    recorded = [facts(renting.metering.usage(ACCOUNT, month)) for month in months]
    assert [renting.metering.recompute(ACCOUNT, month) for month in months] == [[], [], []]
    renting.tables.forget("metering")
    renting.metering.meter_due()
    assert [facts(renting.metering.usage(ACCOUNT, month)) for month in months] == recorded
