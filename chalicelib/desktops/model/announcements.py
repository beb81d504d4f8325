"""What a desktop's change tells others: the worker by a message, the journal by facts (DSK-1)."""

from typing import Any

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.messages import AdvanceDesktop, DesktopTask, SettlePods
from chalicelib.foundation.messages import Message

WATCH = "watch"


def work_message(desktop: Desktop, because: str, delay_seconds: int = 0) -> Message:
    """Make the message that has the worker look at a desktop; ``because`` names the occasion."""
    look = AdvanceDesktop(
        account_id=desktop.account_id, desktop_id=desktop.id, once=because == WATCH
    )
    return look.message(f"{because}:{desktop.id}", delay_seconds=delay_seconds)


def task_message(task: type[DesktopTask], desktop: Desktop, name: str) -> Message:
    """Make the message that asks for something else about a desktop; ``name`` begins its key."""
    asked = task(account_id=desktop.account_id, desktop_id=desktop.id)
    return asked.message(f"{name}:{desktop.id}")


def pods_message(desktop: Desktop) -> Message:
    """Make the message that has its OmnyPods compared with what it is rented with (CAT-2)."""
    return task_message(SettlePods, desktop, "settle")


def last_step(desktop: Desktop) -> dict[str, Any]:
    """Give the facts of a desktop's last transition, for the journal (DSK-1, EVD-1)."""
    step = desktop.history[-1]
    return {
        "desktop_id": desktop.id,
        "name": desktop.name,
        "event": step.event,
        "from": step.from_state.value,
        "to": step.to_state.value,
        "configuration": desktop.configuration_code,
        "why": step.why,
    }
