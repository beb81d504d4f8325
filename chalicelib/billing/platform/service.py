"""Hands documents to the platform, takes its statuses back (law, electronic invoices; BIL-11)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.billing.papers.document_record import Document
from chalicelib.billing.papers.document_storage import DocumentStorage
from chalicelib.billing.papers.facturx_parties import transaction_kind
from chalicelib.billing.papers.platform_status import PlatformStatus, StatusEvent, read_event
from chalicelib.billing.platform.messages import HandOver, TakeStatuses
from chalicelib.billing.platform.port import News, Platform
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.errors import FieldErrors, NotFoundError, TemporaryGatewayError
from chalicelib.foundation.instants import instant
from chalicelib.foundation.messages import Message
from chalicelib.legal.policies import ELECTRONIC_INVOICES
from chalicelib.legal.published_policies import ContractPolicies
from chalicelib.legal.recording import Recording

log = logging.getLogger(__name__)
_TRANSMITTED = "B2B"  # between companies in France; the others are only reported
_SHOWN = 100
_YEARS = range(2020, 2200)
_LONGEST_NUMBER = 60


@dataclass(kw_only=True)
class PlatformService:
    """What the documents' worker, the hourly job and the operator's page call."""

    storage: DocumentStorage
    documents: Documents
    platform: Platform
    policies: ContractPolicies
    recording: Recording

    def announced(self, document: Document) -> list[Message]:
        """Give the message that has a document handed over: none unless the law wants it."""
        if transaction_kind(document.buyer) != _TRANSMITTED or not self.policies.applies(
            ELECTRONIC_INVOICES, professional=True, on=document.issued_on
        ):
            return []
        return [HandOver(document_id=document.id).message(f"platform:{document.id}")]

    def hand_over(self, document: Document) -> None:
        """Give a stored document to the platform; done twice it changes nothing."""
        if self.storage.platform_status(document.number) is not None:
            return
        self.platform.deposit(document.number, self.documents.read(document.document_key))
        status = PlatformStatus(
            document.number, document.id, document.account_id, self.recording.now()
        )

        def attempt() -> None:
            if self.storage.platform_status(document.number) is None:
                self.recording.commit(self.storage.save_platform_status(status))

        self.recording.again(attempt)

    def ask(self) -> None:
        """Have the statuses taken back soon: the worker may read the platform's files, not we."""
        self.recording.commit(TakeStatuses().message("platform:statuses"))

    def take_back(self) -> int:
        """Take every status the platform left; tell how many.  What is unreadable is put aside.

        Noted before it is acknowledged: one that comes twice changes nothing.  One that cannot be
        fetched or moved holds no other back; raises its TemporaryGatewayError when the rest is
        through.
        """
        taken = 0
        refused: TemporaryGatewayError | None = None
        for news in self.platform.news():
            is_read = self._is_noted(news)
            try:
                self.platform.acknowledge(news, taken=is_read)
            except TemporaryGatewayError as fault:
                log.warning("status %s stays where it is: %s", news.name, fault)
                refused = fault
                continue
            taken += is_read
        if refused:
            raise refused
        return taken

    def _is_noted(self, news: News) -> bool:
        try:
            number, event = _event_of(news.content)
            self._note(number, event)
        except (FieldErrors, NotFoundError, LookupError, ValueError) as unreadable:
            # Not its words: they may quote what the platform wrote of a client.
            log.warning("status %s put aside: %s", news.name, type(unreadable).__name__)
            return False
        return True

    def record(  # noqa: PLR0913 - what a status is made of
        self, number: str, code: str, *, reason: str, amount: str, rate: str, by: str
    ) -> PlatformStatus:
        """Record a status that an operator read elsewhere.  Raises FieldErrors, NotFoundError."""
        event = read_event(
            code, self.recording.now(), reason=reason, amount=amount, rate=rate, by=by
        )
        return self._note(number, event)

    def _note(self, number: str, event: StatusEvent) -> PlatformStatus:
        def attempt() -> PlatformStatus:
            status = self.storage.platform_status(number)
            if status is None:
                raise NotFoundError
            told = status.told(event)
            if told == status:
                return status
            facts = {
                "number": number,
                "status": event.code.value,
                "reason": event.reason,
                "amount_cents": event.amount_cents,
                "rate_percent": event.rate_percent,
            }
            self.recording.commit(
                self.storage.save_platform_status(told),
                self.recording.entry(
                    status.account_id, "invoice.platform_status", facts, by=event.by
                ),
            )
            return told

        return self.recording.again(attempt)

    def status_of(self, number: str) -> PlatformStatus | None:
        """Tell how a document stands at the platform; None when it was not handed over."""
        return self.storage.platform_status(number)

    def latest(self) -> list[PlatformStatus]:
        """Give the documents handed over last, newest first."""
        return list(self.storage.platform_statuses(_SHOWN))


def _event_of(content: dict[str, Any]) -> tuple[str, StatusEvent]:
    at: datetime = instant(str(content["at"]))
    if at.tzinfo is None or at.year not in _YEARS:  # at either end there is no UTC
        raise ValueError("not an instant")
    event = read_event(
        str(content["status"]),
        at,
        reason=str(content.get("reason", "")),
        amount=str(content.get("amount", "")),
        rate=str(content.get("rate", "")),
        by="platform",
    )
    number = str(content["number"])
    if not 0 < len(number) <= _LONGEST_NUMBER:
        raise ValueError("not the number of a document")
    return number, event
