"""Legal documents, policies, acceptances, the anchors of the journals."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base

if TYPE_CHECKING:
    from chalicelib.legal.acceptances import Acceptances
    from chalicelib.legal.anchors import JournalAnchors
    from chalicelib.legal.documents_storage import LegalStorage
    from chalicelib.legal.library import LegalDocuments
    from chalicelib.legal.published_policies import ContractPolicies


@dataclass(kw_only=True, eq=False)
class Legal:
    """Legal documents, policies, acceptances, the anchors of the journals."""

    base: Base

    @cached_property
    def documents(self) -> "LegalDocuments":
        """Versions of the legal documents."""
        from chalicelib.legal.library import LegalDocuments

        return LegalDocuments(store=self._storage, recording=self.base.recording)

    @cached_property
    def acceptances(self) -> "Acceptances":
        """What accounts accepted of them."""
        from chalicelib.legal.acceptances import Acceptances

        return Acceptances(store=self._storage, documents=self.documents, clock=self.base.clock)

    @cached_property
    def anchors(self) -> "JournalAnchors":
        """Daily anchors of the evidence journals."""
        from chalicelib.legal.anchors import JournalAnchors

        return JournalAnchors(
            journal=self.base.journal, documents=self.base.adapters.documents, clock=self.base.clock
        )

    @cached_property
    def policies(self) -> "ContractPolicies":
        """The readings of the contract that are switches."""
        from chalicelib.legal.policies_storage import PolicyStorage
        from chalicelib.legal.published_policies import ContractPolicies

        return ContractPolicies(
            storage=PolicyStorage(self.base.adapters.tables), recording=self.base.recording
        )

    @cached_property
    def _storage(self) -> "LegalStorage":
        """Documents and acceptances."""
        from chalicelib.legal.documents_storage import LegalStorage

        return LegalStorage(self.base.adapters.tables)
