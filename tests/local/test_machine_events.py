"""The local stack tells of machines that changed, as EventBridge would."""

from typing import Any

import pytest

from chalicelib.desktops.clouds.machines import MachineStatus
from chalicelib.desktops.model.lifecycle import State
from infra.local.stack.machine_events import MachineEvents
from tests.fakes.desktops import ACCOUNT, Renting


@pytest.mark.contract("DSK-1", "CON-3")
def test_a_machine_that_changes_by_itself_shows_at_once() -> None:
    # given a running desktop, and the events of its cloud
    renting = Renting()
    desktop = renting.rent()
    told: list[dict[str, Any]] = []

    def tell(event: dict[str, Any]) -> None:
        told.append(event)
        renting.desktops.machine_changed(event["detail"]["instance-id"])

    events = MachineEvents(renting.machines.inventory, tell)
    assert events.look() == 0
    assert events.look() == 0, "nothing changed: nothing is told"
    # when its user shuts it down from inside
    renting.machines.stop(str(desktop.machine_id))
    while renting.machines.describe([str(desktop.machine_id)])[str(desktop.machine_id)].status is (
        MachineStatus.STOPPING
    ):
        pass
    assert events.look() == 1
    renting.pump()
    # then
    assert told[-1]["detail"] == {"instance-id": desktop.machine_id, "state": "stopped"}
    stopped = renting.now_of(desktop)
    assert (stopped.state, stopped.address) == (State.STOPPED, None)
    assert stopped.history[-1].why == "in the cloud"
    # when it is terminated behind us, then its end is told too, and nothing of ours breaks
    renting.machines.take_back(str(desktop.machine_id))
    assert events.look() == 1
    renting.pump()
    assert renting.desktops.get(ACCOUNT, desktop.id).state is State.STOPPED
    # and a machine nobody knows is nobody's
    assert renting.desktops.machine_changed("i-unknown") is False
