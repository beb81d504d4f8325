"""CGV art. 9, 17, law §5: a consumer who asks for nothing waits, and owes nothing meanwhile."""

from datetime import date

import pytest

from chalicelib.accounts.clients.account import AccountKind, PaymentMode
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.messages import Queue
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.model.request import LineRequest
from chalicelib.orders.model.withdrawal_period import first_day_after, last_day_to_withdraw
from tests.fakes.clock import paris
from tests.fakes.ordering import KEY, Ordering, a_request
from tests.fakes.pods import Lending


@pytest.fixture
def shop() -> Ordering:
    shop = Ordering()
    shop.open_for_business()
    return shop


def waiting(shop: Ordering, code: str = "standard", **changes: object) -> Order:
    """Place the order of a consumer who ticks neither box."""
    client = shop.client(kind=AccountKind.CONSUMER, **changes)
    request = a_request(configuration_code=code, express_request=False, express_acknowledged=False)
    return shop.orders.place(*client, request, KEY)


def launched(shop: Ordering) -> list[str]:
    return [message.body["order_id"] for message in shop.queues.of(Queue.DESKTOPS)]


@pytest.mark.contract("ORD-1")
@pytest.mark.parametrize(
    ("from_on", "last_on"),
    [
        # 14 days, the day itself not counted
        ("2026-11-05", "2026-11-19"),
        # Saturday 21 November rolls to Monday 23
        ("2026-11-07", "2026-11-23"),
        # Friday 25 December is a holiday, then a week-end: Monday 28
        ("2026-12-11", "2026-12-28"),
    ],
)
def test_the_withdrawal_period_is_counted_as_the_law_does(from_on: str, last_on: str) -> None:
    assert last_day_to_withdraw(date.fromisoformat(from_on)) == date.fromisoformat(last_on)


@pytest.mark.contract("ORD-1", "ORD-3", "LEG-4")
def test_without_an_express_request_desktops_wait_for_the_end_of_the_period(
    shop: Ordering,
) -> None:
    # Given a consumer's order of 5 November, without OmnyPod nor express request
    order = waiting(shop)
    # Then it is confirmed on paper, nothing is launched, and the 20th is announced
    assert (order.state, order.starts_on) == (OrderState.AWAITING_START, date(2026, 11, 20))
    assert launched(shop) == []
    assert [m.body["order_id"] for m in shop.queues.of(Queue.DOCUMENTS)] == [order.id]
    shop.confirmation().send(order.id)
    # 7 working days after the start: 1 December
    assert order.desktop_due_on == date(2026, 12, 1)
    # When the job runs on the last day of the period, then the day after, late, twice
    shop.clock.set("2026-11-19 23:59")
    assert shop.orders.start_due() == 0
    shop.clock.set("2026-11-21 00:30")
    assert (shop.orders.start_due(), shop.orders.start_due()) == (1, 0)
    # Then it starts once, billed from that very instant: the missed day is not (P2)
    started = shop.orders.any(order.id)
    assert (started.state, started.billable_at) == (OrderState.VALIDATED, paris("2026-11-21 00:30"))
    assert launched(shop) == [order.id]
    assert "order_started" in [m.body["template"] for m in shop.queues.of(Queue.MAIL)]


@pytest.mark.contract("ORD-1")
def test_with_omnypods_the_period_runs_from_the_last_receipt(shop: Ordering) -> None:
    # Given an order with OmnyPods: no date can be told yet
    order = waiting(shop, "essentiel")
    assert (order.starts_on, order.desktop_due_on) == (None, None)
    assert shop.orders.start_due() == 0
    # When the last one came on the 12th
    shop.clock.set("2026-11-13 00:30")
    shop.receipts.received_on[order.id] = date(2026, 11, 12)
    assert shop.orders.start_due() == 0
    # Then the date is known: the 26th is the last day to withdraw
    known = shop.orders.any(order.id)
    assert known.starts_on == first_day_after(date(2026, 11, 12)) == date(2026, 11, 27)
    shop.clock.set("2026-11-27 00:30")
    assert shop.orders.start_due() == 1


@pytest.mark.contract("ORD-1")
def test_a_consumer_may_ask_later_to_start_at_once(shop: Ordering) -> None:
    # Given an order that waits
    order = waiting(shop)
    start = shop.orders.start_now
    shop.clock.set("2026-11-08 09:00")
    # When one box only is ticked, then both, twice
    with pytest.raises(FieldErrors) as refused:
        start(order.account_id, order.id, requested=True, acknowledged=False, by="usr_1")
    assert set(refused.value.errors) == {"express_acknowledged"}
    for _ in range(2):
        start(order.account_id, order.id, requested=True, acknowledged=True, by="usr_1")
    # Then it starts, once, and the request is evidence
    assert launched(shop) == [order.id]
    entry = list(shop.journal.entries(order.account_id))[-1]
    assert (entry.kind, entry.by) == ("order.validated", "usr_1")
    assert entry.facts["express_request"] is True


@pytest.mark.contract("ORD-3")
def test_an_order_is_given_up_while_nothing_runs(shop: Ordering) -> None:
    # Given an order that waits, given up twice
    order = waiting(shop, "essentiel")
    for _ in range(2):
        shop.orders.cancel(order.account_id, order.id, "usr_1")
    # Then its OmnyPods are let go, the client is told, and nothing starts any more
    assert [message.body["type"] for message in shop.queues.of(Queue.EQUIPMENT)] == [
        "ReservePods",
        "ReleasePods",
    ]
    assert [m.body["template"] for m in shop.queues.of(Queue.MAIL)] == ["order_cancelled"]
    shop.receipts.received_on[order.id] = date(2026, 11, 6)
    shop.clock.set("2026-12-24 00:30")
    assert shop.orders.start_due() == 0
    with pytest.raises(DomainError):
        shop.orders.start_now(
            order.account_id, order.id, requested=True, acknowledged=True, by="usr_1"
        )


