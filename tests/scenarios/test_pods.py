"""CGV art. 7, 16, 17: stories of OmnyPods, from the stock to their return (POD-1 to 3, ORD-6)."""

import threading
from datetime import date

import pytest

from chalicelib.accounts.clients.account import Account, PostalAddress, User
from chalicelib.equipment.model.cases import Cause, Decision, Outcome
from chalicelib.equipment.model.pod import Condition
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.orders.model.request import LineRequest
from chalicelib.schedule import JOBS
from tests.fakes.pods import OPERATOR, Lending, note

Client = tuple[Account, User]


@pytest.fixture
def lending() -> Lending:
    return Lending()


@pytest.fixture
def client(lending: Lending) -> Client:
    return lending.client()


def charges(lending: Lending, account: Account) -> list[tuple[str, int]]:
    return [
        (charge.kind, charge.unit_excl_vat_cents)
        for charge in lending.services.billing.charges.pending(account.id)
    ]


def decide(
    lending: Lending, account: Account, case_id: str, outcome: Outcome, cause: Cause, **more: object
) -> None:
    decision = Decision(outcome, cause, "Examiné avec le client.", **more)  # type: ignore[arg-type]
    lending.services.equipment.cases.decide(account.id, case_id, decision, OPERATOR)
    lending.world.pump()


@pytest.mark.contract("POD-1")
def test_a_pod_goes_from_the_shelf_to_the_desk(lending: Lending, client: Client) -> None:
    # Given three pods in stock, the oldest being OP-0002
    lending.stock("OP-0001", "OP-0003")
    lending.stock("OP-0002", received_on="2026-10-01")
    # When a desktop whose configuration includes one is ordered
    order = lending.order(client)
    # Then the oldest is reserved for its desktop, due 30 working days later
    (slot,) = lending.dispatch(order).slots
    (desktop,) = lending.services.desktops.service.of_account(client[0].id)
    assert (slot.serial, slot.desktop_id) == ("OP-0002", desktop.id)
    assert lending.dispatch(order).due_on == order.pod_due_on
    # When it is shipped on the 6th, received on the 9th, plugged in on the 10th
    lending.world.clock.set("2026-11-06 15:00")
    lending.ship(order)
    assert lending.mails_of("pod_shipped")[0]["tracking"] == "LP123"
    lending.world.clock.set("2026-11-09 11:00")
    lending.deliver(order)
    lending.world.clock.set("2026-11-10 09:00")
    lending.services.equipment.dispatches.confirm_receipt(client[0].id, "OP-0002", client[1].id)
    # Then each step is kept, with who did it, and the receipt starts the withdrawal period (P10)
    pod = lending.pod("OP-0002")
    assert [step.event for step in pod.movements] == [
        *("stock", "reserve", "ship", "deliver", "start_use")
    ]
    assert pod.movements[-1].by == client[1].id
    received_on = lending.services.equipment.dispatches.last_received_on(client[0].id, order.id)
    assert received_on == date(2026, 11, 9)
    # 9 November + 14 days is Monday the 23rd
    assert lending.mails_of("pod_delivered")[0]["last_day"] == "2026-11-23"
    kinds = {entry.kind for entry in lending.services.base.journal.entries(client[0].id)}
    assert {"pods.reserved", "pods.shipped", "pods.delivered", "pods.in_use"} <= kinds
    assert lending.services.base.journal.verify(client[0].id) is None


@pytest.mark.contract("POD-1")
def test_what_is_missing_waits_and_is_filled_when_stock_comes(
    lending: Lending, client: Client
) -> None:
    # Given one pod in stock, and an order that needs five: 2 x (1 included + 1 extra), and 1
    lending.stock("OP-0001")
    lines = (LineRequest("essentiel", 2, options=(("extra-pod", 1),)), LineRequest("pro"))
    order = lending.order(client, *lines, LineRequest("standard"))
    assert (len(lending.dispatch(order).slots), lending.dispatch(order).missing) == (5, 4)
    # When three come, then the fourth, the message coming twice
    lending.stock("OP-0002", "OP-0003", "OP-0004")
    assert lending.dispatch(order).missing == 1
    lending.stock("OP-0005", "OP-0006")
    lending.services.equipment.reservations.reserve_for_order(order.id)
    # Then each slot has its own pod, and what is not needed stays on the shelf
    serials = [slot.serial for slot in lending.dispatch(order).slots]
    assert sorted(serials) == [f"OP-000{n}" for n in range(1, 6)]
    assert lending.pod("OP-0006").state is PodState.IN_STOCK


