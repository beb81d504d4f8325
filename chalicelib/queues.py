"""Every queue: what handles its messages.  Read by app.py, infra/ and the local pump alike."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.foundation import correlation, measures
from chalicelib.foundation.messages import CORRELATION, Queue

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    from chalicelib.wiring import Services

Body = dict[str, Any]
log = logging.getLogger(__name__)


def _mail(services: "Services", body: Body) -> None:
    services.notifications.deliver(body)


def _desktops(services: "Services", body: Body) -> None:
    services.desktop_messages.handle(body)


def _drafts(services: "Services", body: Body) -> None:
    services.invoice_run.handle_drafts(body)


def _issue(services: "Services", body: Body) -> None:
    services.invoice_run.handle_issue(body)


def _documents(services: "Services", body: Body) -> None:
    if "statuses" in body:
        services.platform.take_back()
    elif "order_id" in body:
        services.order_confirmation.send(body["order_id"])
    else:
        _document_of_billing(services, body)


def _document_of_billing(services: "Services", body: Body) -> None:
    documents = services.invoice_documents
    if "hand_over" in body:
        services.platform.hand_over(documents.document(body["hand_over"]))
    elif "credit_note_id" in body:
        documents.render_credit_note(body["credit_note_id"])
    else:
        documents.render(body["invoice_id"])


def _collection(services: "Services", body: Body) -> None:
    services.collection_messages.handle(body)


def _equipment(services: "Services", body: Body) -> None:
    services.equipment_worker.handle(body)


HANDLERS: dict[Queue, Callable[["Services", Body], None]] = {
    Queue.MAIL: _mail,
    Queue.DESKTOPS: _desktops,
    Queue.DRAFTS: _drafts,
    Queue.ISSUE: _issue,
    Queue.DOCUMENTS: _documents,
    Queue.COLLECTION: _collection,
    Queue.EQUIPMENT: _equipment,
}


def handle_batch(queue: Queue, event: Any, services: "Services") -> dict[str, Any]:
    """Handle a batch of SQS records; those that fail come back alone (partial batch response).

    Powertools catches what a record raises and says it at debug level only: it is logged here.  The
    others of its batch go on, on a FIFO queue too: there, order spares contention, and correctness
    rests on conditions (see billing/issuing/issue.py).  Were those behind a bad record given back
    with it, they would reach the dead-letter queue together.
    """
    from aws_lambda_powertools.utilities.batch import (
        BatchProcessor,
        EventType,
        process_partial_response,
    )

    def handle(record: "SQSRecord") -> None:
        with correlation.following(_correlation(record)):
            try:
                HANDLERS[queue](services, record.json_body)
            except Exception:
                log.exception("message %s of %s failed", record.message_id, queue)
                measures.note(measures.Measure.FAILURES)
                raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    response: dict[str, Any] = process_partial_response(  # type: ignore[assignment]
        event=event, record_handler=handle, processor=processor
    )
    return response


def _correlation(record: "SQSRecord") -> str:
    """Give the id of what sent a message, or else the message's own."""
    sent: dict[str, Any] = record.raw_event.get("messageAttributes") or {}
    return str(sent.get(CORRELATION, {}).get("stringValue") or record.message_id)
