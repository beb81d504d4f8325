"""Digests of documents and their way to the platform, in the ``billing`` table.

======================  ==========  =======================================================
pk                      sk          what
======================  ==========  =======================================================
``DOC#<document>``      STORED      digests of PDF and XML, written once
``PLATFORM#<number>``   STATUS      what the platform said; listing ``PLATFORM``, newest last
======================  ==========  =======================================================
"""

from collections.abc import Iterator
from dataclasses import asdict

from chalicelib.billing.invoices.storage import BillingRecord
from chalicelib.billing.papers.document_record import StoredDocument
from chalicelib.billing.papers.platform_status import PlatformStatus, StatusCode, StatusEvent
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables


class DocumentStorage:
    """Reads them, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def stored_document(self, document_id: str) -> StoredDocument | None:
        """Read the digests of a document; None while it is not stored."""
        record = self._tables.get_record(BillingRecord, f"DOC#{document_id}", "STORED")
        if record is None:
            return None
        content = record.content
        return StoredDocument(**{**content, "stored_at": instant(content["stored_at"])})

    def add_stored_document(self, stored: StoredDocument) -> Put:
        """Give the write of a document's digests; refused when they are there: written once."""
        content = {**asdict(stored), "stored_at": iso(stored.stored_at)}
        return old_put(BillingRecord(pk=f"DOC#{stored.document_id}", sk="STORED", content=content))

    def platform_status(self, number: str) -> PlatformStatus | None:
        """Read how a document stands at the platform; None when it was never handed over."""
        record = self._tables.get_record(BillingRecord, f"PLATFORM#{number}", "STATUS")
        return _read_status(record) if record else None

    def platform_statuses(self, limit: int) -> Iterator[PlatformStatus]:
        """Read the documents handed over last, newest first."""
        for record in self._tables.listing_records(
            BillingRecord, "PLATFORM", newest_first=True, limit=limit
        ):
            yield _read_status(record)

    def save_platform_status(self, status: PlatformStatus) -> Put:
        """Give the write that keeps a status; refused when somebody wrote it since."""
        content = {
            "document_id": status.document_id,
            "account_id": status.account_id,
            "handed_over_at": iso(status.handed_over_at),
            "events": [{**asdict(event), "at": iso(event.at)} for event in status.events],
        }
        return old_put(
            BillingRecord(
                pk=f"PLATFORM#{status.number}",
                sk="STATUS",
                content=content,
                version=status.version,
                list_key="PLATFORM",
                list_sort=f"{iso(status.handed_over_at)}#{status.number}",
            )
        )


def _read_status(record: BillingRecord) -> PlatformStatus:
    content = record.content
    return PlatformStatus(
        number=record.pk.removeprefix("PLATFORM#"),
        document_id=content["document_id"],
        account_id=AccountId(content["account_id"]),
        handed_over_at=instant(content["handed_over_at"]),
        events=tuple(
            StatusEvent(**{**event, "code": StatusCode(event["code"]), "at": instant(event["at"])})
            for event in content["events"]
        ),
        version=int(record.version),
    )
