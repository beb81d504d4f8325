"""Every queue: what handles its messages.  Read by app.py, infra/ and the local pump alike."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.foundation.messages import Queue

if TYPE_CHECKING:
    from chalicelib.wiring import Services

Body = dict[str, Any]
log = logging.getLogger(__name__)


def _mail(services: "Services", body: Body) -> None:
    services.notifications.deliver(body)


def _desktops(services: "Services", body: Body) -> None:
    services.desktop_worker.handle(body)


def _drafts(services: "Services", body: Body) -> None:
    services.invoice_run.handle_drafts(body)


def _issue(services: "Services", body: Body) -> None:
    services.invoice_run.handle_issue(body)


def _documents(services: "Services", body: Body) -> None:
    if "order_id" in body:
        services.order_confirmation.send(body["order_id"])
    else:
        services.invoice_documents.render(body["invoice_id"])


def _collection(services: "Services", body: Body) -> None:
    services.collection.collect(body["invoice_id"])


HANDLERS: dict[Queue, Callable[["Services", Body], None]] = {
    Queue.MAIL: _mail,
    Queue.DESKTOPS: _desktops,
    Queue.DRAFTS: _drafts,
    Queue.ISSUE: _issue,
    Queue.DOCUMENTS: _documents,
    Queue.COLLECTION: _collection,
}


def handle_batch(queue: Queue, event: Any, services: "Services") -> dict[str, Any]:
    """Handle a batch of SQS records; those that fail come back alone (partial batch response).

    Powertools catches what a record raises and says it at debug level only: it is logged here.  The
    others of its batch go on, and the record returns until its queue's dead-letter limit.
    """
    from aws_lambda_powertools.utilities.batch import (
        BatchProcessor,
        EventType,
        SqsFifoPartialProcessor,
        process_partial_response,
    )
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    def handle(record: SQSRecord) -> None:
        try:
            HANDLERS[queue](services, record.json_body)
        except Exception:
            log.exception("a message of %s failed", queue)
            raise

    processor = (
        SqsFifoPartialProcessor()
        if queue.is_fifo
        else BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    )
    response: dict[str, Any] = process_partial_response(  # type: ignore[assignment]
        event=event, record_handler=handle, processor=processor
    )
    return response
