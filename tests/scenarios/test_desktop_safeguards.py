"""What keeps a client's desktop from harm: exact names, no stale address, no stray machine.

(DSK-2, DSK-3, DSK-5, DSK-6, DSK-9)
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.desktops.clouds.machines import ListedMachine
from chalicelib.desktops.connection.ways import browser_address
from chalicelib.desktops.model.desktop import Desktop, Operation
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.messages import Queue
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.machines import FakeMachines

OWNER = "usr_acc_lumen"
NAME = "Poste Été"


@pytest.fixture
def renting() -> Renting:
    renting = Renting()
    renting.rent(NAME, options=(("backup", 1),))
    return renting


def a_backup(renting: Renting, desktop: Desktop) -> str:
    """Have today's backup made; give its name."""
    renting.desktops.ask_backups()
    renting.pump()
    return renting.now_of(desktop).backups[0].snapshot_id


def confirmed(renting: Renting, action: str, desktop: Desktop, snapshot: str, typed: str) -> Any:
    """Ask for what a name confirms."""
    asked: dict[str, Callable[[], Desktop]] = {
        "delete": lambda: renting.desktops.request_delete(ACCOUNT, desktop.id, typed, by=OWNER),
        "reinstall": lambda: renting.desktops.request_reinstall(
            ACCOUNT, desktop.id, typed, by=OWNER
        ),
        "restore": lambda: renting.desktops.request_restore(
            ACCOUNT, desktop.id, snapshot, typed, by=OWNER
        ),
    }
    return asked[action]()


# --- names typed to confirm -----------------------------------------------------------------------


@pytest.mark.contract("DSK-5", "DSK-6")
@pytest.mark.parametrize("action", ["delete", "reinstall", "restore"])
@pytest.mark.parametrize(
    "typed", ["poste été", "POSTE ÉTÉ", "Poste été", "Poste Ete", "Poste", "PosteÉté", ""]
)
def test_what_erases_asks_for_the_very_name(renting: Renting, action: str, typed: str) -> None:
    # Given a desktop with a backup, when another name is typed than its own, to the letter
    desktop = renting.named(NAME)
    snapshot = a_backup(renting, desktop)
    before = renting.now_of(desktop)
    with pytest.raises(FieldErrors) as refused:
        confirmed(renting, action, desktop, snapshot, typed)
    # Then the field is named and nothing has changed
    assert list(refused.value.errors) == ["name"]
    assert renting.now_of(desktop) == before


