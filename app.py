"""Builds the application: pages, queue workers and scheduled jobs, each delegating in a line."""

from typing import Any

from chalicelib.console.application import ConsoleApp
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


@app.lambda_function(name="relay-outbox")
def relay_outbox(event: Any, context: Any) -> None:
    """Send the messages that a crash kept back."""
    JOBS["relay_outbox"].run(app.services)


@app.lambda_function(name="watch-desktops")
def watch_desktops(event: Any, context: Any) -> None:
    """Look at desktops under way."""
    JOBS["watch_desktops"].run(app.services)


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


@app.lambda_function(name="retry-charges")
def retry_charges(event: Any, context: Any) -> None:
    """Try declined charges again."""
    JOBS["retry_charges"].run(app.services)
