"""Who accepted which version of which document, and when (CGV art. 2, 4; ACC-2, LEG-2)."""

from dataclasses import dataclass
from datetime import date

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.tables import Put
from chalicelib.legal.acceptance import Acceptance
from chalicelib.legal.documents import LegalDocument
from chalicelib.legal.documents_storage import LegalStorage
from chalicelib.legal.library import LegalDocuments

_REPLACED = "Une nouvelle version est entrée en vigueur\u00a0: lisez-la, puis acceptez-la."


@dataclass(kw_only=True)
class Acceptances:
    """Records acceptances, in the commit of the act that carries them."""

    store: LegalStorage
    documents: LegalDocuments
    clock: Clock

    def shown_version(self, kind: str, version: str, on: date) -> LegalDocument:
        """Give the document a client accepts: the one in force, if it is the one they were shown.

        ``version`` is what the page showed, empty for the one in force.  Raises FieldErrors, under
        the document's kind, when another came into force meanwhile (ACC-2).
        """
        document = self.documents.in_force(kind, on)
        if version and version != document.version:
            raise FieldErrors({kind: _REPLACED})
        return document

    def write(self, account_id: AccountId, user_id: UserId, document: LegalDocument) -> Put:
        """Give the write that records an acceptance (ACC-2; EVD-1 is the caller's entry)."""
        return self.store.save_acceptance(
            Acceptance(
                account_id=account_id,
                user_id=user_id,
                kind=document.kind,
                version=document.version,
                sha256=document.sha256,
                accepted_at=self.clock.now(),
            )
        )

    def of_account(self, account_id: AccountId) -> list[Acceptance]:
        """Give what an account accepted, the oldest first."""
        return sorted(self.store.acceptances_of(account_id), key=lambda one: one.accepted_at)
