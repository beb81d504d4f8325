"""The clouds' inventory compared with ours every five minutes (DSK-9)."""

import contextlib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.desktops.clouds.machines import LaunchRequest, MachineStatus
from chalicelib.desktops.connection.ways import browser_address
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.desktops.reconciliation.findings import FindingKind
from chalicelib.foundation.errors import DomainError, TemporaryGatewayError
from chalicelib.foundation.messages import Queue
from tests.fakes.desktops import ACCOUNT, Renting

OWNER = "usr_acc_lumen"


@pytest.fixture
def renting() -> Renting:
    renting = Renting()
    renting.rent("Accueil")
    renting.rent("Atelier")
    return renting


def a_machine_of_nobody(renting: Renting, desktop_id: str = "dsk_unknown") -> str:
    request = LaunchRequest(
        "token", desktop_id, ACCOUNT, "t3.medium", "ami-1", "Windows", 50, "/nowhere"
    )
    machine_id = renting.machines.launch(request)
    for _ in range(3):
        renting.machines.describe([machine_id])
    return machine_id


@pytest.mark.contract("DSK-9")
def test_a_clean_inventory_writes_nothing(renting: Renting) -> None:
    # given desktops that run, one that is stopped, one suspended, one being made, one deleted
    renting.desktops.request_stop(ACCOUNT, renting.named("Atelier").id, by=OWNER)
    renting.rent("Vente")
    renting.rent("Stock")
    renting.desktops.request_delete(ACCOUNT, renting.named("Vente").id, "Vente", by=OWNER)
    renting.pump()
    renting.validate("Neuf", order_id="ord_new")
    renting.handle(renting.queues.take())
    before, messages = renting.tables.commits, len(renting.queues.of(Queue.DESKTOPS))
    # when
    report = renting.reconciliation.run()
    # then
    assert report.is_clean
    assert (report.machines, report.desktops) == (3, 5)
    assert renting.tables.commits == before
    assert len(renting.queues.of(Queue.DESKTOPS)) == messages


@pytest.mark.contract("DSK-9")
def test_a_machine_of_nobody_is_stopped_and_reported_once(renting: Renting) -> None:
    # given
    machine_id = a_machine_of_nobody(renting)
    # when the comparison runs twice
    first, second = renting.reconciliation.run(), renting.reconciliation.run()
    # then
    assert (first.orphans, second.orphans) == (1, 0)
    assert renting.machines.machines[machine_id].status in {
        MachineStatus.STOPPING,
        MachineStatus.STOPPED,
    }
    (finding,) = renting.reconciliation.open_findings()
    assert (finding.kind, finding.machine_id) == (FindingKind.ORPHAN, machine_id)
    # when it is closed, and nothing new happens
    renting.reconciliation.close(finding.id, "Gardée pour analyse", by="operator:u")
    renting.reconciliation.run()
    assert renting.reconciliation.open_findings() == []
    # when somebody starts it again, then it is stopped and reported again
    renting.machines.describe([machine_id])
    renting.machines.describe([machine_id])
    renting.machines.start(machine_id)
    assert renting.reconciliation.run().orphans == 1


@pytest.mark.contract("DSK-9", "DSK-2")
def test_a_machine_just_launched_is_left_to_be_recorded(renting: Renting) -> None:
    # given one launched five minutes ago, whose desktop is not recorded yet
    renting.machines.launched_at = renting.clock.now() - timedelta(minutes=5)
    a_machine_of_nobody(renting)
    assert renting.reconciliation.run().is_clean
    # when it is still nobody's ten minutes after its launch
    renting.clock.advance(minutes=6)
    assert renting.reconciliation.run().orphans == 1


@pytest.mark.contract("DSK-9")
def test_a_second_machine_of_a_deleted_desktop_is_reported_once_not_looked_at_for_ever(
    renting: Renting,
) -> None:
    # given a deleted desktop, whose own machine is gone, and another one made for it
    desktop = renting.named("Accueil")
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    second = a_machine_of_nobody(renting, desktop.id)
    # when
    first = renting.reconciliation.run()
    for _ in range(3):
        renting.machines.describe([second])
    # then it is stopped and reported, and the next comparison has nothing left to do
    assert (first.orphans, first.looked_at) == (1, 0)
    assert [finding.machine_id for finding in renting.reconciliation.open_findings()] == [second]
    assert renting.reconciliation.run().is_clean


@pytest.mark.contract("DSK-9")
def test_a_vanished_machine_opens_one_incident_and_tells_the_client(renting: Renting) -> None:
    # given
    desktop = renting.named("Accueil")
    renting.machines.take_back(str(desktop.machine_id))
    # when
    first, second = renting.reconciliation.run(), renting.reconciliation.run()
    # then
    assert (first.vanished, second.vanished) == (1, 0)
    (finding,) = renting.reconciliation.open_findings()
    assert (finding.kind, finding.desktop_id) == (FindingKind.VANISHED, desktop.id)
    assert len(renting.mails("desktop_incident")) == 1
    assert [e.kind for e in renting.journal.entries(ACCOUNT)][-1] == "desktop.incident"
    assert [m.body["type"] for m in renting.queues.of(Queue.DESKTOPS)][-1] == "ReportVanished"
    renting.pump()
    # and the desktop says so, has nothing to connect to, and is refused what needs a machine
    seen = renting.now_of(desktop)
    assert (seen.state, seen.vanished_at) == (State.RUNNING, renting.clock.now())
    assert browser_address(seen) is None
    for ask in (renting.desktops.request_stop, renting.desktops.request_new_code):
        with pytest.raises(DomainError, match="réinstaller"):
            ask(ACCOUNT, desktop.id, by=OWNER)
    # and it keeps a state from which it can be made again
    renting.desktops.request_reinstall(ACCOUNT, desktop.id, "Accueil", by="operator:u", why="Panne")
    renting.pump()
    assert renting.now_of(desktop).vanished_at is None
    assert browser_address(renting.now_of(desktop))
    assert renting.reconciliation.run().is_clean


