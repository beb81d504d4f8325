"""A desktop from the validated order to its deletion, seen by its client."""

from datetime import date, timedelta

import pytest

from chalicelib.accounts.clients.account import Role
from chalicelib.desktops.clouds.machines import MachineStatus
from chalicelib.desktops.connection.visibility import may_use, visible
from chalicelib.desktops.model.desktop import Operation
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.errors import (
    DomainError,
    FieldErrors,
    FinalGatewayError,
    NotFoundError,
    TemporaryGatewayError,
)
from chalicelib.foundation.messages import Queue
from chalicelib.orders.messages import CreateDesktops
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.ordering import demo_document

NOV_7 = date(2026, 11, 7)
OWNER = "usr_acc_lumen"


@pytest.fixture
def renting() -> Renting:
    return Renting()


@pytest.mark.contract("DSK-1", "DSK-2", "ORD-3")
def test_a_validated_order_becomes_desktops_that_run(renting: Renting) -> None:
    # given an order of two desktops, placed the day before the company validated it
    renting.validate(
        "Accueil", "Atelier", placed_at=paris("2026-11-04 18:00"), user_ids=("usr_1", "")
    )
    # when the worker has created them
    renting.handle(renting.queues.take())
    # then they show at once, billable since the confirmation (P2)
    names = [(desktop.name, desktop.state) for desktop in renting.desktops.of_account(ACCOUNT)]
    assert names == [("Accueil", State.ORDERED), ("Atelier", State.ORDERED)]
    # when the machines are made
    renting.pump()
    # then each desktop runs on a machine of its own, with an address
    accueil, atelier = renting.desktops.of_account(ACCOUNT)
    assert accueil.state is atelier.state is State.RUNNING
    assert accueil.machine_id != atelier.machine_id
    assert accueil.address
    assert accueil.ordered_at == paris("2026-11-04 18:00")
    assert accueil.created_at == renting.clock.now()
    assert accueil.ready_at == renting.clock.now()
    assert (accueil.assigned_user_id, atelier.assigned_user_id) == ("usr_1", None)
    assert len(renting.machines.alive) == 2


@pytest.mark.contract("DSK-1", "DSK-2")
def test_an_order_handled_twice_makes_each_desktop_once(renting: Renting) -> None:
    # given
    order = renting.validate("Accueil", "Atelier")
    renting.pump()
    # when every message comes again
    for message in list(renting.queues.of(Queue.DESKTOPS)):
        renting.handle(message)
    renting.handle(CreateDesktops(order_id=order.id))
    renting.pump()
    # then
    assert len(renting.desktops.of_account(ACCOUNT)) == 2
    assert len(renting.machines.machines) == 2
    assert len(renting.mails("desktop_ready")) == 2


