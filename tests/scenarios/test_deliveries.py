"""CGV art. 16: what the company committed to deliver, and what is late (ORD-5)."""

from datetime import date

import pytest

from chalicelib.equipment.model.cases import Cause, Decision, Outcome
from chalicelib.orders.model.request import LineRequest, OrderRequest
from chalicelib.schedule import JOBS
from tests.fakes.ordering import KEY, Ordering, a_request
from tests.fakes.pods import OPERATOR, Lending
from tests.fakes.world import COMPANY


@pytest.fixture
def lending() -> Lending:
    return Lending()


def outstanding(lending: Lending) -> list[tuple[str, date | None]]:
    return [(item.kind, item.due_on) for item in lending.services.orders.deliveries.outstanding()]


def check(lending: Lending) -> object:
    """Run the daily job; give how much was newly told late."""
    return JOBS["check_deliveries"].run(lending.services)


@pytest.mark.contract("ORD-5")
def test_a_late_omnypod_is_listed_and_told_once(lending: Lending) -> None:
    # Given a desktop delivered at once and an OmnyPod out of stock, confirmed on 5 November
    client = lending.client()
    order = lending.order(client)
    # Then the pod alone is still due, 30 working days later: 18 December (11 November left out)
    assert outstanding(lending) == [("pod", date(2026, 12, 18))]
    lending.world.clock.set("2026-12-18 08:00")
    assert check(lending) == 0
    # When it is one day late (Monday), and the job runs every morning
    lending.world.clock.set("2026-12-21 08:00")
    assert (check(lending), check(lending)) == (1, 0)
    lending.world.clock.set("2026-12-22 08:00")
    assert check(lending) == 0
    lending.world.pump()
    # Then the company was told once, at its address, and the list says two working days
    (mail,) = lending.mails_of("late_delivery")
    assert mail["number"] == order.number
    assert len(lending.world.mails.to(COMPANY.email)) == 1
    (item,) = lending.services.orders.deliveries.outstanding()
    assert item.working_days_late(date(2026, 12, 22)) == 2
    # When it is delivered at last, then nothing is watched any more
    lending.stock("OP-0001")
    lending.ship(order)
    lending.deliver(order)
    check(lending)
    assert outstanding(lending) == []


@pytest.mark.contract("ORD-5")
def test_a_late_omnypod_of_an_option_or_instead_of_another_is_told_once(lending: Lending) -> None:
    # Given an OmnyPod lent, replaced as faulty, and a second one asked for by an option; no stock
    account, user = client = lending.client()
    lending.lent(client, "OP-0001")
    services = lending.services
    case = services.equipment.custody.report(
        account.id, "OP-0001", Cause.FAULT, "Écran noir.", on=lending.today, by=user.id
    )
    decision = Decision(Outcome.DEFECT, Cause.FAULT, "Défaut.", replace_it=True)
    services.equipment.cases.decide(account.id, case.id, decision, OPERATOR)
    (desktop,) = services.desktops.service.of_account(account.id)
    services.desktops.service.change_options(
        account.id, desktop.id, (("extra-pod", 1),), by=user.id
    )
    lending.world.pump()
    # Then on the last day committed to, 18 December, nothing is told
    lending.world.clock.set("2026-12-18 08:00")
    assert check(lending) == 0
    # When the day is over (Monday), then each is told once, whatever the job runs
    lending.world.clock.set("2026-12-21 08:00")
    assert (check(lending), check(lending)) == (2, 0)
    lending.world.pump()
    mails = lending.mails_of("late_delivery")
    assert {(mail["reason"], mail["client"]) for mail in mails} == {
        ("option", account.name),
        ("replacement", account.name),
    }
    box = lending.world.mails
    texts = [box.text_of(sent) for sent in box.to(COMPANY.email)]
    assert len(texts) == 2
    assert all(account.name in text and "18 décembre 2026" in text for text in texts)


@pytest.mark.contract("ORD-5")
def test_a_desktop_not_ready_is_listed_with_its_own_date(lending: Lending) -> None:
    # Given an order whose desktops nobody creates
    client = lending.client()
    request = OrderRequest((LineRequest("standard", 2),))
    lending.services.orders.service.place(*client, request, "0" * 32)
    # Then both are due 7 working days after the confirmation, before any is even created
    due_on = date(2026, 11, 17)
    assert outstanding(lending) == [("desktop", due_on)] * 2
    # When they are late, then each is told, in one mail for the order
    lending.world.clock.set("2026-11-18 08:00")
    assert check(lending) == 2
    (mail,) = lending.mails_of("late_delivery")
    assert [item["days"] for item in mail["items"]] == [1, 1]  # type: ignore[attr-defined]


@pytest.mark.contract("ORD-5")
def test_an_order_given_up_owes_nothing(lending: Lending) -> None:
    client = lending.client(consumer=True)
    order = lending.order(client, express=False)
    assert {kind for kind, _ in outstanding(lending)} == {"desktop", "pod"}
    lending.services.orders.service.cancel(order.account_id, order.id, client[1].id)
    lending.world.pump()
    assert outstanding(lending) == []


def test_an_order_that_waits_for_the_company_is_not_watched_yet() -> None:
    shop = Ordering()
    shop.open_for_business()
    account, user = shop.client(order_limit_cents=0)
    shop.orders.place(account, user, a_request(), KEY)
    assert list(shop.storage.watched_deliveries()) == []
