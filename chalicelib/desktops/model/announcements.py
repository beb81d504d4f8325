"""What a desktop's change tells others: the worker by a message, the journal by facts (DSK-1)."""

from typing import Any

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.messages import Message, Queue


def work_message(desktop: Desktop, do: str, delay_seconds: int = 0) -> Message:
    """Make the message that has the worker look at a desktop."""
    return Message(
        Queue.DESKTOPS,
        f"{do}:{desktop.id}",
        {"do": do, "account_id": desktop.account_id, "desktop_id": desktop.id},
        delay_seconds=delay_seconds,
    )


def pods_message(desktop: Desktop) -> Message:
    """Make the message that has its OmnyPods compared with what it is rented with (CAT-2)."""
    body = {"do": "settle", "account_id": desktop.account_id, "desktop_id": desktop.id}
    return Message(Queue.EQUIPMENT, f"settle:{desktop.id}", body)


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