@pytest.mark.contract("POD-1")
def test_ten_workers_never_give_one_pod_to_two_clients(lending: Lending) -> None:
    # Given two clients who wait for three pods each, and four pods that come
    first = lending.client()
    second = lending.client(consumer=True)
    orders = [lending.order(each, LineRequest("essentiel", 3)) for each in (first, second)]
    lending.services.equipment.stock.import_csv(note(*(f"OP-000{n}" for n in range(4))), OPERATOR)
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        lending.services.equipment.reservations.fill_shortages()

    # When four workers fill the shortage at once
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Then all four are reserved, each once
    serials = [s.serial for order in orders for s in lending.dispatch(order).slots if s.serial]
    assert sorted(serials) == ["OP-0000", "OP-0001", "OP-0002", "OP-0003"]


@pytest.mark.contract("POD-1")
def test_a_delivery_note_counts_once_and_a_bad_line_refuses_it_whole(lending: Lending) -> None:
    stock = lending.services.equipment.stock
    # Given a note with a bad line, then nothing of it is there
    with pytest.raises(FieldErrors):
        stock.import_csv(note("OP-0001", "?"), OPERATOR)
    with pytest.raises(NotFoundError):
        stock.pod("OP-0001")
    # When it is right, and comes twice, then the second time nothing is new
    assert stock.import_csv(note("OP-0001", "OP-0002"), OPERATOR) == (2, 0)
    assert stock.import_csv(note("OP-0001", "OP-0002", "OP-0003"), OPERATOR) == (1, 2)
    # and a serial number of another model is refused
    with pytest.raises(FieldErrors) as refused:
        stock.import_csv(note("OP-0003", model="OmnyPod 3"), OPERATOR)
    assert set(refused.value.errors) == {"ligne 2"}


@pytest.mark.contract("POD-2", "BIL-9")
def test_a_lost_pod_is_billed_at_the_price_of_that_day_once(
    lending: Lending, client: Client
) -> None:
    # Given a pod lent, lost on the 12th and reported twice
    account, user = client
    lending.lent(client, "OP-0001")
    lending.world.clock.set("2026-11-12 09:00")
    report = lending.services.equipment.custody.report
    case = report(account.id, "OP-0001", Cause.LOSS, "Dans le train.", on=lending.today, by=user.id)
    again = report(account.id, "OP-0001", Cause.LOSS, "Train.", on=lending.today, by=user.id)
    assert (again.id, lending.pod("OP-0001").state) == (case.id, PodState.LOST)
    # When the operator bills it and sends another one, by a double click
    decide(lending, account, case.id, Outcome.BILLED, Cause.LOSS, replace_it=True)
    decide(lending, account, case.id, Outcome.BILLED, Cause.LOSS, replace_it=True)
    # Then 149 euros are billed once, the client is told, a replacement waits for stock
    assert charges(lending, account) == [("pod_loss", 149_00)]
    (mail,) = lending.mails_of("pod_decision")
    assert (mail["amount_excl_vat_cents"], mail["replaced"]) == (149_00, True)
    replacement = lending.services.equipment.dispatches.get(account.id, f"rpl-{case.id}")
    assert replacement.missing == 1
    # and another decision is refused
    with pytest.raises(DomainError):
        decide(lending, account, case.id, Outcome.WAIVED, Cause.LOSS)


