"""What desktops ask of their worker, and of those whom they concern."""

from typing import ClassVar

from chalicelib.foundation.messages import Queue, Task


class DesktopTask(Task):
    """About one desktop."""

    account_id: str
    desktop_id: str


class AdvanceDesktop(DesktopTask):
    """Look at a desktop and take its next step, whatever that is by then (DSK-1).

    ``once``: it is not to be looked at again later for that, the scheduled watch comes back.
    """

    queue: ClassVar[Queue] = Queue.DESKTOPS

    once: bool = False


class ReportVanished(DesktopTask):
    """Tell of a machine that is gone, and look at its desktop (DSK-9)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS


class EraseSecret(DesktopTask):
    """Erase the first secret where the machine fetched it (ORD-4)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS


class BackUpDesktop(DesktopTask):
    """Make the day's backup, remove those kept long enough (DSK-5)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS


class ForgetUsage(DesktopTask):
    """Forget what was metered of a desktop that could not be made (P2)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS


class SettlePods(DesktopTask):
    """Compare a desktop's OmnyPods with what it is rented with (CAT-2)."""

    queue: ClassVar[Queue] = Queue.EQUIPMENT


class CompareMachines(Task):
    """Compare the clouds' machines with the desktops, for an operator who waits (DSK-9)."""

    queue: ClassVar[Queue] = Queue.DESKTOPS
