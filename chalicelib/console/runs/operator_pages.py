"""The month-end run for operators: trial, start, progress, failures, retry (BIL-4, CON-3)."""

from typing import Any

from chalice.app import Response

from chalicelib.billing.invoices.run import RunStatus
from chalicelib.console.framework.fields import Month
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId

_MONTHS_OFFERED = 12


class StartForm(Form):
    """The month to invoice."""

    month: Month


class RetryForm(Form):
    """The account to draft again."""

    account_id: str


def runs(visit: Visit) -> Response:
    """List the runs, with the button that starts one."""
    return visit.page("runs/operator_runs.html", **_runs_shown(visit))


def start(visit: Visit) -> Response:
    """Start the run of a month, or start it again (BIL-4)."""
    try:
        month = _posted_month(visit)
        visit.services.billing.run.start_run(month, by=f"operator:{visit.user.id}")
    except DomainError as refused:
        return visit.form_again("runs/operator_runs.html", refused, **_runs_shown(visit))
    return visit.see_other(f"/operator/invoice-runs/{month}")


def run(visit: Visit, month: str) -> Response:
    """Show how far a run is, its failures and its invoices, some at a time."""
    status = _progress(visit, month)
    issued = visit.services.billing.run_progress.issued(
        status.run.month, visit.query.get("after", "")
    )
    return visit.page("runs/operator_run.html", progress=status, issued=issued)


def comparison(visit: Visit, month: str) -> Response:
    """Compare what a run invoiced with the month before (CON-3)."""
    status = _progress(visit, month)
    compared = visit.services.billing.run_progress.comparison(status.run.month)
    return visit.page("runs/operator_comparison.html", progress=status, comparison=compared)


def trial(visit: Visit, month: str) -> Response:
    """Show what a run would issue, some clients at a time, writing nothing (BIL-7, CON-3)."""
    asked = _month(month)
    services = visit.services
    if asked > BillingMonth.of(today(services.base.clock)):
        raise NotFoundError
    after = visit.query.get("after", "")
    return visit.page("runs/operator_trial.html", trial=services.billing.dry_run.page(asked, after))


def progress(visit: Visit, month: str) -> Response:
    """Give the part of the page that moves, for the browser that asks again and again.

    Once all is over the browser is told to show the whole page anew, with the invoices.
    """
    status = _progress(visit, month)
    part = visit.page("runs/operator_progress.html", progress=status)
    if status.is_over:
        part.headers["HX-Refresh"] = "true"
    return part


def retry(visit: Visit, month: str) -> Response:
    """Draft a failed account again (BIL-4)."""
    form = read_form(RetryForm, visit.fields)
    by = f"operator:{visit.user.id}"
    visit.services.billing.run.retry(_month(month), AccountId(form.account_id), by=by)
    return visit.see_other(f"/operator/invoice-runs/{month}")


def _runs_shown(visit: Visit) -> dict[str, Any]:
    progress = visit.services.billing.run_progress
    months = _months(visit)
    runs = [progress.status(known.month) for known in progress.runs()]
    return {"runs": runs, "months": months, "last_month": months[0]}


def _months(visit: Visit) -> list[BillingMonth]:
    """Give the months whose run may be started here, the last one over first."""
    months = [visit.services.billing.run_progress.last_month_over()]
    while len(months) < _MONTHS_OFFERED:
        months.append(months[-1].previous)
    return months


def _posted_month(visit: Visit) -> BillingMonth:
    """Read the month to run.  Raises FieldErrors; one that is not over is the run's to refuse."""
    month = read_form(StartForm, visit.fields).month
    if month < _months(visit)[-1]:
        raise FieldErrors({"month": "Ce mois est trop ancien pour être facturé d’ici."})
    return month


def _month(text: str) -> BillingMonth:
    try:
        return BillingMonth.parse(text)
    except ValueError as unreadable:
        raise NotFoundError from unreadable


def _progress(visit: Visit, month: str) -> RunStatus:
    status = visit.services.billing.run_progress.status(_month(month))
    if status is None:
        raise NotFoundError
    return status
