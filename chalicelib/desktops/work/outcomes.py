"""Recording what became of a desktop: state, evidence, mail and next message in one commit.

(CGV art. 6, 9, 13, 14; DSK-1, DSK-4, DSK-5, DSK-6, DSK-8, ORD-4, P2, P4)
"""

from dataclasses import replace
from typing import Any

from chalicelib.desktops.clouds.machines import MachineState
from chalicelib.desktops.model.announcements import pods_message, task_message
from chalicelib.desktops.model.backups import Backup
from chalicelib.desktops.model.desktop import AS_ASKED, SYSTEM, Desktop, Operation, Tariff
from chalicelib.desktops.model.holding import settled
from chalicelib.desktops.model.lifecycle import HELD, Event, State
from chalicelib.desktops.model.measures import MeasureKind, done
from chalicelib.desktops.model.messages import EraseSecret, ForgetUsage
from chalicelib.desktops.work.commits import DesktopCommits, OvertakenError
from chalicelib.desktops.work.next_step import NOT_RESTORED, RESTORED, UNDOING
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put
from chalicelib.texts.mails import MailName

__all__ = ["Outcomes", "OvertakenError"]

_TRANSITION = "desktop.transition"
IN_THE_CLOUD = "in the cloud"  # nobody asked us: from inside the machine, or by the cloud itself


