"""The month-end run for operators: trial, start, progress, failures, retry (BIL-4, CON-3)."""

from typing import Any

from chalice.app import Response

from chalicelib.billing.run import RunStatus
from chalicelib.billing.run_comparison import compare
from chalicelib.console.forms import Form, read_form
from chalicelib.console.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId

_MONTHS_OFFERED = 12


class RetryForm(Form):
    """The account to draft again."""

    account_id: str


def runs(visit: Visit) -> Response:
    """List the runs, with the button that starts one."""
    return visit.page("operator/invoice_runs.html", **_runs_shown(visit))


def start(visit: Visit) -> Response:
    """Start the run of a month, or start it again (BIL-4)."""
    try:
        month = _posted_month(visit)
        visit.services.invoice_run.start_run(month, by=f"operator:{visit.user.id}")
    except DomainError as refused:
        return visit.form_again("operator/invoice_runs.html", refused, **_runs_shown(visit))
    return visit.see_other(f"/operator/invoice-runs/{month}")


def run(visit: Visit, month: str) -> Response:
    """Show how far a run is, its failures and its invoices."""
    status = _progress(visit, month)
    before = visit.services.invoice_run.run_status(status.run.month.previous)
    comparison = compare(before.entries, status.entries) if before else None
    return visit.page("operator/invoice_run.html", progress=status, comparison=comparison)


def trial(visit: Visit, month: str) -> Response:
    """Show what a run would issue, some clients at a time, writing nothing (BIL-7, CON-3)."""
    asked = _month(month)
    services = visit.services
    if asked > BillingMonth.of(today(services.clock)):
        raise NotFoundError
    after = visit.query.get("after", "")
    return visit.page("operator/invoice_trial.html", trial=services.dry_run.page(asked, after))


def progress(visit: Visit, month: str) -> Response:
    """Give the part of the page that moves, for the browser that asks again and again."""
    return visit.page("operator/invoice_run_progress.html", progress=_progress(visit, month))


def retry(visit: Visit, month: str) -> Response:
    """Draft a failed account again (BIL-4)."""
    form = read_form(RetryForm, visit.fields)
    by = f"operator:{visit.user.id}"
    visit.services.invoice_run.retry(_month(month), AccountId(form.account_id), by=by)
    return visit.see_other(f"/operator/invoice-runs/{month}")


def _runs_shown(visit: Visit) -> dict[str, Any]:
    invoice_run = visit.services.invoice_run
    last = invoice_run.last_month_over()
    months = [last]
    while len(months) < _MONTHS_OFFERED:
        months.append(months[-1].previous)
    runs = [invoice_run.run_status(known.month) for known in invoice_run.runs()]
    return {"runs": runs, "months": months, "last_month": last}


def _posted_month(visit: Visit) -> BillingMonth:
    try:
        return BillingMonth.parse(visit.fields.get("month", ""))
    except ValueError as unreadable:
        raise FieldErrors({"month": "Choisissez un mois."}) from unreadable


def _month(text: str) -> BillingMonth:
    try:
        return BillingMonth.parse(text)
    except ValueError as unreadable:
        raise NotFoundError from unreadable


def _progress(visit: Visit, month: str) -> RunStatus:
    status = visit.services.invoice_run.run_status(_month(month))
    if status is None:
        raise NotFoundError
    return status
