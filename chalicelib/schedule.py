"""Every scheduled job: its name, when it is woken (Europe/Paris), what it calls.

Read by app.py, infra/ and the local clock alike.  A schedule only wakes a job up: what is due
follows from stored state, so a missed, doubled or late firing changes nothing.  Nothing is
scheduled between 02:00 and 03:00, an hour that one spring night does not have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.wiring import Services


@dataclass(frozen=True)
class ScheduledJob:
    """A job and the times it is woken at, as crontab fields of Europe/Paris.

    ``minute``: "*" every minute, "*/n" every n minutes, or a number; ``hour`` and ``day`` (of the
    month): a number, or "*".
    """

    name: str
    minute: str
    hour: str
    day: str
    run: Callable[["Services"], object]

    @property
    def expression(self) -> str:
        """The EventBridge Scheduler expression."""
        return f"cron({self.minute} {self.hour} {self.day} * ? *)"


SCHEDULE: tuple[ScheduledJob, ...] = (
    ScheduledJob("relay_outbox", "*", "*", "*", lambda services: services.work.relay_pending()),
    ScheduledJob("watch_desktops", "*/5", "*", "*", lambda services: services.desktops.watch()),
    ScheduledJob("meter_usage", "15", "0", "*", lambda services: services.metering.meter_due()),
    ScheduledJob("run_invoices", "0", "5", "*", lambda services: services.invoice_run.run_due()),
    ScheduledJob(
        "resume_documents", "0", "7", "*", lambda services: services.invoice_documents.resume()
    ),
    ScheduledJob("retry_charges", "0", "9", "*", lambda services: services.collection.retry_due()),
)

JOBS = {job.name: job for job in SCHEDULE}
