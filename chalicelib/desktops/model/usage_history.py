"""What a desktop is charged for on a Paris day, from its history alone (CGV art. 8.1, 9; P2-P4).

The daily metering, the usage shown so far, the forecast and the recomputation all ask this one
function.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from chalicelib.desktops.model.desktop import Desktop, Options
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.working_days import is_working_day


@dataclass(frozen=True)
class ChargedItem:
    """A configuration or an option charged for one day, once per ``quantity``."""

    kind: Literal["desktop", "option"]
    code: str
    quantity: int


def charged_days(desktop: Desktop) -> tuple[date, date | None]:
    """Give the first and last Paris day charged (None: still going on), both included.

    The day of creation and that of deletion both count; a deletion at midnight sharp has not
    begun its day (CGV art. 8.1, 9; P2, P3).
    """
    first = paris_day(desktop.created_at)
    if desktop.deleted_at is None:
        return first, None
    last = paris_day(desktop.deleted_at - timedelta.resolution)
    return first, max(first, last)


def charged_items(desktop: Desktop, day: date) -> tuple[ChargedItem, ...]:
    """Give what is charged on a Paris day; nothing outside the desktop's days.

    A desktop whose provisioning failed for good is never charged, nor is one on the working days
    it is late (P2).  The configuration is the
    last one whose change was complete that day (CGV art. 9; P4).
    """
    if desktop.failed_at is not None:
        return ()
    first, last = charged_days(desktop)
    if day < first or (last is not None and day > last) or is_late_on(desktop, day):
        return ()
    code = desktop.tariffs[0].configuration_code
    for tariff in desktop.tariffs:
        if paris_day(tariff.from_at) <= day:
            code = tariff.configuration_code
    options = (ChargedItem("option", option, n) for option, n in charged_options(desktop, day))
    return (ChargedItem("desktop", code, 1), *options)


def is_late_on(desktop: Desktop, day: date) -> bool:
    """Tell whether a Paris day is a working day past the delivery commitment, not in service yet.

    Such a day is not billed (CGV art. 16; P2).
    """
    if desktop.due_on is None or day <= desktop.due_on:
        return False
    in_service = desktop.ready_at is not None and day >= paris_day(desktop.ready_at)
    return not in_service and is_working_day(day)


def delivered_by(desktop: Desktop, now: datetime) -> Desktop:
    """Give a desktop as if it came into service now, where it is not yet: to foretell its cost."""
    return desktop if desktop.ready_at or not desktop.is_active else replace(desktop, ready_at=now)


def charged_options(desktop: Desktop, day: date) -> Options:
    """Give the options charged on a Paris day: the most there was of each at any time of it.

    As for a desktop, the day an option begins and the day it ends both count; one removed at
    midnight sharp has not begun its day (CGV art. 8.1; CAT-2, P3).
    """
    if not desktop.options_history:
        return desktop.option_codes
    most: dict[str, int] = {}
    ends = [after.from_at for _, after in pairwise(desktop.options_history)]
    for number, period in enumerate(desktop.options_history):
        begins_after = number > 0 and paris_day(period.from_at) > day
        over = number < len(ends) and paris_day(ends[number] - timedelta.resolution) < day
        if begins_after or over:
            continue
        for code, count in period.option_codes:
            most[code] = max(count, most.get(code, 0))
    return tuple(most.items())
