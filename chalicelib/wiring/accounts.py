"""Clients, their users, sign-in."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base
from chalicelib.wiring.legal import Legal

if TYPE_CHECKING:
    from chalicelib.accounts.access.attempt_limits import AttemptLimits
    from chalicelib.accounts.access.link_desk import LinkDesk
    from chalicelib.accounts.access.sign_in import SignInService
    from chalicelib.accounts.access.storage import AccessStorage
    from chalicelib.accounts.clients.storage import AccountsStorage
    from chalicelib.accounts.service import AccountService


@dataclass(kw_only=True, eq=False)
class Accounts:
    """Clients, their users, sign-in."""

    base: Base
    legal: Legal

    @cached_property
    def service(self) -> "AccountService":
        """Clients and their users."""
        from chalicelib.accounts.registration.desk import RegistrationDesk
        from chalicelib.accounts.service import AccountService

        registrations = RegistrationDesk(
            store=self.storage,
            links=self._links,
            limits=self._limits,
            acceptances=self.legal.acceptances,
            recording=self.base.recording,
            passwords=self.base.adapters.passwords,
        )
        return AccountService(
            store=self.storage,
            registrations=registrations,
            recording=self.base.recording,
            passwords=self.base.adapters.passwords,
        )

    @cached_property
    def sign_in(self) -> "SignInService":
        """Sessions and passwords."""
        from chalicelib.accounts.access.sign_in import SignInService

        return SignInService(
            accounts=self.storage,
            access=self._access,
            links=self._links,
            limits=self._limits,
            recording=self.base.recording,
            passwords=self.base.adapters.passwords,
        )

    @cached_property
    def storage(self) -> "AccountsStorage":
        """Clients and their users."""
        from chalicelib.accounts.clients.storage import AccountsStorage

        return AccountsStorage(self.base.adapters.tables)

    @cached_property
    def _access(self) -> "AccessStorage":
        """Sessions, links, attempts."""
        from chalicelib.accounts.access.storage import AccessStorage

        return AccessStorage(self.base.adapters.tables)

    @cached_property
    def _links(self) -> "LinkDesk":
        """Mailed links."""
        from chalicelib.accounts.access.link_desk import LinkDesk

        return LinkDesk(accounts=self.storage, access=self._access, clock=self.base.clock)

    @cached_property
    def _limits(self) -> "AttemptLimits":
        """How often anything may be tried."""
        from chalicelib.accounts.access.attempt_limits import AttemptLimits

        return AttemptLimits(store=self._access, recording=self.base.recording)