@pytest.mark.contract("POD-2")
def test_a_faulty_pod_is_replaced_free_of_charge(lending: Lending, client: Client) -> None:
    # Given a pod that no longer starts
    account, user = client
    order = lending.lent(client, "OP-0001")
    lending.stock("OP-0002")
    case = lending.services.equipment.custody.report(
        account.id, "OP-0001", Cause.FAULT, "Écran noir.", on=lending.today, by=user.id
    )
    # When the operator would bill the fault, it is refused
    with pytest.raises(DomainError) as refused:
        decide(lending, account, case.id, Outcome.BILLED, Cause.FAULT)
    assert refused.value.article == "7"
    # When it is a defect of ours, and replaced
    decide(lending, account, case.id, Outcome.DEFECT, Cause.FAULT, replace_it=True)
    # Then nothing is billed, OP-0002 goes to the same desktop, OP-0001 is asked back
    assert charges(lending, account) == []
    replacement = lending.services.equipment.dispatches.get(account.id, f"rpl-{case.id}")
    assert [slot.serial for slot in replacement.slots] == ["OP-0002"]
    assert lending.pod("OP-0002").desktop_id == lending.dispatch(order).slots[0].desktop_id
    assert lending.pod("OP-0001").state is PodState.RETURN_ASKED
    # and when it comes back faulty it cannot go on the shelf before it is repaired
    lending.services.equipment.custody.receive("OP-0001", Condition.FAULTY, why="", by=OPERATOR)
    with pytest.raises(DomainError):
        lending.services.equipment.stock.restock("OP-0001", OPERATOR)
    lending.services.equipment.stock.retire("OP-0001", "Alimentation grillée", OPERATOR)
    assert lending.services.equipment.stock.repair("OP-0001", "Changée", OPERATOR).account_id == ""
    assert lending.pod("OP-0001").state is PodState.IN_STOCK
    # The receipt of the replacement does not start the withdrawal period again (P10)
    assert lending.services.equipment.dispatches.last_received_on(account.id, order.id) == date(
        2026, 11, 5
    )


@pytest.mark.contract("POD-3")
def test_pods_of_a_deleted_desktop_come_back_in_14_days_or_cost_a_month(
    lending: Lending, client: Client
) -> None:
    # Given a professional with two pods, one desktop deleted on 20 November
    account, user = client
    lending.lent(client, "OP-0001", "OP-0002")
    desktop = lending.services.desktops.service.of_account(account.id)[0]
    lending.world.clock.set("2026-11-20 10:00")
    lending.services.desktops.service.request_delete(
        account.id, desktop.id, desktop.name, by=user.id
    )
    lending.world.pump()
    follow_up = lending.services.equipment.cases.follow_up
    # When the job runs the next morning, then again
    lending.world.clock.set("2026-11-21 07:30")
    assert follow_up() == {"asked": 1, "reminded": 0, "overdue": 0}
    assert follow_up()["asked"] == 0
    lending.world.pump()
    # Then the pod of that desktop alone is asked back by 4 December
    asked = next(
        pod for pod in lending.services.equipment.custody.pods_of(account.id) if pod.return_due_on
    )
    assert (asked.desktop_id, asked.return_due_on) == (desktop.id, date(2026, 12, 4))
    assert len(lending.mails_of("pod_return_asked")) == 1
    # When three days before, a reminder goes out once
    lending.world.clock.set("2026-12-01 07:30")
    assert (follow_up()["reminded"], follow_up()["reminded"]) == (1, 0)
    # and on the last day nothing is late; the day after it is listed, once
    lending.world.clock.set("2026-12-04 07:30")
    assert follow_up()["overdue"] == 0
    lending.world.clock.set("2026-12-05 07:30")
    assert (follow_up()["overdue"], follow_up()["overdue"]) == (1, 0)
    # Then the operator bills a month of the desktop: Essentiel, 39 euros (P11)
    (case,) = lending.services.equipment.cases.open()
    assert (case.cause, case.fee_cents) == (Cause.NOT_RETURNED, 39_00)
    decide(lending, account, case.id, Outcome.BILLED, Cause.NOT_RETURNED)
    assert charges(lending, account) == [("withdrawal_indemnity", 39_00)]