@pytest.mark.contract("DSK-1", "EVD-1")
def test_every_transition_is_in_the_journal_with_who_and_why(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    # when
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    # then
    told = [
        (entry.facts["event"], entry.facts["to"], entry.by)
        for entry in renting.journal.entries(ACCOUNT)
        if entry.kind.startswith("desktop.")
    ]
    assert told == [
        ("provision", "provisioning", OWNER),
        ("be_ready", "running", OWNER),
        ("stopping", "running", OWNER),
        ("stop", "stopped", OWNER),
        ("delete", "deleting", OWNER),
        ("be_deleted", "deleted", OWNER),
    ]
    assert renting.journal.verify(ACCOUNT) is None


@pytest.mark.contract("DSK-3")
def test_a_desktop_is_stopped_started_and_restarted(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    # when it is stopped
    asked = renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    # then the request shows at once, the state when the cloud is there
    assert (asked.state, asked.operation) == (State.RUNNING, Operation.STOPPING)
    renting.pump()
    stopped = renting.now_of(desktop)
    assert (stopped.state, stopped.operation, stopped.address) == (State.STOPPED, None, None)
    # when it is started
    renting.desktops.request_start(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    # then it runs, at its new address
    started = renting.now_of(desktop)
    assert (started.state, started.operation) == (State.RUNNING, None)
    assert started.address != desktop.address
    # when it is restarted
    renting.desktops.request_restart(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    # then the machine booted once more
    assert renting.now_of(desktop).operation is None
    assert renting.machines.alive[0].boots == 3


@pytest.mark.contract("DSK-1", "DSK-3")
def test_a_request_that_the_state_forbids_is_refused_and_changes_nothing(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    # then a running desktop does not start
    with pytest.raises(DomainError, match="en service"):
        renting.desktops.request_start(ACCOUNT, desktop.id, by=OWNER)
    # and one that is stopping does nothing else, though a second click is no error
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    before = renting.now_of(desktop)
    with pytest.raises(DomainError, match="déjà en cours"):
        renting.desktops.request_restart(ACCOUNT, desktop.id, by=OWNER)
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    assert renting.now_of(desktop) == before


@pytest.mark.contract("DSK-4")
def test_a_change_keeps_the_disk_and_so_the_system_on_it(renting: Renting) -> None:
    # given a desktop, and a configuration with another system put on sale
    desktop = renting.rent()
    document = demo_document()
    pro = next(one for one in document["configurations"] if one["code"] == "pro")
    linux = {"code": "pro-linux", "os": "Debian 13", "on_sale_from": "2026-11-07"}
    document["configurations"].append({**pro, **linux})
    price = {"code": "pro-linux", "from_on": "2026-11-07", "monthly_excl_vat": "59.00"}
    document["prices"].append(price)
    renting.catalogue.publish(document, by="system")
    renting.clock.set("2026-11-07 09:00")
    # then it is not among the changes offered
    assert "pro-linux" in {each.code for each in renting.catalogue.current().on_sale(NOV_7)}
    assert "pro-linux" not in {each.code for each in renting.desktops.changes_for(desktop)}
    with pytest.raises(FieldErrors):
        renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro-linux", by=OWNER)


@pytest.mark.contract("DSK-4")
def test_a_change_of_configuration_stops_the_machine_and_comes_back_larger(
    renting: Renting,
) -> None:
    # given a running Standard desktop with 20 GB more
    desktop = renting.rent(options=(("storage-10gb", 2),))
    offered = [each.code for each in renting.desktops.changes_for(desktop)]
    assert offered == ["essentiel", "pro", "graphique"]
    # when
    renting.clock.set("2026-11-10 15:00")
    asked = renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro", by=OWNER)
    # then nothing is charged more until it is complete (P4)
    assert asked.state is State.RECONFIGURING
    assert [tariff.configuration_code for tariff in asked.tariffs] == ["standard"]
    renting.clock.set("2026-11-11 00:10")
    renting.pump()
    changed = renting.now_of(desktop)
    assert (changed.state, changed.configuration_code) == (State.RUNNING, "pro")
    assert changed.tariffs[-1].from_at == paris("2026-11-11 00:10")
    machine = renting.machines.alive[0]
    pro = renting.catalogue.current().configuration("pro")
    assert machine.instance_type == pro.instance_type
    assert machine.storage_gib == pro.storage_gib + 20
    assert renting.mails("desktop_changed")


@pytest.mark.contract("DSK-4")
def test_a_change_that_fails_returns_to_the_old_configuration_and_tariff(renting: Renting) -> None:
    # given a cloud that cannot give the new type
    desktop = renting.rent()
    renting.machines.refuse_types = {
        renting.catalogue.current().configuration("graphique").instance_type
    }
    # when
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "graphique", by=OWNER)
    renting.pump()
    # then the desktop runs as before, at its price
    back = renting.now_of(desktop)
    assert (back.state, back.configuration_code) == (State.RUNNING, "standard")
    assert (back.tariffs, back.wanted_code) == (desktop.tariffs, None)
    assert renting.mails("desktop_unchanged")
    assert not renting.mails("desktop_changed")


@pytest.mark.contract("DSK-4")
def test_a_stopped_desktop_stays_stopped_after_its_change(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    # when
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "essentiel", by=OWNER)
    renting.pump()
    # then
    changed = renting.now_of(desktop)
    assert (changed.state, changed.configuration_code) == (State.STOPPED, "essentiel")


@pytest.mark.contract("DSK-4")
def test_a_smaller_disk_is_never_offered(renting: Renting) -> None:
    # given a desktop on the largest disk
    desktop = renting.rent(configuration="graphique")
    # then
    assert "standard" not in {each.code for each in renting.desktops.changes_for(desktop)}
    with pytest.raises(FieldErrors):
        renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "standard", by=OWNER)


@pytest.mark.contract("DSK-3")
def test_a_desktop_is_renamed_and_assigned(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    renting.rent("Atelier")
    # when
    renting.desktops.rename(ACCOUNT, desktop.id, "  Salle   de réunion ", by=OWNER)
    renting.desktops.assign(ACCOUNT, desktop.id, "usr_user", by=OWNER)
    # then
    changed = renting.now_of(desktop)
    assert (changed.name, changed.assigned_user_id) == ("Salle de réunion", "usr_user")
    # and a name that is empty, too long, taken or unreadable is refused beside its field
    for name in ("", "  ", "x" * 61, "atelier", "a\0b", "\u202ecod.exe"):
        with pytest.raises(FieldErrors) as refused:
            renting.desktops.rename(ACCOUNT, desktop.id, name, by=OWNER)
        assert "name" in refused.value.errors


@pytest.mark.contract("DSK-6")
def test_a_deletion_is_confirmed_by_the_name_and_ends_billing_at_once(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    # when another name is typed, then nothing happens
    with pytest.raises(FieldErrors):
        renting.desktops.request_delete(ACCOUNT, desktop.id, "Atelier", by=OWNER)
    assert renting.now_of(desktop).state is State.RUNNING
    # when the name is typed
    renting.clock.set("2026-11-20 12:00")
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    # then billing has ended, though the machine is still there
    deleting = renting.now_of(desktop)
    assert (deleting.state, deleting.deleted_at) == (State.DELETING, paris("2026-11-20 12:00"))
    assert renting.machines.alive
    # when the worker is slow
    renting.clock.advance(hours=30)
    renting.pump()
    # then the machine, the code and the secret are gone, and the client is told
    assert renting.now_of(desktop).state is State.DELETED
    assert renting.now_of(desktop).deleted_at == paris("2026-11-20 12:00")
    assert not renting.machines.alive
    code = renting.desktop_storage.code(desktop.id)
    assert code is not None
    assert code.ciphertext is None
    assert not renting.secrets.laid
    assert len(renting.mails("desktop_deleted")) == 1


@pytest.mark.contract("DSK-2", "DSK-6")
def test_a_desktop_deleted_while_its_machine_is_made_leaves_no_machine(renting: Renting) -> None:
    # given a desktop being made, whose deletion is recorded just before its machine is
    renting.validate("Accueil")
    make = renting.machines.launch

    def launch_while_deleted(request: object) -> str:
        machine_id = make(request)  # type: ignore[arg-type]
        desktop = renting.named("Accueil")
        if desktop.state is State.PROVISIONING:
            renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
        return machine_id

    renting.machines.launch = launch_while_deleted  # type: ignore[method-assign]
    # when
    renting.pump()
    # then
    assert renting.named("Accueil").state is State.DELETED
    assert renting.machines.machines
    assert not renting.machines.alive


@pytest.mark.contract("DSK-1", "DSK-2")
def test_a_cloud_that_refuses_for_good_fails_the_desktop_and_says_so(renting: Renting) -> None:
    # given
    renting.machines.refusals = [FinalGatewayError("no such image", code="InvalidAMIID.NotFound")]
    # when
    desktop = renting.rent()
    # then
    assert desktop.state is State.FAILED
    assert desktop.history[-1].why == "InvalidAMIID.NotFound"
    assert len(renting.mails("desktop_failed")) == 1
    assert not renting.mails("desktop_ready")
    assert not renting.secrets.laid


@pytest.mark.contract("DSK-2")
def test_a_cloud_that_is_busy_is_asked_again(renting: Renting) -> None:
    # given a cloud that refuses more often than a message is tried
    renting.machines.refusals = [TemporaryGatewayError("throttled")] * 8
    renting.validate("Accueil")
    # when its messages are handled, none of which may fail: it would end in the dead-letter queue
    while (message := renting.queues.take()) is not None:
        if message.queue is Queue.DESKTOPS:
            renting.handle(message)
    # then
    assert renting.named("Accueil").state is State.RUNNING


@pytest.mark.contract("DSK-1", "DSK-2")
def test_a_cloud_that_is_busy_for_two_hours_fails_the_desktop(renting: Renting) -> None:
    # given a message that is lost after each refusal
    renting.machines.refusals = [TemporaryGatewayError("no capacity")] * 50
    renting.validate("Accueil")
    renting.handle(renting.queues.take())
    renting.queues.waiting.clear()
    desktop = renting.named("Accueil")
    # when the scheduled look takes it up again, every half hour
    for _ in range(4):
        renting.look(desktop)
        assert renting.now_of(desktop).state is State.PROVISIONING
        renting.clock.advance(minutes=30)
    renting.clock.advance(minutes=1)
    for _ in range(4):
        renting.look(desktop)
    # then
    assert renting.now_of(desktop).state is State.FAILED


@pytest.mark.contract("DSK-2")
def test_a_machine_taken_back_before_it_is_ready_is_made_again(renting: Renting) -> None:
    # given a machine that the cloud ends while it boots
    renting.machines.looks_needed = 3
    renting.validate("Accueil")
    while not renting.machines.machines:
        renting.handle(renting.queues.take())
    renting.machines.take_back(renting.machines.alive[0].id)
    # when
    renting.pump()
    # then another one was made, under another token
    desktop = renting.named("Accueil")
    assert (desktop.state, desktop.generation) == (State.RUNNING, 2)
    assert len(renting.machines.alive) == 1


@pytest.mark.contract("DSK-2")
def test_the_scheduled_look_takes_up_what_lost_its_message(renting: Renting) -> None:
    # given every message lost, at each step
    renting.validate("Accueil")
    renting.handle(renting.queues.take())
    for _ in range(6):
        renting.queues.waiting.clear()
        # when
        renting.desktops.watch()
        renting.handle(renting.queues.take())
        if renting.named("Accueil").state is State.RUNNING:
            break
    # then
    assert renting.named("Accueil").state is State.RUNNING
    assert renting.desktops.watch() == 0


@pytest.mark.contract("DSK-3")
def test_an_operation_that_never_ends_is_given_up_and_the_state_kept(renting: Renting) -> None:
    # given a desktop whose stop never completes
    desktop = renting.rent()
    renting.machines.looks_needed = 10_000
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    renting.queues.waiting.clear()
    renting.look(desktop)
    # when two hours have passed
    renting.clock.advance(hours=2, minutes=1)
    renting.queues.waiting.clear()
    renting.look(desktop)
    renting.pump()
    # then
    kept = renting.now_of(desktop)
    assert (kept.state, kept.operation) == (State.RUNNING, None)
    assert kept.history[-1].event == "given_up"


@pytest.mark.contract("DSK-2")
def test_a_machine_not_listed_yet_is_waited_for_not_made_twice(renting: Renting) -> None:
    # given a cloud whose lists lag behind
    renting.validate("Accueil")
    while not renting.machines.machines:
        renting.handle(renting.queues.take())
    (machine_id, machine), *_ = renting.machines.machines.items()
    del renting.machines.machines[machine_id]
    desktop = renting.named("Accueil")
    # when it is looked at
    renting.look(desktop)
    # then nothing is made, and later it is seen
    assert not renting.machines.machines
    renting.machines.machines[machine_id] = machine
    renting.pump()
    assert renting.named("Accueil").state is State.RUNNING
    assert renting.machines.alive[0].status is MachineStatus.RUNNING


@pytest.mark.contract("ACC-4", "DSK-3")
def test_who_sees_and_uses_which_desktop(renting: Renting) -> None:
    # given two desktops, one of them a plain user's
    user = renting.colleague(Role.USER)
    renting.rent("Accueil", user_ids=(user.id,))
    renting.rent("Atelier")
    desktops = renting.desktops.of_account(ACCOUNT)
    # then a user sees theirs, the others all; only managers and that user may use them
    assert [each.name for each in visible(user, desktops)] == ["Accueil"]
    for role in (Role.OWNER, Role.ADMINISTRATOR, Role.BILLING):
        assert len(visible(renting.colleague(role), desktops)) == 2
    usable = {
        role: [each.name for each in desktops if may_use(renting.colleague(role), each)]
        for role in (Role.OWNER, Role.BILLING, Role.USER)
    }
    assert usable == {
        Role.OWNER: ["Accueil", "Atelier"],
        Role.BILLING: [],
        Role.USER: ["Accueil"],
    }


@pytest.mark.contract("DSK-3")
def test_another_accounts_desktop_does_not_exist(renting: Renting) -> None:
    desktop = renting.rent()
    for act in (renting.desktops.request_stop, renting.desktops.request_new_code):
        with pytest.raises(NotFoundError):
            act("acc_other", desktop.id, by="usr_other")


@pytest.mark.contract("DSK-2")
def test_an_emulated_cloud_that_forgot_gets_its_machines_again(renting: Renting) -> None:
    # given a running and a stopped desktop, and a cloud started anew
    running, stopped = renting.rent("Accueil"), renting.rent("Atelier")
    renting.desktops.request_stop(ACCOUNT, stopped.id, by=OWNER)
    renting.pump()
    renting.machines.machines.clear()
    renting.machines.__init__()  # type: ignore[misc]
    # when
    for desktop in (running, stopped):
        renting.worker.make_again(ACCOUNT, desktop.id)
        renting.worker.make_again(ACCOUNT, desktop.id)
    # then each has one again, in its state
    assert len(renting.machines.alive) == 2
    assert renting.now_of(running).state is State.RUNNING
    assert renting.now_of(stopped).state is State.STOPPED
    renting.desktops.request_stop(ACCOUNT, running.id, by=OWNER)
    renting.pump()
    assert renting.now_of(running).state is State.STOPPED
    assert renting.clock.now() - running.created_at < timedelta(days=1)
