"""Which days and prices usage records, where a rule is easily got wrong (MET-1, MET-2, CAT-2)."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from chalicelib.desktops.model.desktop import Desktop, OptionsFrom
from chalicelib.desktops.model.usage_history import charged_options
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import ConflictError
from chalicelib.metering.correction import UsageCorrection
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import UsageDay, UsageItem, usage_on
from tests.fakes.billing import a_catalogue, a_desktop
from tests.fakes.clock import paris
from tests.fakes.crash_points import KillSwitch, Mortal
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.ordering import demo_document

NOVEMBER = BillingMonth(2026, 11)
OWNER = "usr_acc_lumen"


def charged(renting: Renting, code: str) -> list[tuple[int, int, int]]:
    """Meter what is due; give (day, quantity, monthly cents) of a code in November."""
    renting.metering.meter_due()
    return [
        (usage.day.day, item.quantity, item.monthly_excl_vat_cents)
        for usage in renting.metering.usage(ACCOUNT, NOVEMBER)
        for item in usage.items
        if item.code == code
    ]


def with_options(*periods: tuple[str, str, int]) -> Desktop:
    """A desktop of 1 November whose options changed: (from, code, count)."""
    history = [OptionsFrom((), paris("2026-11-01 09:00"))]
    history += [
        OptionsFrom(((code, quantity),) if quantity else (), paris(at))
        for at, code, quantity in periods
    ]
    desktop = a_desktop(created="2026-11-01 09:00")
    return replace(desktop, option_codes=history[-1].option_codes, options_history=tuple(history))


@pytest.mark.contract("CAT-2", "MET-1")
def test_an_option_taken_and_removed_on_one_day_is_charged_that_day() -> None:
    # Given a desktop whose client takes the backup on the 7th and drops it an hour later
    renting = Renting()
    desktop = renting.rent()
    renting.clock.set("2026-11-07 10:00")
    renting.desktops.change_options(ACCOUNT, desktop.id, (("backup", 1),), by=OWNER)
    renting.pump()
    renting.clock.set("2026-11-07 11:00")
    renting.desktops.change_options(ACCOUNT, desktop.id, (), by=OWNER)
    renting.pump()
    # When the days are metered, then the 7th counts it, at its price, and no other day does
    renting.clock.set("2026-11-10 01:30")
    price = renting.catalogue.current().price_on("backup", date(2026, 11, 7))
    assert charged(renting, "backup") == [(7, 1, price)]


@pytest.mark.contract("CAT-2", "MET-1")
def test_of_an_option_in_quantity_the_most_there_was_that_day_is_charged() -> None:
    desktop = with_options(
        ("2026-11-07 10:00", "extra-pod", 3), ("2026-11-07 18:00", "extra-pod", 1)
    )
    assert [dict(charged_options(desktop, date(2026, 11, day))) for day in (6, 7, 8)] == [
        {},
        {"extra-pod": 3},
        {"extra-pod": 1},
    ]


@pytest.mark.contract("CAT-2", "MET-1")
@pytest.mark.parametrize(
    ("ended", "last_day"),
    [("2026-11-08 23:59:59", 8), ("2026-11-09 00:00:00", 8), ("2026-11-09 00:00:01", 9)],
)
def test_an_option_ended_at_midnight_sharp_has_not_begun_that_day(
    ended: str, last_day: int
) -> None:
    desktop = with_options(("2026-11-07 10:00", "backup", 1), (ended, "backup", 0))
    days = [day for day in range(5, 12) if charged_options(desktop, date(2026, 11, day))]
    assert days == list(range(7, last_day + 1))


@pytest.mark.contract("CAT-3", "MET-1")
def test_each_day_is_recorded_at_the_price_of_that_day() -> None:
    # Given a desktop at 29,00, and 31,00 announced from the 15th
    renting = Renting()
    renting.rent()
    document = demo_document()
    document["prices"].append(
        {"code": "standard", "from_on": "2026-11-15", "monthly_excl_vat": "31.00"}
    )
    renting.catalogue.publish(document, "operator:usr_op")
    # When the month is metered in one go
    renting.clock.set("2026-12-01 01:30")
    days = charged(renting, "standard")
    # Then each day has its own price, whatever that of the 1st was
    assert [(day, cents) for day, _, cents in days] == [
        *((day, 29_00) for day in range(5, 15)),
        *((day, 31_00) for day in range(15, 31)),
    ]


@pytest.mark.contract("CAT-3", "MET-4")
def test_a_day_an_operator_adds_is_at_the_price_of_that_day() -> None:
    # Given 29,00 from January and 31,00 from 15 November, and a backup added by hand on two days
    offer = a_catalogue()
    (standard,) = offer.prices_of("standard")
    (backup,) = offer.prices_of("backup")
    dearer = replace(backup, from_on=date(2026, 11, 15), monthly_excl_vat_cents=999)
    catalogue = replace(offer, prices=(standard, backup, dearer))
    desktop = a_desktop(created="2026-11-01 09:00")
    prices = []
    for day in (date(2026, 11, 14), date(2026, 11, 15)):
        added = UsageCorrection(
            ACCOUNT,
            day,
            desktop.id,
            desktop.name,
            "option",
            "backup",
            1,
            "Oubliée",
            "operator:usr_op",
            paris("2026-11-20 10:00"),
        )
        usage = usage_on(ACCOUNT, [desktop], day, catalogue, [added])
        assert usage is not None
        prices += [each.monthly_excl_vat_cents for each in usage.items if each.code == "backup"]
    assert prices == [420, 999]


@pytest.mark.contract("MET-2")
def test_a_day_is_never_written_over_what_somebody_wrote_since() -> None:
    # Given two workers that read one recorded day
    renting = Renting()
    storage, work = UsageStorage(renting.tables), renting.desktop_work
    item = UsageItem("dsk_1", "Accueil", "desktop", "standard", 1, 2900)
    first = UsageDay(ACCOUNT, date(2026, 11, 6), (item,), renting.clock.now())
    work.commit(*storage.save_day(first))
    (read,) = storage.days(ACCOUNT, first.day, first.day)
    # When both write it, then the second is refused, and the first stands
    work.commit(*storage.save_day(replace(read, items=(replace(item, code="pro"),))))
    with pytest.raises(ConflictError):
        work.commit(*storage.save_day(replace(read, items=(replace(item, code="graphique"),))))
    with pytest.raises(ConflictError):
        work.commit(*storage.save_day(first))
    (kept,) = storage.days(ACCOUNT, first.day, first.day)
    assert [each.code for each in kept.items] == ["pro"]


@pytest.mark.contract("MET-2", "DSK-4")
def test_a_change_made_while_a_day_is_metered_is_not_lost() -> None:
    # Given a desktop of the 5th, metering being about to write the days up to the 8th
    for place in count():
        renting = Renting()
        desktop = renting.rent()
        renting.clock.set("2026-11-09 01:30")
        switch = KillSwitch()
        tables = Mortal(renting.tables, switch, frozenset({"commit"}))
        renting.build(tables, renting.machines, renting.secrets)  # type: ignore[arg-type]

        def another_run(renting: Renting = renting) -> None:
            renting.metering.meter_due()

        # When another run does the same, from beginning to end, at any point of the first
        switch.interrupt(place, another_run)
        renting.metering.meter_due()
        # Then the four days are there, once each, written once
        assert charged(renting, "standard") == [(day, 1, 29_00) for day in (5, 6, 7, 8)]
        recorded = renting.metering.usage(ACCOUNT, NOVEMBER)
        assert {usage.version for usage in recorded} == {1}, place
        assert renting.metering.recompute(ACCOUNT, NOVEMBER) == []
        assert renting.now_of(desktop).is_active
        if place >= len(switch.passed):
            break
    assert place > 1


@pytest.mark.contract("MET-1", "ORD-3")
@pytest.mark.parametrize("night", ["2026-11-06", "2026-11-08"])
def test_days_before_a_desktop_was_recorded_are_not_lost(night: str) -> None:
    # Given an order placed and validated on the 5th, whose message waits for days
    renting = Renting("2026-11-05 17:00")
    renting.rent("Autre")
    renting.validate("Atelier", order_id="ord_waiting")
    # When the nights' metering passes before the worker makes its desktop
    while today(renting.clock) < date.fromisoformat(night):
        renting.clock.advance(days=1)
        renting.metering.meter_due()
    renting.clock.advance(hours=1)
    renting.pump()
    assert renting.metering.metered_until() == date.fromisoformat(night) - timedelta(days=1)
    # Then its days count from the 5th all the same
    renting.clock.set("2026-11-10 01:30")
    renting.metering.meter_due()
    found = [
        usage.day.day
        for usage in renting.metering.usage(ACCOUNT, NOVEMBER)
        if any(item.desktop_name == "Atelier" for item in usage.items)
    ]
    assert found == [5, 6, 7, 8, 9]


@pytest.mark.contract("MET-1", "MET-2")
def test_a_desktop_recorded_while_its_last_day_is_metered_keeps_that_day() -> None:
    # Given a desktop that its worker is about to record, seconds before midnight
    renting = Renting("2026-11-05 23:59:58")
    renting.rent("Autre")
    renting.validate("Atelier", order_id="ord_late")
    switch = KillSwitch()
    tables = Mortal(renting.tables, switch, frozenset({"commit"}))
    renting.build(tables, renting.machines, renting.secrets)  # type: ignore[arg-type]

    def midnight() -> None:
        renting.clock.set("2026-11-06 00:00:10")
        renting.metering.meter_due()

    # When the 5th is metered in between
    switch.interrupt(0, midnight)
    renting.pump()
    assert renting.metering.metered_until() == date(2026, 11, 5)
    # Then the next night's metering records its day
    renting.clock.set("2026-11-07 01:30")
    renting.metering.meter_due()
    days = renting.metering.usage(ACCOUNT, NOVEMBER)
    assert [(usage.day.day, len(usage.items)) for usage in days] == [(5, 2), (6, 2)]
