"""What the comparison with the clouds found wrong, until an operator closes it (DSK-9)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """What can be wrong."""

    ORPHAN = "orphan"  # a machine that is nobody's: it was stopped
    VANISHED = "vanished"  # a desktop whose machine is gone: an incident
    STUCK = "stuck"  # something under way for too long


@dataclass(frozen=True)
class Finding:
    """One thing found; its id names the situation, so that seeing it again reports nothing new."""

    id: str
    kind: FindingKind
    provider: str
    account_id: str
    desktop_id: str
    machine_id: str
    found_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    note: str = ""
    version: int = 0


@dataclass(frozen=True)
class Comparison:
    """What the last comparison that was asked for saw, and how much it found that was not known."""

    at: datetime
    machines: int
    desktops: int
    new: int


def finding_id(kind: FindingKind, subject: str, since: datetime | None = None) -> str:
    """Name a situation: which machine, or which desktop since when."""
    stamp = f"-{int(since.timestamp())}" if since else ""
    return f"{kind}-{subject}{stamp}"
