"""What a client does with desktops; the worker does the rest (CGV art. 5, 6, 9, 13; DSK-1 to 6)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chalicelib.catalogue.catalogue import Configuration
from chalicelib.desktops.access_code import AccessCode, new_secret
from chalicelib.desktops.announcements import last_step, work_message
from chalicelib.desktops.desktop import Desktop, Operation
from chalicelib.desktops.lifecycle import Event, State, move, refusal
from chalicelib.desktops.ports import Catalogues, DesktopStore
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.foundation.vault import Vault
from chalicelib.legal.journal import Journal

NAME_LENGTH = 60
_BUSY = "Une opération est déjà en cours sur ce bureau : attendez qu’elle soit finie."


class DesktopService:
    """Reads an account's desktops and takes its requests.

    A request commits the new state, the journal entry and the message that has the work done;
    it never waits for the cloud.
    """

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        work: UnitOfWork,
        journal: Journal,
        catalogues: Catalogues,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._work = work
        self._journal = journal
        self._catalogues = catalogues
        self._vault = vault
        self._clock = clock

    # reading
    def get(self, account_id: str, desktop_id: str) -> Desktop:
        """Give a desktop of an account.  Raises NotFoundError."""
        desktop = self._storage.desktop(account_id, desktop_id)
        if desktop is None:
            raise NotFoundError
        return desktop

    def of_account(self, account_id: str) -> list[Desktop]:
        """Give every desktop of an account by name, deleted ones included."""
        return sorted(self._storage.of_account(account_id), key=lambda each: each.name.casefold())

    def all_desktops(self) -> Iterator[Desktop]:
        """Give every desktop there ever was, account after account."""
        return self._storage.all()

    def watch(self) -> int:
        """Have every desktop on which something is under way looked at; tell how many.

        Should a message be lost, or the cloud be slow beyond the messages' patience, this
        scheduled look takes the work up again.
        """
        moving = [desktop for desktop in self._storage.all() if desktop.is_moving]
        for desktop in moving:
            self._work.commit(work_message(desktop, "watch"))
        return len(moving)

    # starting and stopping
    def request_start(self, account_id: str, desktop_id: str, *, by: str) -> Desktop:
        """Ask for a stopped desktop to be started (DSK-3)."""
        return self._operate(account_id, desktop_id, State.STOPPED, Operation.STARTING, by)

    def request_stop(self, account_id: str, desktop_id: str, *, by: str) -> Desktop:
        """Ask for a running desktop to be stopped; it goes on being billed (DSK-3, P3)."""
        return self._operate(account_id, desktop_id, State.RUNNING, Operation.STOPPING, by)

    def request_restart(self, account_id: str, desktop_id: str, *, by: str) -> Desktop:
        """Ask for a running desktop to be restarted (DSK-3)."""
        return self._operate(account_id, desktop_id, State.RUNNING, Operation.RESTARTING, by)

    def _operate(
        self, account_id: str, desktop_id: str, needed: State, operation: Operation, by: str
    ) -> Desktop:
        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.operation is operation:
                return None  # a second click
            if desktop.state is not needed:
                raise refusal(desktop.state)
            _require_idle(desktop)
            now = self._clock.now()
            return desktop.noted(
                operation.value, at=now, by=by, operation=operation, moving_since=now
            )

        return self._change(
            account_id, desktop_id, decide, kind="desktop.requested", by=by, do="check"
        )

    # changing
    def request_reconfigure(
        self, account_id: str, desktop_id: str, configuration_code: str, *, by: str
    ) -> Desktop:
        """Ask for another predefined configuration (CGV art. 9; DSK-4).

        The tariff changes when the change is complete (P4).  Raises DomainError when the
        configuration cannot be chosen, FieldErrors when it is unknown.
        """
        catalogue = self._catalogues.current()
        offered = {each.code for each in self.changes_for(self.get(account_id, desktop_id))}

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.wanted_code == configuration_code:
                return None
            if configuration_code not in offered:
                raise FieldErrors({"configuration": "Choisissez une configuration proposée."})
            move(desktop.state, Event.RECONFIGURE)
            _require_idle(desktop)
            return desktop.after(
                Event.RECONFIGURE,
                at=self._clock.now(),
                by=by,
                why=f"{desktop.configuration_code} → {configuration_code}",
                wanted_code=catalogue.configuration(configuration_code).code,
                was_running=desktop.state is State.RUNNING,
            )

        return self._change(
            account_id, desktop_id, decide, kind="desktop.transition", by=by, do="check"
        )

    def changes_for(self, desktop: Desktop) -> list[Configuration]:
        """Give the configurations that a desktop can be changed to, cheapest first (DSK-4).

        Those on sale, on the same cloud and with the same system, for the disk stays; and whose
        disk is not smaller, for storage only grows.
        """
        catalogue = self._catalogues.current()
        present = catalogue.configuration(desktop.configuration_code)
        return [
            offer
            for offer in catalogue.on_sale(today(self._clock))
            if offer.code != present.code
            and (offer.provider, offer.os) == (desktop.provider, present.os)
            and offer.storage_gib >= present.storage_gib
        ]

    def rename(self, account_id: str, desktop_id: str, name: str, *, by: str) -> Desktop:
        """Give a desktop another name (DSK-3).  Raises FieldErrors when it is not one."""
        name = " ".join(name.split())
        taken = {
            each.name.casefold()
            for each in self._storage.of_account(account_id)
            if each.is_active and each.id != desktop_id
        }
        if not name:
            raise FieldErrors({"name": "Donnez un nom au bureau."})
        if len(name) > NAME_LENGTH:
            raise FieldErrors({"name": "Le nom a au plus 60 caractères."})
        if not name.isprintable():
            raise FieldErrors({"name": "Ce nom contient un caractère qui ne s’affiche pas."})
        if name.casefold() in taken:
            raise FieldErrors({"name": "Un autre de vos bureaux porte déjà ce nom."})

        def decide(desktop: Desktop) -> Desktop | None:
            _require_active(desktop)
            if desktop.name == name:
                return None
            now = self._clock.now()
            return desktop.noted(
                "renamed", at=now, by=by, why=f"{desktop.name} → {name}", name=name
            )

        return self._change(account_id, desktop_id, decide, kind="desktop.renamed", by=by)

    def assign(self, account_id: str, desktop_id: str, user_id: str | None, *, by: str) -> Desktop:
        """Give a desktop to a user of the account, or to nobody (DSK-3).

        The caller has checked that the user belongs to the account.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            _require_active(desktop)
            if desktop.assigned_user_id == user_id:
                return None
            now = self._clock.now()
            return desktop.noted(
                "assigned", at=now, by=by, why=user_id or "", assigned_user_id=user_id
            )

        return self._change(account_id, desktop_id, decide, kind="desktop.assigned", by=by)

    def request_delete(
        self, account_id: str, desktop_id: str, typed_name: str, *, by: str
    ) -> Desktop:
        """Ask for a desktop to be deleted, confirmed by typing its name (CGV art. 9; DSK-6).

        Billing ends that day, whenever the machine is really gone.  Raises FieldErrors when the
        name typed is another.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.deleted_at is not None:
                return None
            move(desktop.state, Event.DELETE)
            if " ".join(typed_name.split()) != desktop.name:
                raise FieldErrors({"name": "Tapez exactement le nom du bureau."})
            now = self._clock.now()
            return desktop.after(Event.DELETE, at=now, by=by, deleted_at=now, wanted_code=None)

        return self._change(
            account_id, desktop_id, decide, kind="desktop.transition", by=by, do="check"
        )

    def request_new_code(self, account_id: str, desktop_id: str, *, by: str) -> Desktop:
        """Ask for a new access code, instead of one used, lost or expired (ORD-4).

        The earlier code stops working once the desktop has taken the new one: it restarts.
        """
        secret = new_secret()

        def attempt() -> Desktop:
            desktop = self.get(account_id, desktop_id)
            if desktop.operation is Operation.RENEWING_CODE:
                return desktop
            if desktop.state not in {State.RUNNING, State.STOPPED}:
                raise refusal(desktop.state)
            _require_idle(desktop)
            now = self._clock.now()
            changed = desktop.noted(
                Operation.RENEWING_CODE.value,
                at=now,
                by=by,
                operation=Operation.RENEWING_CODE,
                moving_since=now,
                code_generation=desktop.code_generation + 1,
            )
            former = self._storage.code(desktop_id)
            code = AccessCode(
                desktop_id,
                account_id,
                generation=changed.code_generation,
                made_at=now,
                ciphertext=self._vault.encrypt(secret, account_id),
                version=former.version if former else 0,
            )
            self._commit(
                changed, "desktop.code_requested", by, "check", self._storage.save_code(code)
            )
            return changed

        return retry_on_conflict(attempt)

    # committing
    def _change(  # noqa: PLR0913 - one place for the shape of every request
        self,
        account_id: str,
        desktop_id: str,
        decide: Callable[[Desktop], Desktop | None],
        *,
        kind: str,
        by: str,
        do: str | None = None,
    ) -> Desktop:
        """Read, decide, commit; ``decide`` gives None when the request is already granted."""

        def attempt() -> Desktop:
            desktop = self.get(account_id, desktop_id)
            changed = decide(desktop)
            if changed is None:
                return desktop
            self._commit(changed, kind, by, do)
            return replace(changed, version=changed.version + 1)

        return retry_on_conflict(attempt)

    def _commit(self, desktop: Desktop, kind: str, by: str, do: str | None, *writes: Any) -> None:
        entry = self._journal.entry(desktop.account_id, kind, last_step(desktop), by=by)
        messages = [work_message(desktop, do)] if do else []
        self._work.commit(self._storage.save_desktop(desktop), entry, *writes, *messages)


def _require_idle(desktop: Desktop) -> None:
    if desktop.operation is not None:
        raise DomainError(_BUSY)


def _require_active(desktop: Desktop) -> None:
    if not desktop.is_active:
        raise refusal(desktop.state)
