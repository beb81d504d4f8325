"""What an operator corrects of usage (CGV art. 8.1; MET-4).

A correction says how many of a configuration or option count for a desktop on a Paris day, whatever
the desktop's history says: none takes the day back.  It is kept beside the day, so that the same
usage is found however often it is computed again (MET-2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Item = tuple[str, Literal["desktop", "option"], str]  # desktop, kind, code
MOST_COUNTED = 100  # of one option on one desktop


@dataclass(frozen=True)
class UsageCorrection:
    """How many count, on one day; ``by`` is the operator."""

    account_id: str
    day: date
    desktop_id: str
    desktop_name: str
    kind: Literal["desktop", "option"]
    code: str
    quantity: int
    reason: str
    by: str
    at: datetime
    version: int = 0

    @property
    def item(self) -> Item:
        """What it corrects."""
        return (self.desktop_id, self.kind, self.code)


def by_day(corrections: Iterable[UsageCorrection]) -> dict[date, list[UsageCorrection]]:
    """Gather corrections by the day they are about."""
    gathered: dict[date, list[UsageCorrection]] = {}
    for correction in corrections:
        gathered.setdefault(correction.day, []).append(correction)
    return gathered