@pytest.mark.contract("POD-3")
def test_a_pod_that_comes_back_late_but_before_the_decision_costs_nothing(
    lending: Lending, client: Client
) -> None:
    # Given a pod asked back by the 19th, and listed on the 20th
    account, _ = client
    lending.lent(client, "OP-0001")
    ask = lending.services.equipment.custody.ask_return
    due_on = date(2026, 11, 19)
    ask(account.id, None, because="withdrawal", due_on=due_on, by="system")
    ask(account.id, None, because="withdrawal", due_on=date(2026, 12, 1), by="system")
    assert lending.pod("OP-0001").return_due_on == due_on
    lending.world.clock.set("2026-11-20 07:30")
    lending.services.equipment.cases.follow_up()
    assert len(lending.services.equipment.cases.open()) == 1
    # When it arrives, worn, twice noted
    for _ in range(2):
        lending.services.equipment.custody.receive("OP-0001", Condition.WORN, why="", by=OPERATOR)
    # Then the case is closed, nobody holds it, and it can be lent again
    assert lending.services.equipment.cases.open() == []
    assert lending.services.equipment.custody.pods_of(account.id) == []
    assert lending.services.equipment.stock.restock("OP-0001", OPERATOR).state is PodState.IN_STOCK
    assert charges(lending, account) == []


@pytest.mark.contract("POD-2")
def test_a_pod_that_comes_back_damaged_opens_a_case(lending: Lending, client: Client) -> None:
    account, _ = client
    lending.lent(client, "OP-0001")
    receive = lending.services.equipment.custody.receive
    receive("OP-0001", Condition.DAMAGED, why="Boîtier fendu", by=OPERATOR)
    (case,) = lending.services.equipment.cases.open()
    decide(lending, account, case.id, Outcome.BILLED, Cause.DAMAGE)
    assert charges(lending, account) == [("pod_loss", 89_00)]


@pytest.mark.contract("ORD-6", "BIL-9")
def test_a_delivery_that_failed_by_a_wrong_address_is_billed_with_its_evidence(
    lending: Lending, client: Client
) -> None:
    # Given a parcel that comes back
    account, _ = client
    lending.stock("OP-0001")
    order = lending.order(client)
    lending.ship(order)
    found = lending.dispatch(order)
    failed = lending.services.equipment.failed_deliveries
    with pytest.raises(FieldErrors) as refused:
        failed.bring_back(
            account.id, found.id, on=lending.today, evidence=" ", cost_cents=-1, by=OPERATOR
        )
    assert set(refused.value.errors) == {"evidence", "cost"}
    # When the operator notes it, with what it cost
    evidence = "Avis 8841 : numéro 8 inexistant."
    failed.bring_back(
        account.id, found.id, on=lending.today, evidence=evidence, cost_cents=18_50, by=OPERATOR
    )
    lending.world.pump()
    # Then it is billed with its evidence, the client is told, the pod is to be sent again
    (charge,) = lending.services.billing.charges.pending(account.id)
    assert (charge.kind, charge.unit_excl_vat_cents) == ("failed_delivery", 18_50)
    assert charge.evidence == evidence
    assert lending.mails_of("pod_delivery_failed")[0]["cost_excl_vat_cents"] == 18_50
    assert lending.dispatch(order).to_ship == [0]
    # and to the corrected address
    address = PostalAddress("9 quai des Exemples", "", "69002", "Lyon", "FR")
    failed.correct_address(account.id, found.id, address, OPERATOR)
    lending.ship(order, "LP456")
    assert "9 quai" in str(lending.mails_of("pod_shipped")[-1]["address"])
    # A second try of the same note is refused: nothing else comes back
    lending.deliver(order)
    with pytest.raises(DomainError):
        failed.bring_back(
            account.id, found.id, on=lending.today, evidence=evidence, cost_cents=0, by=OPERATOR
        )