@pytest.mark.contract("DSK-5", "DSK-6")
@pytest.mark.parametrize(
    ("action", "state"),
    [("delete", "deleting"), ("reinstall", "reinstalling"), ("restore", "reinstalling")],
)
def test_the_very_name_confirms_whatever_the_spaces(
    renting: Renting, action: str, state: str
) -> None:
    desktop = renting.named(NAME)
    snapshot = a_backup(renting, desktop)
    assert confirmed(renting, action, desktop, snapshot, "  Poste   Été ").state == state


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.contract("DSK-1", "DSK-3")
@pytest.mark.parametrize("by", ["its client", "the cloud"])
def test_a_stopped_desktop_has_no_address_and_gets_another_when_it_starts(
    renting: Renting, by: str
) -> None:
    # Given a desktop that runs at an address
    desktop = renting.named(NAME)
    former = desktop.address
    assert former
    # When it is stopped, by its client or from inside
    if by == "its client":
        renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    else:
        renting.machines.stop(renting.machines.alive[0].id)
        renting.machines.describe([renting.machines.alive[0].id] * 3)
        renting.desktops.machine_changed(desktop.machine_id or "")
    renting.pump()
    # Then nobody is sent to the address it had, which is another machine's by now
    stopped = renting.now_of(desktop)
    assert (stopped.state, stopped.address) == (State.STOPPED, None)
    # And it starts at a new one
    renting.desktops.request_start(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    assert renting.now_of(desktop).address not in {None, former}
    assert browser_address(renting.now_of(desktop))


# --- machines -------------------------------------------------------------------------------------


@pytest.mark.contract("DSK-2", "DSK-6")
@pytest.mark.parametrize("deleted_first", [True, False])
@pytest.mark.parametrize("place", [0, 1])
def test_a_desktop_deleted_while_it_is_launched_leaves_no_machine(
    place: int, deleted_first: bool
) -> None:
    # Given a desktop whose worker is about to ask for its machine, or has just got it
    renting = Renting()
    renting.machines.looks_needed = 2
    switch = KillSwitch()
    machines = Mortal(renting.machines, switch, frozenset({"launch"}))
    renting.build(renting.tables, machines, renting.secrets)
    renting.validate(NAME)

    def delete() -> None:
        desktop = renting.named(NAME)
        renting.desktops.request_delete(ACCOUNT, desktop.id, NAME, by=OWNER)
        if deleted_first:
            renting.pump()

    # When its client deletes it meanwhile, the deletion carried out at once or later
    switch.interrupt(place, delete)
    renting.pump()
    # Then no machine is left in the cloud, whatever came first, and reconciliation finds nothing
    assert renting.machines.machines
    assert renting.machines.alive == []
    assert renting.named(NAME).state is State.DELETED
    renting.clock.advance(hours=1)
    assert renting.reconciliation.run().is_clean


class SlowTags(FakeMachines):
    """A cloud that finds by its tag only what was made some time ago."""

    def find(self, desktop_id: str) -> str | None:
        return None


@pytest.mark.contract("DSK-2", "DSK-6")
def test_a_machine_made_for_a_desktop_already_deleted_is_destroyed_by_its_name() -> None:
    # Given a worker about to ask for a machine, in a cloud whose tags are found late
    renting = Renting()
    renting.machines = SlowTags()
    switch = KillSwitch()
    machines = Mortal(renting.machines, switch, frozenset({"launch"}))
    renting.build(renting.tables, machines, renting.secrets)
    renting.validate(NAME)

    def delete() -> None:
        renting.desktops.request_delete(ACCOUNT, renting.named(NAME).id, NAME, by=OWNER)
        renting.pump()

    # When the desktop is deleted for good before the machine is made
    switch.interrupt(0, delete)
    renting.pump()
    # Then the machine made for nobody is destroyed all the same
    assert len(renting.machines.machines) == 1
    assert renting.machines.alive == []


@pytest.mark.contract("DSK-2", "DSK-6")
def test_a_machine_made_and_not_recorded_is_found_by_its_tag_and_destroyed() -> None:
    # Given a worker that dies once the cloud has made the machine, before it is recorded
    renting = Renting()
    switch = KillSwitch()
    machines = Mortal(renting.machines, switch, frozenset({"launch"}))
    renting.build(renting.tables, machines, renting.secrets)
    renting.validate(NAME)
    switch.arm(1)
    with pytest.raises(Killed):
        renting.pump()
    switch.arm(None)
    assert renting.named(NAME).machine_id is None
    assert len(renting.machines.alive) == 1
    # When the desktop is deleted, then so is the machine it has no record of
    renting.desktops.request_delete(ACCOUNT, renting.named(NAME).id, NAME, by=OWNER)
    renting.pump()
    assert renting.machines.alive == []
    assert renting.named(NAME).state is State.DELETED


class ForgetfulInventory(FakeMachines):
    """A cloud whose list of machines lags: it omits some that it describes."""

    def __init__(self) -> None:
        super().__init__()
        self.omitted: set[str] = set()

    def inventory(self) -> Iterator[ListedMachine]:
        return (one for one in super().inventory() if one.id not in self.omitted)


@pytest.mark.contract("DSK-9")
def test_no_incident_is_opened_for_a_machine_that_a_second_look_finds() -> None:
    # Given a desktop whose machine runs, and is missing from the cloud's list
    renting = Renting()
    renting.machines = ForgetfulInventory()
    renting.build(renting.tables, renting.machines, renting.secrets)
    desktop = renting.rent(NAME)
    renting.machines.omitted.add(desktop.machine_id or "")
    renting.clock.advance(hours=1)
    # When the inventory is compared
    report = renting.reconciliation.run()
    renting.pump()
    # Then no incident is opened and its client is told nothing
    assert report.vanished == 0
    assert renting.reconciliation.open_findings() == []
    assert renting.mails("desktop_incident") == []
    assert renting.now_of(desktop).vanished_at is None
    # And once it is really gone, one is
    renting.machines.take_back(desktop.machine_id or "")
    assert renting.reconciliation.run().vanished == 1
    assert len(renting.mails("desktop_incident")) == 1


@pytest.mark.contract("DSK-9", "DSK-6")
@pytest.mark.parametrize("meanwhile", ["deleted", "reinstalled", "being reinstalled"])
def test_no_incident_is_opened_for_what_its_client_had_removed_meanwhile(
    renting: Renting, meanwhile: str
) -> None:
    # Given a desktop that its client deletes, or reinstalls, once the lists have been read
    desktop = renting.named(NAME)
    renting.machines.take_back(desktop.machine_id or "")
    switch = KillSwitch()
    tables = Mortal(renting.tables, switch, frozenset({"get"}))
    renting.build(tables, renting.machines, renting.secrets)  # type: ignore[arg-type]

    def act() -> None:
        action = "delete" if meanwhile == "deleted" else "reinstall"
        confirmed(renting, action, desktop, "", NAME)
        if meanwhile != "being reinstalled":
            renting.pump()

    switch.interrupt(0, act)
    # When the comparison comes to it, then the second reading knows
    assert renting.reconciliation.run().vanished == 0
    assert switch.passed, "nothing was read a second time"
    assert renting.reconciliation.open_findings() == []
    assert not [m for m in renting.queues.of(Queue.MAIL) if "incident" in m.body["template"]]
    renting.clock.advance(minutes=20)
    assert renting.reconciliation.run().vanished == 0


# --- measures -------------------------------------------------------------------------------------


@pytest.mark.contract("DSK-8")
@pytest.mark.parametrize("kind", ["isolation", "suspension"])
def test_a_measure_lifted_while_it_is_carried_out_is_undone_though_a_message_is_lost(
    renting: Renting, kind: str
) -> None:
    # Given a measure that the worker is carrying out
    desktop = renting.named(NAME)
    renting.desktops.take_measure(
        ACCOUNT, desktop.id, kind, "Raison", by="operator:usr_op", key="m1"
    )
    assert renting.now_of(desktop).operation is Operation.HOLDING
    # When it is lifted before that is done, and the message that would undo it is lost
    renting.desktops.lift_measure(ACCOUNT, desktop.id, "m1", why="", by="operator:usr_op")
    while renting.now_of(desktop).operation is Operation.HOLDING:
        renting.look(desktop)
    assert renting.now_of(desktop).state is not State.RUNNING
    renting.queues.waiting.clear()
    # Then the next scheduled look sees to it, and the desktop runs again, connected
    renting.desktops.watch()
    renting.pump()
    free = renting.now_of(desktop)
    assert (free.state, free.operation, free.measures) == (State.RUNNING, None, ())
    assert free.address
    assert not renting.machines.alive[0].isolated
    # And nothing is left to look at
    assert renting.desktops.watch() == 0
