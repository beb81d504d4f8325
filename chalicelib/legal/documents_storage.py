"""Legal documents and acceptances in the ``legal`` table.

Keys: ``DOC#kind / version``, ``KINDS / kind``, ``ACC#account / kind#version``.
"""

from collections.abc import Iterator

from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.legal.acceptance import Acceptance
from chalicelib.legal.documents import LegalDocument

_DOCUMENTS = Kind("legal", "document", LegalDocument)
_KINDS = Kind("legal", "kind", str)
_ACCEPTANCES = Kind("legal", "acceptance", Acceptance)


class LegalStorage:
    """Keeps documents and acceptances; a ``save`` gives the writes, it writes nothing itself."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def version(self, kind: str, version: str) -> LegalDocument | None:
        """Read one version."""
        return self._tables.get(_DOCUMENTS, f"DOC#{kind}", version)

    def versions(self, kind: str) -> Iterator[LegalDocument]:
        """Read the versions of a kind."""
        return self._tables.query(_DOCUMENTS, f"DOC#{kind}")

    def kinds(self) -> Iterator[str]:
        """Name every kind that has a version."""
        return self._tables.query(_KINDS, "KINDS")

    def save(self, document: LegalDocument) -> list[Put]:
        """Give the writes that keep a new version; refused when it exists."""
        kind = document.kind
        return [
            _DOCUMENTS.put(document, f"DOC#{kind}", document.version),
            _KINDS.put(kind, "KINDS", kind, always=True),
        ]

    def acceptances_of(self, account_id: AccountId) -> Iterator[Acceptance]:
        """Read what an account accepted."""
        return self._tables.query(_ACCEPTANCES, f"ACC#{account_id}")

    def save_acceptance(self, acceptance: Acceptance) -> Put:
        """Give the write that keeps an acceptance; accepting again keeps the first."""
        return _ACCEPTANCES.put(
            acceptance, f"ACC#{acceptance.account_id}", f"{acceptance.kind}#{acceptance.version}"
        )