@pytest.mark.contract("POD-1", "CAT-2")
def test_a_larger_configuration_brings_the_pod_it_includes(
    lending: Lending, client: Client
) -> None:
    # Given a Standard desktop, without OmnyPod, changed to Pro, which includes one
    account, user = client
    lending.stock("OP-0001", "OP-0002")
    lending.order(client, LineRequest("standard"), LineRequest("essentiel"))
    desktop = next(
        each
        for each in lending.services.desktops.service.of_account(account.id)
        if each.configuration_code == "standard"
    )
    assert lending.services.equipment.options.send_due() == 0
    lending.services.desktops.service.request_reconfigure(account.id, desktop.id, "pro", by=user.id)
    lending.world.pump()
    # When the change is complete, then one pod is asked for, and the job asks for no other
    assert lending.services.equipment.options.send_due() == 0
    # and it is reserved for that desktop
    sent = lending.services.equipment.dispatches.get(account.id, f"opt-{desktop.id}-0")
    assert [(slot.desktop_id, slot.serial) for slot in sent.slots] == [(desktop.id, "OP-0002")]


@pytest.mark.contract("POD-1", "POD-3", "CAT-2")
def test_an_option_added_later_brings_a_pod_at_once_and_removed_has_it_asked_back(
    lending: Lending, client: Client
) -> None:
    # Given a desktop with its own OmnyPod, and a second one added on 9 November
    account, user = client
    lending.lent(client, "OP-0001")
    lending.stock("OP-0002")
    desktops, send_due = (
        lending.services.desktops.service,
        lending.services.equipment.options.send_due,
    )
    (desktop,) = desktops.of_account(account.id)
    lending.world.clock.set("2026-11-09 10:00")
    with_one = (("extra-pod", 1),)
    desktops.change_options(account.id, desktop.id, with_one, by=user.id)
    lending.world.pump()
    # Then it is reserved without waiting for the job, which sends nothing more
    assert lending.pod("OP-0002").desktop_id == desktop.id
    assert send_due() == 0
    added = lending.services.equipment.dispatches.get(account.id, f"opt-{desktop.id}-1")
    parcels, on = lending.services.equipment.dispatches, lending.today
    parcels.ship(account.id, added.id, carrier="Colis", tracking="LP9", on=on, by=OPERATOR)
    parcels.deliver(account.id, added.id, on=on, by=OPERATOR)
    # When the option is removed on the 16th, whose day is still charged
    lending.world.clock.set("2026-11-16 10:00")
    desktops.change_options(account.id, desktop.id, (("extra-pod", 0),), by=user.id)
    lending.world.pump()
    assert lending.pod("OP-0002").state is PodState.DELIVERED
    # and the job runs the next morning, twice
    lending.world.clock.set("2026-11-17 06:00")
    assert (send_due(), send_due()) == (0, 0)
    lending.world.pump()
    # Then that one alone is asked back by 1 December, and the client is told once
    asked = lending.pod("OP-0002")
    assert (asked.state, asked.return_due_on) == (PodState.RETURN_ASKED, date(2026, 12, 1))
    assert lending.pod("OP-0001").state is PodState.DELIVERED
    assert [mail["because"] for mail in lending.mails_of("pod_return_asked")] == ["option_removed"]
    # When it is not back in time, a month of the option is what may be owed (P11)
    lending.world.clock.set("2026-12-02 07:30")
    lending.services.equipment.cases.follow_up()
    assert [case.fee_cents for case in lending.services.equipment.cases.open()] == [9_00]
    # When the option is added again, then another pod is asked for
    desktops.change_options(account.id, desktop.id, with_one, by=user.id)
    lending.world.pump()
    again = lending.services.equipment.dispatches.get(account.id, f"opt-{desktop.id}-2")
    assert (again.missing, send_due()) == (1, 0)


