"""Builds the application: pages, queue workers and scheduled jobs, each delegating in a line."""

from typing import Any

from chalicelib.console.framework.application import ConsoleApp
from chalicelib.console.routes import ROUTES
from chalicelib.foundation.messages import Queue
from chalicelib.queues import handle_batch
from chalicelib.schedule import JOBS
from chalicelib.wiring import build_services

app = ConsoleApp(build_services)
app.register_routes(ROUTES)


@app.lambda_function(name="mail-worker")
def mail_worker(event: Any, context: Any) -> dict[str, Any]:
    """Send mails."""
    return handle_batch(Queue.MAIL, event, app.services)


@app.lambda_function(name="desktop-worker")
def desktop_worker(event: Any, context: Any) -> dict[str, Any]:
    """Act on the cloud for desktops."""
    return handle_batch(Queue.DESKTOPS, event, app.services)


@app.lambda_function(name="draft-worker")
def draft_worker(event: Any, context: Any) -> dict[str, Any]:
    """Draft invoices, an account a message."""
    return handle_batch(Queue.DRAFTS, event, app.services)


@app.lambda_function(name="issue-worker")
def issue_worker(event: Any, context: Any) -> dict[str, Any]:
    """Number and issue invoices."""
    return handle_batch(Queue.ISSUE, event, app.services)


@app.lambda_function(name="document-worker")
def document_worker(event: Any, context: Any) -> dict[str, Any]:
    """Render and store documents."""
    return handle_batch(Queue.DOCUMENTS, event, app.services)


@app.lambda_function(name="collection-worker")
def collection_worker(event: Any, context: Any) -> dict[str, Any]:
    """Charge cards."""
    return handle_batch(Queue.COLLECTION, event, app.services)


@app.lambda_function(name="equipment-worker")
def equipment_worker(event: Any, context: Any) -> dict[str, Any]:
    """Reserve OmnyPods for orders, and bill what was decided of them."""
    return handle_batch(Queue.EQUIPMENT, event, app.services)


@app.lambda_function(name="relay-outbox")
def relay_outbox(event: Any, context: Any) -> None:
    """Send the messages that a crash kept back."""
    JOBS["relay_outbox"].run(app.services)


@app.lambda_function(name="watch-desktops")
def watch_desktops(event: Any, context: Any) -> None:
    """Look at desktops under way."""
    JOBS["watch_desktops"].run(app.services)


@app.lambda_function(name="measure-desktops")
def measure_desktops(event: Any, context: Any) -> None:
    """Count the desktops that run."""
    JOBS["measure_desktops"].run(app.services)


@app.lambda_function(name="reconcile-desktops")
def reconcile_desktops(event: Any, context: Any) -> None:
    """Compare the clouds' machines with the desktops."""
    JOBS["reconcile_desktops"].run(app.services)


@app.lambda_function(name="take-backups")
def take_backups(event: Any, context: Any) -> None:
    """Have the day's backups made."""
    JOBS["take_backups"].run(app.services)


@app.lambda_function(name="desktop-events")
def desktop_events(event: Any, context: Any) -> None:
    """Look at the desktop whose machine changed state (EventBridge, from EC2)."""
    app.services.desktops.machine_changed(event["detail"]["instance-id"])


@app.lambda_function(name="meter-usage")
def meter_usage(event: Any, context: Any) -> None:
    """Record the usage of the days over."""
    JOBS["meter_usage"].run(app.services)


@app.lambda_function(name="run-invoices")
def run_invoices(event: Any, context: Any) -> None:
    """Start the invoice run of the month over."""
    JOBS["run_invoices"].run(app.services)


@app.lambda_function(name="resume-documents")
def resume_documents(event: Any, context: Any) -> None:
    """Ask again for the documents of invoices that an outage kept back."""
    JOBS["resume_documents"].run(app.services)


@app.lambda_function(name="start-orders")
def start_orders(event: Any, context: Any) -> None:
    """Start the orders whose withdrawal period is over."""
    JOBS["start_orders"].run(app.services)


@app.lambda_function(name="follow-pods")
def follow_pods(event: Any, context: Any) -> None:
    """Ask OmnyPods back, remind, list those not returned."""
    JOBS["follow_pods"].run(app.services)


@app.lambda_function(name="fill-pods")
def fill_pods(event: Any, context: Any) -> None:
    """Have the OmnyPods of options sent, and reserve what is in stock for whoever waits."""
    JOBS["fill_pods"].run(app.services)


@app.lambda_function(name="remind-contracts")
def remind_contracts(event: Any, context: Any) -> None:
    """Announce the end of contracts to their clients."""
    JOBS["remind_contracts"].run(app.services)


@app.lambda_function(name="check-deliveries")
def check_deliveries(event: Any, context: Any) -> None:
    """Alert the company of late deliveries."""
    JOBS["check_deliveries"].run(app.services)


@app.lambda_function(name="retry-charges")
def retry_charges(event: Any, context: Any) -> None:
    """Try declined charges again."""
    JOBS["retry_charges"].run(app.services)


@app.lambda_function(name="check-vat-numbers")
def check_vat_numbers(event: Any, context: Any) -> None:
    """Ask VIES for the numbers that are due, before the run."""
    JOBS["check_vat_numbers"].run(app.services)


@app.lambda_function(name="take-platform-statuses")
def take_platform_statuses(event: Any, context: Any) -> None:
    """Take back what the platform says of the invoices handed over."""
    JOBS["take_platform_statuses"].run(app.services)


@app.lambda_function(name="anchor-journals")
def anchor_journals(event: Any, context: Any) -> None:
    """Record where every evidence journal stands."""
    JOBS["anchor_journals"].run(app.services)


@app.lambda_function(name="remind-late-payers")
def remind_late_payers(event: Any, context: Any) -> None:
    """Remind late payers, give formal notice, suspend."""
    JOBS["remind_late_payers"].run(app.services)


@app.lambda_function(name="close-receipts")
def close_receipts(event: Any, context: Any) -> None:
    """Close the receipts of the days, months and years over."""
    JOBS["close_receipts"].run(app.services)


@app.lambda_function(name="close-sales")
def close_sales(event: Any, context: Any) -> None:
    """Close the sales journal of the months over."""
    JOBS["close_sales"].run(app.services)


@app.lambda_function(name="reconcile-payments")
def reconcile_payments(event: Any, context: Any) -> None:
    """Compare Stripe's list with the ledger."""
    JOBS["reconcile_payments"].run(app.services)


@app.lambda_function(name="warn-of-expiry")
def warn_of_expiry(event: Any, context: Any) -> None:
    """Warn of cards about to expire."""
    JOBS["warn_of_expiry"].run(app.services)
