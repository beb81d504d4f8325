"""The life of a desktop as one state machine, written as data (CGV art. 5, 9, 14; DSK-1).

``TRANSITIONS`` is the whole of it: what is not there is refused.  ``docs/desktop-lifecycle.md`` is
drawn from it (``python -m infra.generate.lifecycle``).
"""

from enum import StrEnum

from chalicelib.foundation.errors import DomainError


class State(StrEnum):
    """Where a desktop stands in its life."""

    ORDERED = "ordered"
    PROVISIONING = "provisioning"
    RUNNING = "running"
    STOPPED = "stopped"
    RECONFIGURING = "reconfiguring"
    REINSTALLING = "reinstalling"
    ISOLATED = "isolated"
    SUSPENDED = "suspended"
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"


class Event(StrEnum):
    """What makes a desktop pass from one state to another."""

    PROVISION = "provision"
    BE_READY = "be_ready"
    FAIL = "fail"
    START = "start"
    STOP = "stop"
    RECONFIGURE = "reconfigure"
    END_RUNNING = "end_running"
    END_STOPPED = "end_stopped"
    REINSTALL = "reinstall"
    RESTORE = "restore"
    ISOLATE = "isolate"
    SUSPEND = "suspend"
    RELEASE = "release"
    RELEASE_STOPPED = "release_stopped"
    DELETE = "delete"
    BE_DELETED = "be_deleted"


# END_… closes a change of configuration, a reinstallation or the return to a backup, done or given
# up: the desktop is again running or stopped.  RELEASE… lifts an operator's measures likewise.
TRANSITIONS: dict[State, dict[Event, State]] = {
    State.ORDERED: {
        Event.PROVISION: State.PROVISIONING,
        Event.FAIL: State.FAILED,
        Event.DELETE: State.DELETING,
    },
    State.PROVISIONING: {
        Event.BE_READY: State.RUNNING,
        Event.FAIL: State.FAILED,
        Event.DELETE: State.DELETING,
    },
    State.RUNNING: {
        Event.STOP: State.STOPPED,
        Event.RECONFIGURE: State.RECONFIGURING,
        Event.REINSTALL: State.REINSTALLING,
        Event.RESTORE: State.REINSTALLING,
        Event.ISOLATE: State.ISOLATED,
        Event.SUSPEND: State.SUSPENDED,
        Event.DELETE: State.DELETING,
    },
    State.STOPPED: {
        Event.START: State.RUNNING,
        Event.RECONFIGURE: State.RECONFIGURING,
        Event.REINSTALL: State.REINSTALLING,
        Event.RESTORE: State.REINSTALLING,
        Event.ISOLATE: State.ISOLATED,
        Event.SUSPEND: State.SUSPENDED,
        Event.DELETE: State.DELETING,
    },
    State.RECONFIGURING: {
        Event.END_RUNNING: State.RUNNING,
        Event.END_STOPPED: State.STOPPED,
        Event.DELETE: State.DELETING,
    },
    State.REINSTALLING: {
        Event.END_RUNNING: State.RUNNING,
        Event.END_STOPPED: State.STOPPED,
        Event.DELETE: State.DELETING,
    },
    State.ISOLATED: {
        Event.RELEASE: State.RUNNING,
        Event.RELEASE_STOPPED: State.STOPPED,
        Event.REINSTALL: State.REINSTALLING,
        Event.SUSPEND: State.SUSPENDED,
        Event.DELETE: State.DELETING,
    },
    State.SUSPENDED: {
        Event.RELEASE: State.RUNNING,
        Event.RELEASE_STOPPED: State.STOPPED,
        Event.ISOLATE: State.ISOLATED,
        Event.DELETE: State.DELETING,
    },
    State.DELETING: {Event.BE_DELETED: State.DELETED},
    State.DELETED: {},
    State.FAILED: {},
}

# Something outside is under way and ends by itself: the console watches these.
MOVING = frozenset(
    {
        State.ORDERED,
        State.PROVISIONING,
        State.RECONFIGURING,
        State.REINSTALLING,
        State.DELETING,
    }
)
OVER = frozenset({State.DELETED, State.FAILED})
HELD = frozenset({State.ISOLATED, State.SUSPENDED})

_REFUSALS: dict[State, str] = {
    State.ORDERED: "Ce bureau vient d’être commandé : attendez qu’il soit prêt.",
    State.PROVISIONING: "Ce bureau est en préparation : attendez qu’il soit prêt.",
    State.RUNNING: "Ce bureau est en service : cette action n’est pas possible maintenant.",
    State.STOPPED: "Ce bureau est arrêté : démarrez-le d’abord.",
    State.RECONFIGURING: "Ce bureau change de configuration : attendez la fin du changement.",
    State.REINSTALLING: "Ce bureau est en cours de réinstallation : attendez qu’elle soit finie.",
    State.ISOLATED: "Ce bureau est isolé d’Internet : faites ce que demande la mesure affichée sur "
    "sa page, ou contestez-la.",
    State.SUSPENDED: "Ce bureau est suspendu : sa page en donne la raison, et comment contester.",
    State.DELETING: "Ce bureau est en cours de suppression.",
    State.DELETED: "Ce bureau est supprimé.",
    State.FAILED: "Ce bureau n’a pas pu être créé. Il n’est pas facturé.",
}


def move(state: State, event: Event) -> State:
    """Give the state that an event leads to.

    Raises DomainError, with what the client can do, when the state does not allow it (DSK-1).
    """
    target = TRANSITIONS[state].get(event)
    if target is None:
        raise refusal(state)
    return target


def allows(state: State, event: Event) -> bool:
    """Tell whether ``move`` would accept the event."""
    return event in TRANSITIONS[state]


def refusal(state: State) -> DomainError:
    """Say why a desktop in that state cannot do what was asked."""
    return DomainError(_REFUSALS[state])
