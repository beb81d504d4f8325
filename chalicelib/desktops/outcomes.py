"""Recording what became of a desktop: state, evidence, mail and next message in one commit.

(CGV art. 6, 9; DSK-1, DSK-4, DSK-6, ORD-4, P2, P4)
"""

from dataclasses import replace
from typing import Any

from chalicelib.desktops.access_code_service import AccessCodeService
from chalicelib.desktops.announcements import last_step, work_message
from chalicelib.desktops.desktop import Desktop, Operation, Tariff
from chalicelib.desktops.lifecycle import Event, State
from chalicelib.desktops.machines import MachineState
from chalicelib.desktops.ports import Accounts, Catalogues, DesktopStore
from chalicelib.desktops.usage_history import charged_days
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.notifications.mails import mail

SYSTEM = "system"
_TRANSITION = "desktop.transition"


class OvertakenError(Exception):
    """The desktop changed since it was looked at: look again."""


class Outcomes:
    """Commits each outcome of the worker's steps.

    Every method raises OvertakenError when somebody wrote the desktop since it was read.
    """

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        work: UnitOfWork,
        journal: Journal,
        accounts: Accounts,
        catalogues: Catalogues,
        codes: AccessCodeService,
        clock: Clock,
        check_delay_seconds: int,
    ) -> None:
        self._storage = storage
        self._work = work
        self._journal = journal
        self._accounts = accounts
        self._catalogues = catalogues
        self._codes = codes
        self._clock = clock
        self._delay = check_delay_seconds

    def check_later(self, desktop: Desktop) -> Message:
        """Make the message that looks at the desktop again in a moment."""
        return work_message(desktop, "check", self._delay)

    def look_again(self, desktop: Desktop) -> None:
        """Have the desktop looked at again in a moment, changing nothing."""
        self._work.commit(self.check_later(desktop))

    def late(self, desktop: Desktop) -> Desktop:
        """Count a look that found something under way for too long."""
        changed = replace(desktop, late_looks=desktop.late_looks + 1)
        return self._commit(changed, None, self.check_later(desktop))

    def provisioning(self, desktop: Desktop) -> Desktop:
        """The company's order is being carried out."""
        changed = desktop.after(Event.PROVISION, at=self._clock.now(), by=SYSTEM)
        return self._commit(changed, _TRANSITION)

    def machine_made(self, desktop: Desktop, machine_id: str) -> Desktop:
        """The desktop has its machine; whether it is ready is seen later."""
        return self._commit(
            replace(desktop, machine_id=machine_id), None, self.check_later(desktop)
        )

    def machine_replaced(self, desktop: Desktop, machine_id: str, machine: MachineState) -> Desktop:
        """Another machine stands in for one that the cloud forgot."""
        address = machine.address if desktop.state is State.RUNNING else None
        return self._commit(replace(desktop, machine_id=machine_id, address=address), None)

    def machine_lost(self, desktop: Desktop) -> Desktop:
        """The cloud took the machine back before it was ready: another is asked for."""
        changed = replace(desktop, machine_id=None, generation=desktop.generation + 1)
        return self._commit(changed, None, self.check_later(desktop))

    def ready(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The desktop can be used: the access-code mail leaves with this commit (ORD-4)."""
        now = self._clock.now()
        changed = desktop.after(
            Event.BE_READY, at=now, by=SYSTEM, ready_at=now, address=machine.address
        )
        return self._commit(changed, _TRANSITION, *self._codes.mailing(desktop, "desktop_ready"))

    def failed(self, desktop: Desktop, why: str) -> Desktop:
        """The desktop cannot be made: the client is told, and it is never billed (P2)."""
        now = self._clock.now()
        changed = desktop.after(Event.FAIL, at=now, by=SYSTEM, why=why, failed_at=now)
        return self._commit(
            changed,
            _TRANSITION,
            self._mail(changed, "desktop_failed"),
            work_message(changed, "forget"),
            *self._code_erased(changed),
        )

    def started(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The desktop runs again."""
        now = self._clock.now()
        changed = desktop.after(Event.START, at=now, by=SYSTEM, address=machine.address)
        return self._commit(changed, _TRANSITION)

    def stopped(self, desktop: Desktop) -> Desktop:
        """The desktop is stopped; its address goes with it."""
        changed = desktop.after(Event.STOP, at=self._clock.now(), by=SYSTEM, address=None)
        return self._commit(changed, _TRANSITION)

    def rebooting(self, desktop: Desktop) -> Desktop:
        """The cloud was asked to restart the machine."""
        changed = replace(desktop, operation=Operation.REBOOTING)
        return self._commit(changed, None, self.check_later(desktop))

    def restarted(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The desktop is back after a restart."""
        changed = self._ended(desktop, "restarted", address=machine.address)
        return self._commit(changed, "desktop.restarted")

    def code_renewed(self, desktop: Desktop) -> Desktop:
        """The machine can fetch its new secret: the link leaves with this commit (ORD-4)."""
        changed = self._ended(desktop, "code_renewed")
        mailing = self._codes.mailing(desktop, "desktop_code")
        return self._commit(changed, "desktop.code_renewed", *mailing)

    def given_up(self, desktop: Desktop, why: str) -> Desktop:
        """What was under way did not come to its end; the desktop stays in its state."""
        return self._commit(self._ended(desktop, "given_up", why=why), "desktop.given_up")

    def reverting(self, desktop: Desktop, why: str) -> Desktop:
        """The change of configuration failed: go back to the old one (DSK-4)."""
        changed = desktop.noted(
            "reverting",
            at=self._clock.now(),
            by=SYSTEM,
            why=why,
            wanted_code=None,
            moving_since=self._clock.now(),
            late_looks=0,
        )
        return self._commit(changed, "desktop.reverting", self.check_later(desktop))

    def reconfigured(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The change is complete, or undone; only a complete one changes the tariff (P4)."""
        now = self._clock.now()
        changes: dict[str, Any] = {"address": machine.address, "wanted_code": None}
        if desktop.wanted_code:
            changes["configuration_code"] = desktop.wanted_code
            changes["tariffs"] = (*desktop.tariffs, Tariff(desktop.wanted_code, now))
        event = Event.END_RUNNING if desktop.was_running else Event.END_STOPPED
        why = "" if desktop.wanted_code else "unchanged"
        changed = desktop.after(event, at=now, by=SYSTEM, why=why, **changes)
        template = "desktop_changed" if desktop.wanted_code else "desktop_unchanged"
        return self._commit(changed, _TRANSITION, self._mail(changed, template))

    def deleted(self, desktop: Desktop) -> Desktop:
        """Nothing of the desktop is left in the cloud (DSK-6)."""
        changed = desktop.after(Event.BE_DELETED, at=self._clock.now(), by=SYSTEM, address=None)
        return self._commit(
            changed,
            _TRANSITION,
            self._mail(changed, "desktop_deleted"),
            *self._code_erased(changed),
        )

    def _ended(self, desktop: Desktop, event: str, why: str = "", **changes: Any) -> Desktop:
        return desktop.noted(
            event,
            at=self._clock.now(),
            by=SYSTEM,
            why=why,
            operation=None,
            moving_since=None,
            late_looks=0,
            **changes,
        )

    def _code_erased(self, desktop: Desktop) -> list[Put | Message]:
        code = self._storage.code(desktop.id)
        writes: list[Put | Message] = [work_message(desktop, "erase-secret")]
        if code is not None and code.ciphertext is not None:
            writes.append(self._storage.save_code(replace(code, ciphertext=None)))
        return writes

    def _mail(self, desktop: Desktop, template: str) -> Message:
        account = self._accounts.account(desktop.account_id)
        configuration = self._catalogues.current().configuration(desktop.configuration_code)
        language = account.language
        context = {
            "desktop": desktop.name,
            "configuration": configuration.name[language],
            "desktop_path": f"/desktops/{desktop.id}",
            "deleted_on": str(charged_days(desktop)[1] or ""),
        }
        key = f"{template}:{desktop.id}:{desktop.version}"
        return mail(template, account.email, language, context, key=key)

    def _commit(self, changed: Desktop, kind: str | None, *others: Put | Message) -> Desktop:
        """Commit an outcome; ``kind`` names its journal entry, None for a detail without one."""

        def attempt() -> Desktop:
            writes = [self._storage.save_desktop(changed), *others]
            if kind:
                facts = last_step(changed)
                writes.append(self._journal.entry(changed.account_id, kind, facts, by=SYSTEM))
            try:
                self._work.commit(*writes)
            except ConflictError:
                present = self._storage.desktop(changed.account_id, changed.id)
                if present is None or present.version != changed.version:
                    raise OvertakenError(changed.id) from None
                raise  # another desktop of the account wrote the journal first: once more
            return replace(changed, version=changed.version + 1)

        return retry_on_conflict(attempt)
