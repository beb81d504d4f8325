"""The delivery times the company commits to, in French working days (CGV art. 16; ORD-5)."""

from dataclasses import dataclass
from datetime import date

from chalicelib.foundation.working_days import add_working_days


@dataclass(frozen=True)
class Commitment:
    """The delays that apply to orders confirmed from a Paris day on."""

    from_on: date
    desktop_working_days: int
    pod_working_days: int


COMMITMENTS = (Commitment(date(2026, 1, 1), desktop_working_days=7, pod_working_days=30),)


def commitment_on(day: date) -> Commitment:
    """Give the delays in force on a Paris day (the first known ones before they began)."""
    in_force = [each for each in COMMITMENTS if each.from_on <= day]
    return in_force[-1] if in_force else COMMITMENTS[0]


def desktops_due_on(confirmed_on: date) -> date:
    """Give the last Paris day on which desktops are ready in time (CGV art. 16; ORD-5)."""
    return add_working_days(confirmed_on, commitment_on(confirmed_on).desktop_working_days)


def pods_due_on(confirmed_on: date) -> date:
    """Give the last Paris day on which OmnyPods arrive in time (CGV art. 16; ORD-5)."""
    return add_working_days(confirmed_on, commitment_on(confirmed_on).pod_working_days)
