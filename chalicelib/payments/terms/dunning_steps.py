"""What an unpaid invoice calls for, day by day (CGV art. 8.2, 14; PAY-6; P7, P8).

Days are counted from the last day to pay: day 1 is the first one in default.  Reminders on days 1,
7 and 15, the formal notice on day 22; the service is suspended no earlier than 8 days after the
notice (15 for a consumer), never deleted.  The numbers are dated data (``dunning_policies.py``).
"""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.payments.terms.dated_row import DatedRow

FORMAL_NOTICE = "formal_notice"


@dataclass(frozen=True, kw_only=True)
class DunningPolicy(DatedRow):
    """The days, from a Paris day on; ``retry_days`` count from the first refusal of a card."""

    retry_days: tuple[int, ...]
    reminder_days: tuple[int, ...]
    formal_notice_day: int
    notice_days_professional: int
    notice_days_consumer: int

    def notice_days(self, *, professional: bool) -> int:
        """How long after the formal notice the service may be suspended."""
        return self.notice_days_professional if professional else self.notice_days_consumer


@dataclass(frozen=True)
class Dunning:
    """What was already sent for an invoice; ``last_day`` is the last one to pay it.

    ``suspended_from`` is the Paris day from which its formal notice allows the service to stop.
    """

    account_id: str
    invoice_id: str
    number: str
    last_day: date
    reminded_day: int = 0
    formal_notice_on: date | None = None
    suspended_from: date | None = None
    closed_at: datetime | None = None
    version: int = 0


def step_due(dunning: Dunning, today: date, policy: DunningPolicy) -> int | str | None:
    """Give what is due: a reminder's day, ``FORMAL_NOTICE``, or nothing (PAY-6).

    Days missed count as one: only the latest reminder is sent, and none after the notice.
    """
    day = (today - dunning.last_day).days
    if dunning.formal_notice_on is not None:
        return None
    if day >= policy.formal_notice_day:
        return FORMAL_NOTICE
    reached = [one for one in policy.reminder_days if one <= day]
    return reached[-1] if reached and reached[-1] > dunning.reminded_day else None
