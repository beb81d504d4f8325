"""What to do next for a desktop, seeing its machine: the worker's decisions (DSK-2, 4, 5, 8).

The worker never remembers what it already did outside: it looks, decides here, acts, records.
Whatever step was lost is found undone at the next look, and taken again.
"""

from enum import StrEnum

from chalicelib.desktops.clouds.machines import MachineState, MachineStatus
from chalicelib.desktops.model.desktop import Desktop, Operation
from chalicelib.desktops.model.lifecycle import State

# Of ``Desktop.restoring``, instead of the backup: the return is given up and the former disk put
# back; the disk is the backup's, or again the former one, and the machine comes back next.
UNDOING, RESTORED, NOT_RESTORED = "undoing", "done", "failed"
RETURN_ENDS = frozenset({UNDOING, RESTORED, NOT_RESTORED})


class Step(StrEnum):
    """One thing to do: first the calls to the cloud, then what is only recorded."""

    LAUNCH = "launch"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    CHANGE_TYPE = "change_type"
    GROW = "grow"
    ISOLATE = "isolate"
    RECONNECT = "reconnect"
    RESTORE = "restore"
    UNDO_RESTORE = "undo_restore"
    TERMINATE = "terminate"
    GIVE_CODE = "give_code"
    WAIT = "wait"
    RELAUNCH = "relaunch"
    SETTLE = "settle"
    RECORD_READY = "record_ready"
    RECORD_STARTED = "record_started"
    RECORD_STOPPED = "record_stopped"
    RECORD_RESTARTED = "record_restarted"
    RECORD_RECONFIGURED = "record_reconfigured"
    RECORD_BACK = "record_back"
    RECORD_HELD = "record_held"
    RECORD_VANISHED = "record_vanished"
    RECORD_FOUND = "record_found"
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
    if desktop.state is State.REINSTALLING and not desktop.restoring:
        return _reinstalling(desktop, machine)
    if machine is None or machine.status in {GONE, UNKNOWN}:
        return _vanished(desktop)
    if desktop.vanished_at:
        return Step.RECORD_FOUND
    return _with_machine(desktop, machine, wanted_type)


def _with_machine(desktop: Desktop, machine: MachineState, wanted_type: str) -> Step:
    if desktop.state is State.RECONFIGURING:
        return _reconfiguring(desktop, machine, wanted_type)
    if desktop.state is State.REINSTALLING:
        return _restoring(desktop, machine)
    if desktop.operation is None:
        return _idle(desktop, machine)
    if desktop.operation is Operation.HOLDING:
        return _holding(desktop.state, machine)
    if desktop.operation is Operation.RELEASING:
        return _releasing(desktop.state, machine)
    return _OPERATIONS[desktop.operation].get(machine.status, Step.WAIT)


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
    Operation.GROWING: {RUNNING: Step.GROW, STOPPED: Step.GROW},
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


def _vanished(desktop: Desktop) -> Step:
    """Its machine is gone: said on the desktop, of which reconciliation opens an incident (DSK-9).

    A measure has nothing left to act on; what else was asked is given up.
    """
    if desktop.operation in {Operation.HOLDING, Operation.RELEASING}:
        return Step.RECORD_HELD
    if desktop.is_to_settle:
        return Step.SETTLE
    if desktop.is_moving:
        return Step.WAIT
    return Step.NOTHING if desktop.vanished_at else Step.RECORD_VANISHED


def _reconfiguring(desktop: Desktop, machine: MachineState, wanted_type: str) -> Step:
    """Stop, change the type, start again if it was running (DSK-4)."""
    if machine.status in {PENDING, STOPPING}:
        return Step.WAIT
    if machine.instance_type != wanted_type:
        return Step.STOP if machine.status is RUNNING else Step.CHANGE_TYPE
    return _return(machine, desktop.was_running, Step.RECORD_RECONFIGURED)


def _reinstalling(desktop: Desktop, machine: MachineState | None) -> Step:
    """Destroy the former machine, then make another from the image (DSK-5)."""
    if desktop.replaced_machine_id:
        gone = machine is None or machine.status in {GONE, UNKNOWN}
        return Step.LAUNCH if gone else Step.TERMINATE
    step = _provisioning(machine)
    return Step.RECORD_BACK if step is Step.RECORD_READY else step


def _restoring(desktop: Desktop, machine: MachineState) -> Step:
    """Stop, put the backup's content on the disk, start again if it was running (DSK-5).

    A return given up has its former disk put back first.
    """
    if machine.status in {PENDING, STOPPING}:
        return Step.WAIT
    if desktop.restoring == UNDOING:
        return Step.UNDO_RESTORE
    if desktop.restoring not in RETURN_ENDS:
        return Step.STOP if machine.status is RUNNING else Step.RESTORE
    return _return(machine, desktop.was_running, Step.RECORD_BACK)


def _return(machine: MachineState, to_running: bool, record: Step) -> Step:
    """Bring the machine to run or to stand still; record once it does."""
    if machine.status in {PENDING, STOPPING}:
        return Step.WAIT
    if (machine.status is RUNNING) is to_running:
        return record
    return Step.START if to_running else Step.STOP


def _idle(desktop: Desktop, machine: MachineState) -> Step:
    """Nothing was asked: follow what the cloud did by itself, enforce what was decided."""
    if desktop.is_to_settle:
        return Step.SETTLE
    if desktop.state is State.SUSPENDED:
        return Step.STOP if machine.status is RUNNING else Step.NOTHING
    if machine.isolated is not (desktop.state is State.ISOLATED):
        return Step.RECONNECT if machine.isolated else Step.ISOLATE
    if desktop.state is State.RUNNING and machine.status is STOPPED:
        return Step.RECORD_STOPPED
    if desktop.state is State.STOPPED and machine.status is RUNNING:
        return Step.RECORD_STARTED
    return Step.NOTHING


def _holding(state: State, machine: MachineState) -> Step:
    if state is State.SUSPENDED:
        return _return(machine, False, Step.RECORD_HELD)
    return Step.RECORD_HELD if machine.isolated else Step.ISOLATE


def _releasing(state: State, machine: MachineState) -> Step:
    if machine.isolated:
        return Step.RECONNECT
    return _return(machine, state is State.RUNNING, Step.RECORD_HELD)
