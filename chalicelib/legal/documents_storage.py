"""Legal documents and acceptances in the ``legal`` table.

Keys: ``DOC#kind / version``, ``KINDS / kind``, ``ACC#account / kind#version``.
"""

from collections.abc import Iterator
from datetime import date

from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import OldRecord, UnicodeAttribute, old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.legal.acceptances import Acceptance
from chalicelib.legal.documents import LegalDocument

_TABLE = "legal"


class DocumentRecord(OldRecord):
    """One version of a document; never rewritten."""

    class Meta:
        table_name = _TABLE

    title = UnicodeAttribute()
    body = UnicodeAttribute()
    effective_on = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    published_at = UnicodeAttribute()
    published_by = UnicodeAttribute()


class KindRecord(OldRecord):
    """A kind that has at least one version."""

    class Meta:
        table_name = _TABLE


class AcceptanceRecord(OldRecord):
    """What an account accepted."""

    class Meta:
        table_name = _TABLE

    kind = UnicodeAttribute()
    document_version = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    user_id = UnicodeAttribute()
    accepted_at = UnicodeAttribute()


class LegalStorage:
    """Keeps documents and acceptances; a ``save`` gives the writes, it writes nothing itself."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def version(self, kind: str, version: str) -> LegalDocument | None:
        """Read one version."""
        record = self._tables.get_record(DocumentRecord, f"DOC#{kind}", version)
        return _document(record) if record else None

    def versions(self, kind: str) -> Iterator[LegalDocument]:
        """Read the versions of a kind."""
        yield from map(_document, self._tables.query_records(DocumentRecord, f"DOC#{kind}"))

    def kinds(self) -> Iterator[str]:
        """Name every kind that has a version."""
        for record in self._tables.query_records(KindRecord, "KINDS"):
            yield record.sk

    def save(self, document: LegalDocument) -> list[Put]:
        """Give the writes that keep a new version; refused when it exists."""
        record = DocumentRecord(
            pk=f"DOC#{document.kind}",
            sk=document.version,
            title=document.title,
            body=document.body_markdown,
            effective_on=document.effective_on.isoformat(),
            sha256=document.sha256,
            published_at=iso(document.published_at),
            published_by=document.published_by,
        )
        return [old_put(record), old_put(KindRecord(pk="KINDS", sk=document.kind), always=True)]

    def acceptances_of(self, account_id: AccountId) -> Iterator[Acceptance]:
        """Read what an account accepted."""
        for record in self._tables.query_records(AcceptanceRecord, f"ACC#{account_id}"):
            yield Acceptance(
                account_id=account_id,
                user_id=UserId(record.user_id),
                kind=record.kind,
                version=record.document_version,
                sha256=record.sha256,
                accepted_at=instant(record.accepted_at),
            )

    def save_acceptance(self, acceptance: Acceptance) -> Put:
        """Give the write that keeps an acceptance; accepting again keeps the first."""
        return old_put(
            AcceptanceRecord(
                pk=f"ACC#{acceptance.account_id}",
                sk=f"{acceptance.kind}#{acceptance.version}",
                kind=acceptance.kind,
                document_version=acceptance.version,
                sha256=acceptance.sha256,
                user_id=acceptance.user_id,
                accepted_at=iso(acceptance.accepted_at),
            )
        )


def _document(record: DocumentRecord) -> LegalDocument:
    return LegalDocument(
        kind=record.pk.removeprefix("DOC#"),
        version=record.sk,
        title=record.title,
        body_markdown=record.body,
        effective_on=date.fromisoformat(record.effective_on),
        sha256=record.sha256,
        published_at=instant(record.published_at),
        published_by=record.published_by,
    )