@pytest.mark.contract("DSK-9", "MET-1")
def test_a_vanished_desktop_is_told_at_once_by_its_event_and_found_again(renting: Renting) -> None:
    # given
    desktop = renting.rent("Vente", options=(("backup", 1),))
    machine = renting.machines.machines[str(desktop.machine_id)]
    # when EventBridge tells that it was terminated
    renting.machines.take_back(machine.id)
    assert renting.desktops.machine_changed(machine.id)
    renting.pump()
    # then the page says so, no backup of it fails at night, and its days go on being counted once:
    # what is owed for the outage is a service credit's matter
    assert renting.now_of(desktop).vanished_at is not None
    renting.desktops.ask_backups()
    renting.pump()
    assert charged_items(renting.now_of(desktop), date(2026, 11, 6)) == charged_items(
        desktop, date(2026, 11, 6)
    )
    # when the cloud lists it again
    renting.machines.machines[machine.id] = replace(machine, status=MachineStatus.RUNNING)
    assert renting.reconciliation.run().looked_at == 1
    renting.pump()
    # then it is as it was
    assert renting.now_of(desktop).vanished_at is None
    assert browser_address(renting.now_of(desktop))
    assert renting.reconciliation.run().is_clean


@pytest.mark.contract("DSK-9", "DSK-1")
def test_what_the_cloud_did_by_itself_is_followed(renting: Renting) -> None:
    # given a machine stopped from inside, whose event was lost
    desktop = renting.named("Accueil")
    renting.machines.stop(str(desktop.machine_id))
    renting.machines.describe([str(desktop.machine_id)])
    renting.machines.describe([str(desktop.machine_id)])
    # when
    assert renting.reconciliation.run().looked_at == 1
    renting.pump()
    # then
    assert renting.now_of(desktop).state is State.STOPPED
    assert renting.reconciliation.run().is_clean


@pytest.mark.contract("DSK-9", "DSK-6")
def test_what_is_left_of_a_desktop_that_is_over_is_destroyed(renting: Renting) -> None:
    # given a desktop recorded as deleted, whose machine lives
    desktop = renting.named("Accueil")
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    machine_id = str(desktop.machine_id)
    renting.machines.machines[machine_id] = replace(
        renting.machines.machines[machine_id], status=MachineStatus.RUNNING
    )
    # when
    renting.reconciliation.run()
    renting.pump()
    # then
    assert [machine.request.desktop_id for machine in renting.machines.alive] == [
        renting.named("Atelier").id
    ]
    assert renting.reconciliation.open_findings() == []


@pytest.mark.contract("DSK-9", "DSK-2")
def test_a_provisioning_that_is_stuck_is_retried_then_failed(renting: Renting) -> None:
    # given a desktop whose messages are lost, and a cloud without room
    renting.machines.refusals = [TemporaryGatewayError("full", code="InsufficientInstanceCapacity")]
    renting.machines.refusals *= 50
    renting.validate("Neuf", order_id="ord_new")
    renting.handle(renting.queues.take())
    # when the scheduled jobs wake every half hour, for three hours
    for _ in range(10):
        renting.queues.waiting.clear()
        renting.desktops.watch()
        renting.reconciliation.run()
        for message in list(renting.queues.waiting):
            with contextlib.suppress(TemporaryGatewayError, KeyError):
                renting.handle(message)
        renting.clock.advance(minutes=30)
    # then it was tried again and again, and given up: nothing is billed
    assert renting.named("Neuf").state is State.FAILED
    assert len(renting.machines.refusals) < 48


@pytest.mark.contract("DSK-9")
def test_what_stays_under_way_for_too_long_is_reported_once(renting: Renting) -> None:
    # given a deletion that the cloud never carries out
    desktop = renting.named("Accueil")
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.queues.waiting.clear()
    renting.clock.advance(hours=3)
    # when
    first, second = renting.reconciliation.run(), renting.reconciliation.run()
    # then
    assert (first.stuck, second.stuck) == (1, 0)
    (finding,) = renting.reconciliation.open_findings()
    assert (finding.kind, finding.desktop_id) == (FindingKind.STUCK, desktop.id)


@pytest.mark.contract("DSK-9")
def test_an_inventory_that_cannot_be_read_whole_concludes_nothing(renting: Renting) -> None:
    # given a cloud that stops answering in the middle
    def torn() -> object:
        yield next(iter(real()))
        raise TemporaryGatewayError("throttled")

    real = renting.machines.inventory
    renting.machines.inventory = torn  # type: ignore[method-assign, assignment]
    # when
    with pytest.raises(TemporaryGatewayError):
        renting.reconciliation.run()
    # then no desktop is said to have vanished
    assert renting.reconciliation.open_findings() == []
