"""What to do next for a desktop, seeing its machine: the worker's decisions (DSK-2, DSK-4).

The worker never remembers what it already did outside: it looks, decides here, acts, records.
Whatever step was lost is found undone at the next look, and taken again.
"""

from enum import StrEnum

from chalicelib.desktops.desktop import Desktop, Operation
from chalicelib.desktops.lifecycle import State
from chalicelib.desktops.machines import MachineState, MachineStatus


class Step(StrEnum):
    """One thing to do; the first five are calls to the cloud, the others only records."""

    LAUNCH = "launch"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    CHANGE_TYPE = "change_type"
    TERMINATE = "terminate"
    GIVE_CODE = "give_code"
    WAIT = "wait"
    RELAUNCH = "relaunch"
    RECORD_READY = "record_ready"
    RECORD_STARTED = "record_started"
    RECORD_STOPPED = "record_stopped"
    RECORD_RESTARTED = "record_restarted"
    RECORD_RECONFIGURED = "record_reconfigured"
    RECORD_DELETED = "record_deleted"
    NOTHING = "nothing"


PENDING, RUNNING = MachineStatus.PENDING, MachineStatus.RUNNING
STOPPING, STOPPED = MachineStatus.STOPPING, MachineStatus.STOPPED
GONE, UNKNOWN = MachineStatus.GONE, MachineStatus.UNKNOWN


def next_step(desktop: Desktop, machine: MachineState | None, wanted_type: str) -> Step:
    """Decide what a desktop needs, given its machine (None: it has none).

    ``wanted_type`` is the instance type a change of configuration leads to, or back to.
    """
    if desktop.state in {State.ORDERED, State.PROVISIONING}:
        return _provisioning(machine)
    if desktop.state in {State.DELETING, State.DELETED, State.FAILED}:
        return _ending(desktop.state, machine)
    if machine is None or machine.status in {GONE, UNKNOWN}:
        # Vanished: the reconciliation opens an incident (DSK-9); what was asked is given up.
        return Step.WAIT if desktop.is_moving else Step.NOTHING
    if desktop.state is State.RECONFIGURING:
        return _reconfiguring(desktop, machine, wanted_type)
    if desktop.operation:
        return _OPERATIONS[desktop.operation].get(machine.status, Step.WAIT)
    return Step.NOTHING


_OPERATIONS: dict[Operation, dict[MachineStatus, Step]] = {
    Operation.STARTING: {STOPPED: Step.START, RUNNING: Step.RECORD_STARTED},
    Operation.STOPPING: {
        PENDING: Step.STOP,
        RUNNING: Step.STOP,
        STOPPED: Step.RECORD_STOPPED,
    },
    Operation.RESTARTING: {RUNNING: Step.RESTART, STOPPED: Step.RECORD_STOPPED},
    Operation.REBOOTING: {RUNNING: Step.RECORD_RESTARTED, STOPPED: Step.RECORD_STOPPED},
    Operation.RENEWING_CODE: {RUNNING: Step.GIVE_CODE, STOPPED: Step.GIVE_CODE},
}


def _provisioning(machine: MachineState | None) -> Step:
    if machine is None:
        return Step.LAUNCH
    return {
        PENDING: Step.WAIT,
        RUNNING: Step.RECORD_READY,
        STOPPING: Step.WAIT,
        STOPPED: Step.START,
        GONE: Step.RELAUNCH,
        UNKNOWN: Step.WAIT,  # just made: the cloud does not list it everywhere yet
    }[machine.status]


def _ending(state: State, machine: MachineState | None) -> Step:
    """Destroy what is left, even of a desktop already over: a launch may have been in flight."""
    if machine is not None and machine.status is UNKNOWN:
        return Step.WAIT
    if machine is not None and machine.status is not GONE:
        return Step.TERMINATE
    return Step.RECORD_DELETED if state is State.DELETING else Step.NOTHING


def _reconfiguring(desktop: Desktop, machine: MachineState, wanted_type: str) -> Step:
    """Stop, change the type, start again if it was running (DSK-4)."""
    if machine.status in {PENDING, STOPPING}:
        return Step.WAIT
    if machine.instance_type != wanted_type:
        return Step.STOP if machine.status is RUNNING else Step.CHANGE_TYPE
    goal = RUNNING if desktop.was_running else STOPPED
    if machine.status is goal:
        return Step.RECORD_RECONFIGURED
    return Step.START if desktop.was_running else Step.STOP
