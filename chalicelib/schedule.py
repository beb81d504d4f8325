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
    """A job, what it says it does, and when it is woken, as crontab fields of Europe/Paris.

    ``minute``: "*" every minute, "*/n" every n minutes, or a number; ``hour`` and ``day`` (of the
    month): a number, or "*".
    """

    name: str
    says: str
    at: str
    run: Callable[["Services"], object]

    @property
    def minute(self) -> str:
        """The minutes it is woken at."""
        return self.at.split()[0]

    @property
    def hour(self) -> str:
        """The hour it is woken at."""
        return self.at.split()[1]

    @property
    def day(self) -> str:
        """The day of the month it is woken on."""
        return self.at.split()[2]

    @property
    def expression(self) -> str:
        """The EventBridge Scheduler expression."""
        return f"cron({self.at} * ? *)"


def _measure_desktops(services: "Services") -> object:
    from chalicelib.measured import measure_desktops

    return measure_desktops(services.desktops.service.all_desktops())


def _check_deliveries(services: "Services") -> int:
    return services.orders.deliveries.check() + services.equipment.late_dispatches.check()


SCHEDULE: tuple[ScheduledJob, ...] = (
    ScheduledJob(
        "relay_outbox",
        "Send the messages that a crash kept back",
        "* * *",
        lambda services: services.base.work.relay_pending(),
    ),
    ScheduledJob(
        "watch_desktops",
        "Look at desktops under way",
        "*/5 * *",
        lambda services: services.desktops.service.watch(),
    ),
    ScheduledJob("measure_desktops", "Count the desktops that run", "*/15 * *", _measure_desktops),
    ScheduledJob(
        "reconcile_desktops",
        "Compare the machines of the clouds with the desktops",
        "*/5 * *",
        lambda services: services.desktops.reconciliation.run(),
    ),
    ScheduledJob(
        "take_backups",
        "Have the backups of the day made",
        "30 3 *",
        lambda services: services.desktops.service.ask_backups(),
    ),
    ScheduledJob(
        "meter_usage",
        "Record the usage of the days over",
        "15 0 *",
        lambda services: services.metering.service.meter_due(),
    ),
    ScheduledJob(
        "check_vat_numbers",
        "Ask VIES for the numbers that are due, before the run",
        "0 4 *",
        lambda services: services.taxes.vat.check_due(),
    ),
    ScheduledJob(
        "run_invoices",
        "Start the invoice run of the month over",
        "0 5 *",
        lambda services: services.billing.run.run_due(),
    ),
    ScheduledJob(
        "resume_documents",
        "Ask again for the documents of invoices that an outage kept back",
        "0 7 *",
        lambda services: services.papers.documents.resume(),
    ),
    ScheduledJob(
        "start_orders",
        "Start the orders whose withdrawal period is over",
        "30 0 *",
        lambda services: services.orders.service.start_due(),
    ),
    ScheduledJob(
        "follow_pods",
        "Ask OmnyPods back, remind, list those not returned",
        "30 7 *",
        lambda services: services.equipment.cases.follow_up(),
    ),
    ScheduledJob(
        "fill_pods",
        "Have the OmnyPods of options sent, and reserve what is in stock for whoever waits",
        "0 6 *",
        lambda services: services.equipment.options.send_due(),
    ),
    ScheduledJob(
        "remind_contracts",
        "Announce the end of contracts to their clients",
        "45 8 *",
        lambda services: services.billing.contracts.remind_due(),
    ),
    ScheduledJob(
        "check_deliveries",
        "Alert the company of late deliveries",
        "0 8 *",
        _check_deliveries,
    ),
    ScheduledJob(
        "take_platform_statuses",
        "Take back what the platform says of the invoices handed over",
        "40 * *",
        lambda services: services.papers.platform.take_back(),
    ),
    ScheduledJob(
        "retry_charges",
        "Try declined charges again",
        "0 9 *",
        lambda services: services.payments.collection.retry_due(),
    ),
    ScheduledJob(
        "remind_late_payers",
        "Remind late payers, give formal notice, suspend",
        "0 10 *",
        lambda services: services.late.dunning.run(),
    ),
    ScheduledJob(
        "close_receipts",
        "Close the receipts of the days, months and years over",
        "15 3 *",
        lambda services: services.closings.receipts.close_due(),
    ),
    ScheduledJob(
        "close_sales",
        "Close the sales journal of the months over",
        "45 3 *",
        lambda services: services.billing.sales_journal.close_due(),
    ),
    ScheduledJob(
        "reconcile_payments",
        "Compare the list of Stripe with the ledger",
        "30 4 *",
        lambda services: services.closings.reconciliation.run(),
    ),
    ScheduledJob(
        "warn_of_expiry",
        "Warn of cards about to expire",
        "15 8 *",
        lambda services: services.payments.card_expiry.warn(),
    ),
    ScheduledJob(
        "anchor_journals",
        "Record where every evidence journal stands",
        "30 3 *",
        lambda services: services.legal.anchors.anchor(),
    ),
)

JOBS = {job.name: job for job in SCHEDULE}