@pytest.mark.contract("POD-1", "CAT-2")
def test_an_option_removed_before_its_pod_left_keeps_it_on_the_shelf(
    lending: Lending, client: Client
) -> None:
    # Given an additional pod reserved, and another waited for
    account, user = client
    lending.lent(client, "OP-0001")
    lending.stock("OP-0002")
    desktops = lending.services.desktops.service
    (desktop,) = desktops.of_account(account.id)
    desktops.change_options(account.id, desktop.id, (("extra-pod", 2),), by=user.id)
    lending.world.pump()
    assert lending.pod("OP-0002").state is PodState.RESERVED
    # When the option is removed, and its day is over
    desktops.change_options(account.id, desktop.id, (("extra-pod", 0),), by=user.id)
    lending.world.pump()
    lending.world.clock.advance(days=1)
    lending.services.equipment.options.send_due()
    # Then nothing is awaited, and the client's own is not asked for
    assert lending.pod("OP-0002").state is PodState.IN_STOCK
    assert lending.pod("OP-0001").state is PodState.DELIVERED
    assert lending.services.equipment.dispatches.open() == []
    assert lending.mails_of("pod_return_asked") == []


@pytest.mark.contract("POD-1")
def test_another_account_sees_and_moves_nothing(lending: Lending, client: Client) -> None:
    lending.lent(client, "OP-0001")
    other, user = lending.client(consumer=True)
    custody, on = lending.services.equipment.custody, lending.today
    with pytest.raises(NotFoundError):
        custody.report(other.id, "OP-0001", Cause.LOSS, "Perdu", on=on, by=user.id)
    with pytest.raises(NotFoundError):
        lending.services.equipment.dispatches.confirm_receipt(other.id, "OP-0001", user.id)
    assert custody.pods_of(other.id) == []


@pytest.mark.contract("POD-1")
def test_each_refused_movement_says_the_state_and_what_to_do(
    lending: Lending, client: Client
) -> None:
    lending.lent(client, "OP-0001")
    with pytest.raises(DomainError, match="déjà livré"):
        lending.services.equipment.stock.retire("OP-0001", "essai", OPERATOR)
    lending.stock("OP-0002")
    with pytest.raises(DomainError, match="déjà chez nous"):
        lending.services.equipment.custody.receive("OP-0002", Condition.GOOD, why="", by=OPERATOR)


@pytest.mark.contract("POD-1", "ORD-5")
@pytest.mark.parametrize("what", ["asked back", "lost"])
def test_what_does_not_arrive_is_awaited_no_more(
    lending: Lending, client: Client, what: str
) -> None:
    # Given an OmnyPod on its way
    account, user = client
    lending.stock("OP-0001")
    order = lending.order(client)
    lending.ship(order)
    custody, day = lending.services.equipment.custody, lending.today
    # When its client is asked to send it back, or it is lost by the carrier
    if what == "lost":
        custody.report(account.id, "OP-0001", Cause.LOSS, "Colis perdu.", on=day, by=user.id)
    else:
        serials = ["OP-0001"]
        custody.ask_return(account.id, serials, because="withdrawal", due_on=day, by=OPERATOR)
    # Then it is neither to be delivered any more, nor late
    assert lending.services.equipment.dispatches.open() == []
    lending.world.clock.set("2026-12-21 08:00")
    assert JOBS["check_deliveries"].run(lending.services) == 0


@pytest.mark.contract("POD-1")
def test_a_pod_that_came_back_to_us_from_its_way_is_sent_again(
    lending: Lending, client: Client
) -> None:
    # Given an OmnyPod on its way, that the carrier brings back and the stock takes in
    lending.stock("OP-0001", "OP-0002")
    order = lending.order(client)
    lending.ship(order)
    lending.services.equipment.custody.receive("OP-0001", Condition.GOOD, why="", by=OPERATOR)
    # Then its place is free, and the other one goes
    assert lending.dispatch(order).missing == 1
    lending.services.equipment.reservations.fill_shortages()
    (slot,) = lending.dispatch(order).slots
    assert (slot.serial, slot.shipped_on) == ("OP-0002", None)
