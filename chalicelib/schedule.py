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


def _measure_desktops(services: "Services") -> object:
    from chalicelib.measured import measure_desktops

    return measure_desktops(services.desktops.all_desktops())


def _check_deliveries(services: "Services") -> int:
    return services.deliveries.check() + services.late_dispatches.check()


SCHEDULE: tuple[ScheduledJob, ...] = (
    ScheduledJob("relay_outbox", "*", "*", "*", lambda services: services.work.relay_pending()),
    ScheduledJob("watch_desktops", "*/5", "*", "*", lambda services: services.desktops.watch()),
    ScheduledJob("measure_desktops", "*/15", "*", "*", _measure_desktops),
    ScheduledJob(
        "reconcile_desktops",
        "*/5",
        "*",
        "*",
        lambda services: services.machine_reconciliation.run(),
    ),
    ScheduledJob("take_backups", "30", "3", "*", lambda services: services.desktops.ask_backups()),
    ScheduledJob("meter_usage", "15", "0", "*", lambda services: services.metering.meter_due()),
    ScheduledJob("check_vat_numbers", "0", "4", "*", lambda services: services.vat.check_due()),
    ScheduledJob("run_invoices", "0", "5", "*", lambda services: services.invoice_run.run_due()),
    ScheduledJob(
        "resume_documents", "0", "7", "*", lambda services: services.invoice_documents.resume()
    ),
    ScheduledJob("start_orders", "30", "0", "*", lambda services: services.orders.start_due()),
    ScheduledJob("follow_pods", "30", "7", "*", lambda services: services.pod_cases.follow_up()),
    ScheduledJob("fill_pods", "0", "6", "*", lambda services: services.option_pods.send_due()),
    ScheduledJob(
        "remind_contracts", "45", "8", "*", lambda services: services.contracts.remind_due()
    ),
    ScheduledJob("check_deliveries", "0", "8", "*", _check_deliveries),
    ScheduledJob(
        "take_platform_statuses", "40", "*", "*", lambda services: services.platform.take_back()
    ),
    ScheduledJob("retry_charges", "0", "9", "*", lambda services: services.collection.retry_due()),
    ScheduledJob("remind_late_payers", "0", "10", "*", lambda services: services.dunning.run()),
    ScheduledJob("close_receipts", "15", "3", "*", lambda services: services.closings.close_due()),
    ScheduledJob(
        "close_sales", "45", "3", "*", lambda services: services.sales_journal.close_due()
    ),
    ScheduledJob(
        "reconcile_payments",
        "30",
        "4",
        "*",
        lambda services: services.money_reconciliation.run(),
    ),
    ScheduledJob("warn_of_expiry", "15", "8", "*", lambda services: services.card_expiry.warn()),
    ScheduledJob(
        "anchor_journals", "30", "3", "*", lambda services: services.journal_anchors.anchor()
    ),
)

JOBS = {job.name: job for job in SCHEDULE}