class Outcomes(DesktopCommits):
    """Commits each outcome of the worker's steps.

    Every method raises OvertakenError when somebody wrote the desktop since it was read.
    """

    def late(self, desktop: Desktop) -> Desktop:
        """Count a look that found something under way for too long."""
        changed = replace(desktop, late_looks=desktop.late_looks + 1)
        return self._commit(changed, None, self.check_later(desktop))

    def provisioning(self, desktop: Desktop) -> Desktop:
        """The company's order is being carried out."""
        changed = desktop.after(
            Event.PROVISION,
            at=self.recording.now(),
            by=desktop.carried_out_for,
            why=AS_ASKED,
        )
        return self._commit(changed, _TRANSITION)

    def machine_made(self, desktop: Desktop, machine_id: str) -> Desktop:
        """The desktop has its machine; whether it is ready is seen later."""
        changed = replace(desktop, machine_id=machine_id, replaced_machine_id=None)
        owner = self.storage.save_owner(machine_id, desktop)
        return self._commit(changed, None, owner, self.check_later(desktop))

    def machine_replaced(self, desktop: Desktop, machine_id: str, machine: MachineState) -> Desktop:
        """Another machine stands in for one that the cloud forgot."""
        address = machine.address if desktop.state is State.RUNNING else None
        changed = replace(desktop, machine_id=machine_id, address=address, vanished_at=None)
        return self._commit(changed, None, self.storage.save_owner(machine_id, desktop))

    def machine_lost(self, desktop: Desktop) -> Desktop:
        """The cloud took the machine back before it was ready: another is asked for."""
        changed = replace(desktop, machine_id=None, generation=desktop.generation + 1)
        return self._commit(changed, None, self.check_later(desktop))

    def ready(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The desktop can be used: the access-code mail leaves with this commit (ORD-4)."""
        now = self.recording.now()
        changed = desktop.after(
            Event.BE_READY,
            at=now,
            by=desktop.carried_out_for,
            why=AS_ASKED,
            ready_at=now,
            address=machine.address,
        )
        return self._commit(
            changed, _TRANSITION, *self.codes.mailing(desktop, MailName.DESKTOP_READY)
        )

    def failed(self, desktop: Desktop, why: str) -> Desktop:
        """The desktop cannot be made: the client is told, and it is never billed (P2)."""
        now = self.recording.now()
        changed = desktop.after(Event.FAIL, at=now, by=SYSTEM, why=why, failed_at=now)
        return self._commit(
            changed,
            _TRANSITION,
            self._notices.make(changed, MailName.DESKTOP_FAILED),
            task_message(ForgetUsage, changed, "forget"),
            *self._code_erased(changed),
        )

    def started(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The desktop runs again: it was asked to, or the cloud started it."""
        now = self.recording.now()
        why = AS_ASKED if desktop.operation else IN_THE_CLOUD
        changed = desktop.after(
            Event.START, at=now, by=desktop.carried_out_for, why=why, address=machine.address
        )
        return self._commit(changed, _TRANSITION)

    def stopped(self, desktop: Desktop) -> Desktop:
        """The desktop is stopped, as asked or from inside; its address goes with it."""
        why = AS_ASKED if desktop.operation else IN_THE_CLOUD
        changed = desktop.after(
            Event.STOP, at=self.recording.now(), by=desktop.carried_out_for, why=why, address=None
        )
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
        mailing = self.codes.mailing(desktop, MailName.DESKTOP_CODE)
        return self._commit(changed, "desktop.code_renewed", *mailing)

    def given_up(self, desktop: Desktop, why: str) -> Desktop:
        """What was under way did not come to its end; the desktop stays in its state."""
        growing = desktop.operation is Operation.GROWING
        changed = self._ended(desktop, "given_up", why=why, wanted_options=None)
        told = [self._notices.make(desktop, MailName.DESKTOP_NOT_GROWN)] if growing else []
        return self._commit(changed, "desktop.given_up", *told)

    def reverting(self, desktop: Desktop, why: str) -> Desktop:
        """The change of configuration failed: go back to the old one (DSK-4)."""
        changed = desktop.noted(
            "reverting",
            at=self.recording.now(),
            by=SYSTEM,
            asked_by=desktop.asked_by,
            why=why,
            wanted_code=None,
            moving_since=self.recording.now(),
            late_looks=0,
        )
        return self._commit(changed, "desktop.reverting", self.check_later(desktop))

    def reconfigured(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The change is complete, or undone; only a complete one changes the tariff (P4)."""
        now = self.recording.now()
        changes: dict[str, Any] = {"address": machine.address, "wanted_code": None}
        if desktop.wanted_code:
            changes["configuration_code"] = desktop.wanted_code
            changes["tariffs"] = (*desktop.tariffs, Tariff(desktop.wanted_code, now))
            if self._has_larger_disk(desktop):
                changes["disk_grown_at"] = now
        event = Event.END_RUNNING if desktop.was_running else Event.END_STOPPED
        why = AS_ASKED if desktop.wanted_code else "unchanged"
        changed = desktop.after(event, at=now, by=desktop.carried_out_for, why=why, **changes)
        template = MailName.DESKTOP_CHANGED if desktop.wanted_code else MailName.DESKTOP_UNCHANGED
        told: list[Message] = [self._notices.make(changed, template)]
        if desktop.wanted_code:
            told.append(pods_message(changed))
        return self._commit(changed, _TRANSITION, *told)

    def grown(self, desktop: Desktop) -> Desktop:
        """The disk has its new size: the extra storage is charged from now on (DSK-4, P4)."""
        now = self.recording.now()
        options = desktop.wanted_options or desktop.option_codes
        changed = self._ended(
            desktop,
            "grown",
            wanted_options=None,
            disk_grown_at=now,
            **desktop.with_options(options, now),
        )
        told = self._notices.make(changed, MailName.DESKTOP_OPTIONS), pods_message(changed)
        return self._commit(changed, "desktop.grown", *told)

    def disk_restored(self, desktop: Desktop) -> Desktop:
        """The backup's content is on the disk; the machine comes back next (DSK-5)."""
        return self._commit(replace(desktop, restoring=RESTORED), None, self.check_later(desktop))

    def undoing(self, desktop: Desktop, why: str) -> Desktop:
        """The backup cannot be returned to: the former disk is put back (DSK-5)."""
        changed = desktop.noted(
            "given_up",
            at=self.recording.now(),
            by=SYSTEM,
            why=why,
            restoring=UNDOING,
            asked_by=desktop.asked_by,
        )
        return self._commit(changed, "desktop.given_up", self.check_later(desktop))

    def not_restored(self, desktop: Desktop) -> Desktop:
        """The disk is again the former one; the machine comes back next (DSK-5)."""
        changed = replace(desktop, restoring=NOT_RESTORED)
        return self._commit(changed, None, self.check_later(desktop))

    def back(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The desktop is reinstalled, or back to a backup (DSK-5)."""
        now, restored = self.recording.now(), bool(desktop.restoring)
        failed = desktop.restoring == NOT_RESTORED
        event = Event.END_RUNNING if desktop.was_running else Event.END_STOPPED
        changes: dict[str, Any] = {"address": machine.address, "restoring": None}
        if not restored:
            changes["measures"] = done(desktop.measures, MeasureKind.REINSTALLATION)
        why = "unchanged" if failed else "restored" if restored else "reinstalled"
        changed = desktop.after(event, at=now, by=desktop.carried_out_for, why=why, **changes)
        if restored:
            template = MailName.DESKTOP_NOT_RESTORED if failed else MailName.DESKTOP_RESTORED
            told: list[Put | Message] = [self._notices.make(changed, template)]
        else:
            told = self.codes.mailing(desktop, MailName.DESKTOP_REINSTALLED)
        return self._commit(changed, _TRANSITION, *told)

    def backed_up(self, desktop: Desktop, backups: tuple[Backup, ...]) -> Desktop:
        """The backups there are now."""
        return self._commit(replace(desktop, backups=backups), None)

    def settled(self, desktop: Desktop) -> Desktop:
        """What was under way is over: the measures taken meanwhile take effect (DSK-8)."""
        why = "; ".join(measure.reason for measure in desktop.measures if measure.is_holding)
        by = next((each.by for each in desktop.measures if each.is_holding), SYSTEM)
        changed = settled(desktop, at=self.recording.now(), by=by, why=why or "lifted")
        return self._commit(changed, _TRANSITION, self.check_later(changed))

    def held(self, desktop: Desktop, machine: MachineState | None) -> Desktop:
        """The machine is as the measures want it, or again as it was before them (DSK-8)."""
        address = machine.address if machine and desktop.state is State.RUNNING else None
        event = "held" if desktop.state in HELD else "released"
        changed = self._ended(desktop, event, address=address)
        return self._commit(changed, f"desktop.{event}")

    def vanished(self, desktop: Desktop) -> Desktop:
        """Its machine is gone, and nobody asked for it: there is nothing to connect to (DSK-9)."""
        now = self.recording.now()
        changed = desktop.noted(
            "vanished", at=now, by=SYSTEM, why=IN_THE_CLOUD, vanished_at=now, address=None
        )
        return self._commit(changed, "desktop.vanished")

    def found(self, desktop: Desktop, machine: MachineState) -> Desktop:
        """The machine believed gone is listed again."""
        address = machine.address if desktop.state is State.RUNNING else None
        changed = desktop.noted(
            "found",
            at=self.recording.now(),
            by=SYSTEM,
            why=IN_THE_CLOUD,
            vanished_at=None,
            address=address,
        )
        return self._commit(changed, "desktop.found", self.check_later(changed))

    def deleted(self, desktop: Desktop) -> Desktop:
        """Nothing of the desktop is left in the cloud (DSK-6)."""
        changed = desktop.after(
            Event.BE_DELETED,
            at=self.recording.now(),
            by=desktop.carried_out_for,
            why=AS_ASKED,
            address=None,
            measures=(),
            backups=(),
            replaced_machine_id=None,
        )
        return self._commit(
            changed,
            _TRANSITION,
            self._notices.make(changed, MailName.DESKTOP_DELETED),
            *self._code_erased(changed),
        )

    def _has_larger_disk(self, desktop: Desktop) -> bool:
        catalogue = self.catalogues.current()
        wanted = catalogue.configuration(desktop.wanted_code or desktop.configuration_code)
        return wanted.storage_gib > catalogue.configuration(desktop.configuration_code).storage_gib

    def _ended(self, desktop: Desktop, event: str, why: str = AS_ASKED, **changes: Any) -> Desktop:
        return desktop.noted(
            event,
            at=self.recording.now(),
            by=SYSTEM if event == "given_up" else desktop.carried_out_for,
            why=why,
            operation=None,
            moving_since=None,
            late_looks=0,
            **changes,
        )

    def _code_erased(self, desktop: Desktop) -> list[Put | Message]:
        code = self.storage.code(desktop.id)
        writes: list[Put | Message] = [task_message(EraseSecret, desktop, "erase-secret")]
        if code is not None and code.ciphertext is not None:
            writes.append(self.storage.save_code(replace(code, ciphertext=None)))
        return writes
