"""Every queue: its typed messages, what is done with each, and the function that does it.

Read by app.py, infra/ and the local pump alike.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from msgspec.json import Decoder

from chalicelib.billing.issuing.messages import DraftMonth, IssueDraft, ListAccounts
from chalicelib.billing.papers.messages import (
    CollectInvoice,
    DrawCreditNote,
    DrawInvoice,
    SettleCreditNote,
)
from chalicelib.billing.platform.messages import HandOver, TakeStatuses
from chalicelib.catalogue.messages import AnnouncePrices
from chalicelib.desktops.model.messages import (
    AdvanceDesktop,
    BackUpDesktop,
    CompareMachines,
    EraseSecret,
    ForgetUsage,
    ReportVanished,
    SettlePods,
)
from chalicelib.equipment.messages import BillPod, FillShortages
from chalicelib.foundation import correlation, measures
from chalicelib.foundation.messages import CORRELATION, Queue, Task
from chalicelib.notifications.mails import SendMail
from chalicelib.orders.messages import ConfirmOrder, CreateDesktops, ReleasePods, ReservePods
from chalicelib.payments.money.messages import (
    ClaimLateness,
    FollowSuspension,
    GiveBackExcess,
    UseBalance,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    from chalicelib.wiring import Services

log = logging.getLogger(__name__)


class Worker(NamedTuple):
    """A function that consumes a queue, and what it says it does."""

    name: str
    says: str


WORKERS: dict[Queue, Worker] = {
    Queue.MAIL: Worker("mail_worker", "Send mails"),
    Queue.DESKTOPS: Worker("desktop_worker", "Act on the cloud for desktops"),
    Queue.DRAFTS: Worker("draft_worker", "Draft invoices, an account a message"),
    Queue.ISSUE: Worker("issue_worker", "Number and issue invoices"),
    Queue.DOCUMENTS: Worker("document_worker", "Render and store documents"),
    Queue.COLLECTION: Worker("collection_worker", "Charge cards"),
    Queue.EQUIPMENT: Worker(
        "equipment_worker", "Reserve OmnyPods for orders, and bill what was decided of them"
    ),
}


def _advance(services: "Services", asked: AdvanceDesktop) -> None:
    services.desktops.worker.advance(asked.account_id, asked.desktop_id, once=asked.once)


def _settle_credit_note(services: "Services", asked: SettleCreditNote) -> None:
    services.payments.refunds.give_back(
        services.payments.credit_settlement.settle(asked.credit_note_id)
    )


def _hand_over(services: "Services", asked: HandOver) -> None:
    services.papers.platform.hand_over(services.papers.documents.document(asked.document_id))


# What is done with each message; one of a type that is not here is refused.
HANDLERS: dict[type[Task], Callable[["Services", Any], object]] = {
    SendMail: lambda services, asked: services.base.notifications.deliver(asked),
    CreateDesktops: lambda services, asked: services.desktops.creation.create_for_order(
        asked.order_id
    ),
    AdvanceDesktop: _advance,
    ReportVanished: lambda services, asked: services.desktops.worker.vanished(
        asked.account_id, asked.desktop_id
    ),
    EraseSecret: lambda services, asked: services.desktops.machine_work.erase_secret(
        asked.account_id, asked.desktop_id
    ),
    BackUpDesktop: lambda services, asked: services.desktops.machine_work.back_up(
        asked.account_id, asked.desktop_id
    ),
    ForgetUsage: lambda services, asked: services.metering.service.forget_failed(
        asked.account_id, asked.desktop_id
    ),
    CompareMachines: lambda services, _: services.desktops.comparisons.carry_out(),
    AnnouncePrices: lambda services, asked: services.desktops.price_notices.announce(asked.version),
    ListAccounts: lambda services, asked: services.billing.run.list_accounts(
        asked.month, asked.after
    ),
    DraftMonth: lambda services, asked: services.billing.run.draft(asked.account_id, asked.month),
    IssueDraft: lambda services, asked: services.billing.run.issue(asked.account_id, asked.month),
    ConfirmOrder: lambda services, asked: services.orders.confirmation.send(asked.order_id),
    DrawInvoice: lambda services, asked: services.papers.documents.render(asked.invoice_id),
    DrawCreditNote: lambda services, asked: services.papers.documents.render_credit_note(
        asked.credit_note_id
    ),
    HandOver: _hand_over,
    TakeStatuses: lambda services, _: services.papers.platform.take_back(),
    CollectInvoice: lambda services, asked: services.payments.paying.pay(asked.invoice_id),
    SettleCreditNote: _settle_credit_note,
    GiveBackExcess: lambda services, asked: services.payments.refunds.give_back(asked.invoice_id),
    UseBalance: lambda services, asked: services.payments.spreading.use_balance(asked.account_id),
    ClaimLateness: lambda services, asked: services.late.dunning.settled(asked.invoice_id),
    FollowSuspension: lambda services, asked: services.late.suspensions.carry_out(asked.account_id),
    ReservePods: lambda services, asked: services.equipment.reservations.reserve_for_order(
        asked.order_id
    ),
    ReleasePods: lambda services, asked: services.equipment.worker.release(asked.order_id),
    SettlePods: lambda services, asked: services.equipment.options.settle(
        asked.account_id, asked.desktop_id
    ),
    FillShortages: lambda services, _: services.equipment.reservations.fill_shortages(),
    BillPod: lambda services, asked: services.equipment.worker.bill(asked),
}


def handle(queue: Queue, text: str, services: "Services") -> None:
    """Do what a message asks.

    Raises ValueError for one that nobody here sends, or that stands in another queue than its own:
    it is refused, and ends in the dead-letter queue, where somebody sees it.
    """
    asked = _decoder().decode(text)
    if asked.queue is not queue:
        raise ValueError(f"{type(asked).__name__} in {queue}")
    perform(asked, services)


def perform(asked: Task, services: "Services") -> None:
    """Do what is asked.  Raises TemporaryGatewayError when it is to be tried again later."""
    HANDLERS[type(asked)](services, asked)


@cache
def _decoder() -> Decoder[Task]:
    return Decoder(Union[tuple(HANDLERS)])  # noqa: UP007 - made of the table


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

    def handled(record: "SQSRecord") -> None:
        with correlation.following(_correlation(record)):
            try:
                handle(queue, record.body, services)
            except Exception:
                log.exception("message %s of %s failed", record.message_id, queue)
                measures.note(measures.Measure.FAILURES)
                raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    response: dict[str, Any] = process_partial_response(  # type: ignore[assignment]
        event=event, record_handler=handled, processor=processor
    )
    return response


def _correlation(record: "SQSRecord") -> str:
    """Give the id of what sent a message, or else the message's own."""
    sent: dict[str, Any] = record.raw_event.get("messageAttributes") or {}
    return str(sent.get(CORRELATION, {}).get("stringValue") or record.message_id)
