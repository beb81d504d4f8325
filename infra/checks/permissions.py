"""What the functions called on the local stack, by the names of the recorded permissions."""

from pathlib import Path

from infra.cloudformation.permissions.needs import normalised
from infra.local.stack.recorder import recorded


def read_recording(*files: Path) -> dict[str, set[tuple[str, str]]]:
    """Give what each function called on the local stack, by the data's names."""
    calls: dict[str, set[tuple[str, str]]] = {}
    for file in files:
        for call in recorded(file):
            pair = normalised(call.action, call.resource)
            if pair[0] != "sqs:GetQueueUrl":  # goes with SendMessage
                calls.setdefault(call.handler, set()).add(pair)
    return calls
