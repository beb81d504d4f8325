"""From when a desktop is billed: the order, its confirmation, and lateness (art. 9, 16; P2)."""

from datetime import date
from typing import Any

import pytest

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.legal.policies import BILLED_FROM_CONFIRMATION
from chalicelib.orders.model.order import Order, OrderState
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.ordering import KEY, Ordering, a_request

NOVEMBER, DECEMBER = BillingMonth(2026, 11), BillingMonth(2026, 12)


def confirmed(placed: str, validated: str, **changes: Any) -> tuple[Ordering, Order]:
    """Place an order that the company looks at, and confirm it."""
    shop = Ordering(placed)
    shop.open_for_business()
    account, user = shop.client(order_limit_cents=0, **changes)
    order = shop.orders.place(account, user, a_request(), KEY)
    assert (order.state, order.billable_at) == (OrderState.AWAITING_VALIDATION, None)
    shop.clock.set(validated)
    return shop, shop.orders.validate(order.id, "operator:usr_op")


@pytest.mark.contract("ORD-3", "MET-1")
@pytest.mark.parametrize(
    ("placed", "validated", "billable"),
    [
        # the same Paris day: from the click, to the minute
        ("2026-11-30 00:01", "2026-11-30 23:59", "2026-11-30 00:01"),
        # a minute later, but another day: from the confirmation
        ("2026-11-30 23:59", "2026-12-01 00:00", "2026-12-01 00:00"),
        ("2026-11-30 10:00", "2027-01-01 09:00", "2027-01-01 09:00"),
    ],
)
def test_days_are_owed_from_the_click_or_from_the_day_of_a_later_confirmation(
    placed: str, validated: str, billable: str
) -> None:
    _, order = confirmed(placed, validated)
    assert order.billable_at == paris(billable)
    assert (order.placed_at, order.validated_at) == (paris(placed), paris(validated))


@pytest.mark.contract("ORD-3")
def test_a_dated_switch_puts_it_back_to_the_click_for_the_orders_placed_from_then_on() -> None:
    # Given the former reading published for professionals, from 2 December
    shop = Ordering("2026-11-30 10:00")
    shop.open_for_business()
    shop.policies.publish(
        BILLED_FROM_CONFIRMATION,
        from_on=date(2026, 12, 2),
        professionals=False,
        consumers=True,
        reason="Lecture à la lettre.",
        by="operator:1",
    )
    account, user = shop.client(order_limit_cents=0)
    before = shop.orders.place(account, user, a_request(), "key-1")
    shop.clock.set("2026-12-02 10:00")
    after = shop.orders.place(account, user, a_request(), "key-2")
    # When both are confirmed on the 7th, then what was told at each order holds
    shop.clock.set("2026-12-07 10:00")
    moments = [shop.orders.validate(each.id, "operator:1").billable_at for each in (before, after)]
    assert moments == [paris("2026-12-07 10:00"), paris("2026-12-02 10:00")]


@pytest.mark.contract("MET-1", "BIL-1")
def test_an_order_of_november_confirmed_in_january_bills_nothing_for_december() -> None:
    # Given an order of 30 November, confirmed on 1 January, ready that day
    renting = Renting("2027-01-01 09:00")
    desktop = renting.rent("Accueil", placed_at=paris("2026-11-30 10:00"))
    # When the days up to 2 January are metered
    renting.clock.set("2027-01-03 00:15")
    renting.metering.meter_due()
    # Then November and December have none
    assert renting.metering.usage(ACCOUNT, NOVEMBER) == []
    assert renting.metering.usage(ACCOUNT, DECEMBER) == []
    january = renting.metering.usage(ACCOUNT, BillingMonth(2027, 1))
    assert [usage.day for usage in january] == [date(2027, 1, 1), date(2027, 1, 2)]
    # and every instant is kept
    assert desktop.ordered_at == paris("2026-11-30 10:00")


@pytest.mark.contract("MET-1", "MET-2", "ORD-5")
def test_working_days_of_lateness_are_not_billed_while_the_desktop_is_not_in_service() -> None:
    # Given a desktop of Thursday 5 November, due on Monday 9, ready on Monday 16 only; Wednesday 11
    # is a public holiday
    renting = Renting()
    renting.machines.looks_needed = 10_000
    renting.validate("Accueil", desktop_due_on=date(2026, 11, 9))
    renting.handle(renting.queues.take())
    renting.clock.set("2026-11-12 12:00")
    # then the forecast of the 12th counts on it being ready that day: 5 to 9, 11, and 12 to 30
    foretold = [usage.day.day for usage in renting.metering.forecast(ACCOUNT, NOVEMBER)]
    assert foretold == [5, 6, 7, 8, 9, 11, *range(12, 31)]
    renting.metering.meter_due()
    renting.machines.looks_needed = 0
    renting.clock.set("2026-11-16 08:00")
    renting.desktops.watch()
    renting.pump()
    assert renting.named("Accueil").ready_at == paris("2026-11-16 08:00")
    # When the month is metered so far
    renting.clock.set("2026-11-18 00:15")
    renting.metering.meter_due()
    # Then 10, 12 and 13 are not billed; the holiday, the week-end and the 16th are
    days = [usage.day.day for usage in renting.metering.usage(ACCOUNT, NOVEMBER)]
    assert days == [5, 6, 7, 8, 9, 11, 14, 15, 16, 17]
    assert renting.metering.recompute(ACCOUNT, NOVEMBER) == []
