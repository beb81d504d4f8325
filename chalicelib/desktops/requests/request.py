"""What every request about a desktop shares: read, decide, commit with its evidence (DSK-1)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.announcements import last_step, work_message
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import refusal
from chalicelib.desktops.model.notices import Notices
from chalicelib.desktops.model.rented import committed_cents
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.tables import Write
from chalicelib.foundation.vault import Vault
from chalicelib.legal.recording import Recording
from chalicelib.orders.placing.service import OrderService

BEYOND_LIMIT = (
    "Ce changement ferait dépasser le montant mensuel que votre compte peut engager sans notre "
    "accord. Écrivez-nous pour le faire relever, puis recommencez ; rien n’a changé."
)
_BUSY = "Une opération est déjà en cours sur ce bureau : attendez qu’elle soit finie."
_VANISHED = (
    "La machine de ce bureau a disparu chez l’hébergeur\u00a0: un incident est ouvert et nous "
    "nous en occupons. En attendant, vous pouvez réinstaller le bureau, ou le supprimer."
)


@dataclass(kw_only=True)
class DesktopRequests:
    """What every request stands on, and its shape.

    A request commits the new state, the journal entry and the message that has the work done;
    it never waits for the cloud.
    """

    storage: DesktopStorage
    accounts: AccountService
    catalogues: CatalogueService
    limits: OrderService
    vault: Vault
    recording: Recording

    @cached_property
    def _notices(self) -> Notices:
        return Notices(accounts=self.accounts, catalogues=self.catalogues)

    def get(self, account_id: str, desktop_id: str) -> Desktop:
        """Give a desktop of an account.  Raises NotFoundError."""
        desktop = self.storage.desktop(account_id, desktop_id)
        if desktop is None:
            raise NotFoundError
        return desktop

    def _change(  # noqa: PLR0913 - one place for the shape of every request
        self,
        account_id: str,
        desktop_id: str,
        decide: Callable[[Desktop], Desktop | None],
        *,
        kind: str,
        by: str,
        do: str | None = None,
        also: Callable[[Desktop], list[Any]] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> Desktop:
        """Read, decide, commit; ``decide`` gives None when the request is already granted.

        ``also`` gives further writes and messages of the same commit, ``facts`` what the journal
        tells beside the transition.
        """

        def attempt() -> Desktop:
            desktop = self.get(account_id, desktop_id)
            changed = decide(desktop)
            if changed is None:
                return desktop
            writes = [*self._counted(desktop, changed), *(also(changed) if also else [])]
            return self._commit(changed, kind, by, do, *writes, **(facts or {}))

        return self.recording.again(attempt)

    def _counted(self, former: Desktop, changed: Desktop) -> list[Write]:
        """Give what counts a request against the account's limit, for its commit (ORD-3).

        Raises DomainError when the account would commit to more than it may by itself.
        """
        if _priced(former) == _priced(changed):
            return []
        catalogue, day = self.catalogues.current(), self.recording.today()
        before, after = (committed_cents(each, catalogue, day) for each in (former, changed))
        writes = self.limits.room_for(changed.account_id, after - before)
        if writes is None:
            raise DomainError(BEYOND_LIMIT)
        return writes

    def _commit(
        self, desktop: Desktop, kind: str, by: str, do: str | None, *writes: Any, **facts: Any
    ) -> Desktop:
        told = last_step(desktop) | facts
        entry = self.recording.entry(desktop.account_id, kind, told, by=by)
        messages = [work_message(desktop, do)] if do else []
        self.recording.commit(*self.storage.save(desktop), entry, *writes, *messages)
        return replace(desktop, version=desktop.version + 1, listed=desktop.marks)


def _priced(desktop: Desktop) -> tuple[object, ...]:
    """Give what the price of a desktop follows from, now and once what is asked for is done."""
    return (
        *(desktop.configuration_code, desktop.wanted_code, desktop.scheduled),
        *(desktop.option_codes, desktop.wanted_options),
    )


def require_idle(desktop: Desktop) -> None:
    """Raise DomainError when something is already under way."""
    if desktop.operation is not None:
        raise DomainError(_BUSY)


def require_machine(desktop: Desktop) -> None:
    """Raise DomainError when something is under way, or there is no machine to do it on (DSK-9)."""
    require_idle(desktop)
    if desktop.vanished_at is not None:
        raise DomainError(_VANISHED)


def require_active(desktop: Desktop) -> None:
    """Raise DomainError when the desktop is over, or was never made."""
    if not desktop.is_active:
        raise refusal(desktop.state)