@pytest.mark.contract("ORD-3")
def test_an_order_in_the_queue_can_be_given_up(shop: Ordering) -> None:
    account, user = shop.client(order_limit_cents=0)
    order = shop.orders.place(account, user, a_request(), KEY)
    shop.orders.cancel(account.id, order.id, user.id)
    assert shop.orders.queue() == []
    with pytest.raises(DomainError):
        shop.orders.validate(order.id, "operator:usr_op")


@pytest.mark.contract("ORD-3")
def test_what_waits_counts_against_the_limit(shop: Ordering) -> None:
    # Given a limit of 100 euros, and 58 that wait to start
    order = waiting(shop, order_limit_cents=100_00)
    account = shop.known.account(order.account_id)  # type: ignore[arg-type]
    # Then 42 more need nobody, a cent more does; less always fits
    assert shop.orders.room_for(account.id, 42_00)
    assert shop.orders.room_for(account.id, 42_01) is None
    assert shop.orders.room_for(account.id, -1) == []
    assert shop.orders.limit_use(account).left_cents == 42_00


@pytest.mark.contract("CAT-4", "ORD-1")
def test_only_what_the_operator_opened_can_be_chosen(shop: Ordering) -> None:
    # Given a client to whom nothing special is open
    account, user = shop.client()
    for changes, field in (
        ({"billing_plan": "annual"}, "billing_plan"),
        ({"payment_mode": "invoice"}, "payment_mode"),
    ):
        with pytest.raises(FieldErrors) as refused:
            shop.orders.place(account, user, a_request(**changes), KEY)
        assert set(refused.value.errors) == {field}
    # When the annual commitment is, then an order of it waits for the company, however small
    account, user = shop.client(annual_enabled=True)
    order = shop.orders.place(account, user, a_request(billing_plan="annual"), KEY)
    assert (order.state, order.billing_plan) == (OrderState.AWAITING_VALIDATION, "annual")


@pytest.mark.contract("CAT-4", "ORD-2")
def test_the_means_of_payment_chosen_with_an_order_holds_for_the_account(shop: Ordering) -> None:
    # Given a client approved for invoices, who pays by card
    account, user = shop.client(card=False, invoice_approved=True)
    assert account.payment_modes == (PaymentMode.CARD, PaymentMode.INVOICE)
    # When they order on invoice, then no card is asked for
    order = shop.orders.place(account, user, a_request(payment_mode="invoice"), KEY)
    assert (order.state, order.payment_mode) == (OrderState.VALIDATED, "invoice")
    assert shop.known.account(account.id).payment_mode is PaymentMode.INVOICE


@pytest.mark.contract("ORD-1", "LEG-3")
def test_several_configurations_make_one_order_with_one_total(shop: Ordering) -> None:
    # Given two Standard with backup, and a Pro
    account, user = shop.client()
    lines = (
        LineRequest("standard", 2, options=(("backup", 1),), user_ids=(user.id, "")),
        LineRequest("pro", 1, desktop_names=("Studio",)),
    )
    order = shop.orders.place(account, user, a_request(lines=lines), KEY)
    # Then: 2 x (29 + 5) + 69 = 137; VAT 20 % = 27.40
    assert (order.monthly_excl_vat_cents, order.monthly_incl_vat_cents) == (137_00, 164_40)
    assert [line.desktop_names for line in order.lines] == [("Bureau 1", "Bureau 2"), ("Studio",)]
    # and the licences of each configuration are accepted once
    kinds = [terms.kind for terms in order.terms]
    assert len(kinds) == len(set(kinds))
    # and a name used on another line is refused there
    twice = (lines[0], LineRequest("pro", 1, desktop_names=("Bureau 1",)))
    with pytest.raises(FieldErrors) as refused:
        shop.orders.place(account, user, a_request(lines=twice), "other")
    assert set(refused.value.errors) == {"l2-name-1"}
    # and more than 20 in all too
    many = (LineRequest("standard", 15), LineRequest("pro", 6))
    with pytest.raises(FieldErrors) as refused:
        shop.orders.place(account, user, a_request(lines=many), "other")
    assert set(refused.value.errors) == {"quantity"}


@pytest.mark.contract("ORD-1", "MET-1")
def test_the_days_of_waiting_are_never_billed() -> None:
    # Given a consumer who orders a Standard desktop on 5 November, and asks for nothing
    lending = Lending()
    client = lending.client(consumer=True)
    order = lending.order(client, LineRequest("standard"), express=False)
    assert lending.services.desktops.service.of_account(client[0].id) == []
    # When the job starts it on the 20th, and November is over
    lending.world.clock.set("2026-11-20 00:30")
    lending.services.orders.service.start_due()
    lending.world.pump()
    lending.world.clock.set("2026-12-01 06:00")
    lending.services.metering.service.meter_due()
    # Then 11 days are due: 29 x 11 / 30 = 10.63
    draft = lending.services.billing.service.current(client[0].id, BillingMonth(2026, 11))
    assert draft.totals.excl_vat_cents == 10_63
    assert order.state is OrderState.AWAITING_START
