"""Digests of documents and their way to the platform, in the ``billing`` table.

======================  ==========  =======================================================
pk                      sk          what
======================  ==========  =======================================================
``DOC#<document>``      STORED      digests of PDF and XML, written once
``PLATFORM#<number>``   STATUS      what the platform said; listing ``PLATFORM``, newest last
======================  ==========  =======================================================
"""

from collections.abc import Iterator

from chalicelib.billing.papers.document_record import StoredDocument
from chalicelib.billing.papers.platform_status import PlatformStatus
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables

_STORED = Kind("billing", "stored document", StoredDocument)
_STATUSES = Kind("billing", "platform status", PlatformStatus)
_PLATFORM = "PLATFORM"


class DocumentStorage:
    """Reads them, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def stored_document(self, document_id: str) -> StoredDocument | None:
        """Read the digests of a document; None while it is not stored."""
        return self._tables.get(_STORED, f"DOC#{document_id}", "STORED")

    def add_stored_document(self, stored: StoredDocument) -> Put:
        """Give the write of a document's digests; refused when they are there: written once."""
        return _STORED.put(stored, f"DOC#{stored.document_id}", "STORED")

    def platform_status(self, number: str) -> PlatformStatus | None:
        """Read how a document stands at the platform; None when it was never handed over."""
        return self._tables.get(_STATUSES, f"PLATFORM#{number}", "STATUS")

    def platform_statuses(self, limit: int) -> Iterator[PlatformStatus]:
        """Read the documents handed over last, newest first."""
        return self._tables.listing(_STATUSES, _PLATFORM, newest_first=True, limit=limit)

    def save_platform_status(self, status: PlatformStatus) -> Put:
        """Give the write that keeps a status; refused when somebody wrote it since."""
        listed = (_PLATFORM, f"{iso(status.handed_over_at)}#{status.number}")
        return _STATUSES.put(status, f"PLATFORM#{status.number}", "STATUS", listed=listed)
