"""Wires legal documents, accounts and sign-in."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.shared import SharedServices

if TYPE_CHECKING:
    from chalicelib.accounts.access.sign_in import SignInService
    from chalicelib.accounts.service import AccountService
    from chalicelib.legal.acceptances import Acceptances
    from chalicelib.legal.anchors import JournalAnchors
    from chalicelib.legal.library import LegalDocuments


class AccountServices(SharedServices):
    """Wires legal documents, accounts and sign-in."""

    @cached_property
    def legal_documents(self) -> "LegalDocuments":
        """Versions of the legal documents."""
        from chalicelib.legal.documents_storage import LegalStorage
        from chalicelib.legal.library import LegalDocuments

        store = LegalStorage(self.adapters.tables)
        return LegalDocuments(store=store, recording=self.recording)

    @cached_property
    def journal_anchors(self) -> "JournalAnchors":
        """Daily anchors of the evidence journals."""
        from chalicelib.legal.anchors import JournalAnchors

        return JournalAnchors(
            journal=self.journal, documents=self.adapters.documents, clock=self.clock
        )

    @cached_property
    def acceptances(self) -> "Acceptances":
        """What accounts accepted of them."""
        from chalicelib.legal.acceptances import Acceptances
        from chalicelib.legal.documents_storage import LegalStorage

        store = LegalStorage(self.adapters.tables)
        return Acceptances(store=store, documents=self.legal_documents, clock=self.clock)

    @cached_property
    def _accounts_ports(self) -> dict[str, Any]:
        """What registration and sign-in both stand on."""
        from chalicelib.accounts.access.attempt_limits import AttemptLimits
        from chalicelib.accounts.access.link_desk import LinkDesk
        from chalicelib.accounts.access.storage import AccessStorage
        from chalicelib.accounts.clients.storage import AccountsStorage

        accounts = AccountsStorage(self.adapters.tables)
        access = AccessStorage(self.adapters.tables)
        return {
            "store": accounts,
            "access": access,
            "links": LinkDesk(accounts=accounts, access=access, clock=self.clock),
            "limits": AttemptLimits(store=access, recording=self.recording),
            "shared": {"recording": self.recording, "passwords": self.adapters.passwords},
        }

    @cached_property
    def accounts(self) -> "AccountService":
        """Clients and their users."""
        from chalicelib.accounts.registration.desk import RegistrationDesk
        from chalicelib.accounts.service import AccountService

        ports = self._accounts_ports
        registrations = RegistrationDesk(
            store=ports["store"],
            links=ports["links"],
            limits=ports["limits"],
            acceptances=self.acceptances,
            **ports["shared"],
        )
        return AccountService(store=ports["store"], registrations=registrations, **ports["shared"])

    @cached_property
    def sign_in(self) -> "SignInService":
        """Sessions and passwords."""
        from chalicelib.accounts.access.sign_in import SignInService

        ports = self._accounts_ports
        return SignInService(
            accounts=ports["store"],
            access=ports["access"],
            links=ports["links"],
            limits=ports["limits"],
            **ports["shared"],
        )
