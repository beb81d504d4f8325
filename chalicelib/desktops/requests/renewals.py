"""Beginning again: a new access code, a reinstallation, a return to a backup (DSK-5, ORD-4)."""

from collections.abc import Callable
from typing import Any

from chalicelib.desktops.model.access_code import AccessCode, new_secret
from chalicelib.desktops.model.desktop import Desktop, Operation
from chalicelib.desktops.model.lifecycle import Event, State, move, refusal
from chalicelib.desktops.requests.request import DesktopRequests, require_idle, require_machine
from chalicelib.foundation.errors import FieldErrors

_WRONG_NAME = "Tapez exactement le nom du bureau."


class RenewalRequests(DesktopRequests):
    """Requests that put a desktop back to an earlier point."""

    def request_new_code(self, account_id: str, desktop_id: str, *, by: str) -> Desktop:
        """Ask for a new access code, instead of one used, lost or expired (ORD-4).

        The earlier code stops working once the desktop has taken the new one: it restarts.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.operation is Operation.RENEWING_CODE:
                return None
            if desktop.state not in {State.RUNNING, State.STOPPED}:
                raise refusal(desktop.state)
            require_machine(desktop)
            now = self.recording.now()
            return desktop.noted(
                Operation.RENEWING_CODE.value,
                at=now,
                by=by,
                operation=Operation.RENEWING_CODE,
                moving_since=now,
                code_generation=desktop.code_generation + 1,
            )

        return self._with_new_code(
            account_id, desktop_id, decide, kind="desktop.code_requested", by=by
        )

    def request_reinstall(
        self, account_id: str, desktop_id: str, typed_name: str, *, by: str, why: str = ""
    ) -> Desktop:
        """Ask for the desktop to be made anew from its image, all erased (CGV art. 13; DSK-5).

        Confirmed by typing its name.  The former machine is destroyed, another is made in its
        place, and a new access code mailed.  Raises FieldErrors when the name typed is another.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.state is State.REINSTALLING and not desktop.restoring:
                return None
            move(desktop.state, Event.REINSTALL)
            require_idle(desktop)
            if " ".join(typed_name.split()) != desktop.name:
                raise FieldErrors({"name": _WRONG_NAME})
            return desktop.after(
                Event.REINSTALL,
                at=self.recording.now(),
                by=by,
                why=why,
                address=None,
                was_running=True,
                replaced_machine_id=desktop.machine_id,
                machine_id=None,
                vanished_at=None,
                generation=desktop.generation + 1,
                code_generation=desktop.code_generation + 1,
            )

        return self._with_new_code(account_id, desktop_id, decide, kind="desktop.transition", by=by)

    def request_restore(
        self, account_id: str, desktop_id: str, snapshot_id: str, typed_name: str, *, by: str
    ) -> Desktop:
        """Ask for the desktop's disk to become again what a backup holds (CGV art. 13; DSK-5).

        Raises FieldErrors when there is no such backup, or the name typed is another.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.restoring == snapshot_id:
                return None
            move(desktop.state, Event.RESTORE)
            require_machine(desktop)
            backups = {each.snapshot_id: each for each in desktop.backups if each.is_complete}
            errors = {}
            if snapshot_id not in backups:
                errors["backup"] = "Choisissez une des sauvegardes proposées."
            if " ".join(typed_name.split()) != desktop.name:
                errors["name"] = _WRONG_NAME
            if errors:
                raise FieldErrors(errors)
            return desktop.after(
                Event.RESTORE,
                at=self.recording.now(),
                by=by,
                why=backups[snapshot_id].taken_on.isoformat(),
                address=None,
                was_running=desktop.state is State.RUNNING,
                restoring=snapshot_id,
            )

        return self._change(
            account_id, desktop_id, decide, kind="desktop.transition", by=by, do="check"
        )

    def _with_new_code(
        self,
        account_id: str,
        desktop_id: str,
        decide: Callable[[Desktop], Desktop | None],
        *,
        kind: str,
        by: str,
    ) -> Desktop:
        """Commit a decision together with the secret that its machine will fetch."""
        secret = new_secret()

        def attempt() -> Desktop:
            desktop = self.get(account_id, desktop_id)
            changed = decide(desktop)
            if changed is None:
                return desktop
            code: Any = self.storage.save_code(self._new_code(changed, secret))
            return self._commit(changed, kind, by, "check", code)

        return self.recording.again(attempt)

    def _new_code(self, desktop: Desktop, secret: str) -> AccessCode:
        former = self.storage.code(desktop.id)
        return AccessCode(
            desktop.id,
            desktop.account_id,
            generation=desktop.code_generation,
            made_at=self.recording.now(),
            ciphertext=self.vault.encrypt(secret, desktop.account_id),
            version=former.version if former else 0,
        )
