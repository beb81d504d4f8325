"""From the measures in force to the desktop's state (CGV art. 14; DSK-8).

Asked by the request that takes or lifts a measure, and again by the worker whenever something else
comes to its end: a measure taken in the middle of an operation waits for it.
"""

from datetime import datetime
from typing import Any

from chalicelib.desktops.model.desktop import Desktop, Operation
from chalicelib.desktops.model.lifecycle import HELD, Event, State
from chalicelib.desktops.model.measures import held_state


def settled(desktop: Desktop, *, at: datetime, by: str, why: str) -> Desktop:
    """Give the desktop in the state its measures ask for; itself when it is there already.

    What it was before the first measure, running or stopped, is what it comes back to.
    """
    if not desktop.is_to_settle:
        return desktop
    wanted = held_state(desktop.measures)
    changes: dict[str, Any] = {"moving_since": at}
    if wanted is None:
        event = Event.RELEASE if desktop.was_running else Event.RELEASE_STOPPED
        changes["operation"] = Operation.RELEASING
    else:
        event = Event.SUSPEND if wanted is State.SUSPENDED else Event.ISOLATE
        changes["operation"] = Operation.HOLDING
        if desktop.state not in HELD:
            changes["was_running"] = desktop.state is State.RUNNING
        if wanted is State.SUSPENDED:
            changes["address"] = None
    return desktop.after(event, at=at, by=by, why=why, **changes)
