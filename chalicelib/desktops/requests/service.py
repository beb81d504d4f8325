"""What a client does with desktops; the worker does the rest (CGV art. 5, 6, 9, 13; DSK-1 to 6)."""

from collections.abc import Iterator
from typing import Any

from chalicelib.desktops.model.announcements import task_message, work_message
from chalicelib.desktops.model.desktop import Desktop, Mark, Operation
from chalicelib.desktops.model.lifecycle import Event, State, move, refusal
from chalicelib.desktops.model.messages import BackUpDesktop
from chalicelib.desktops.requests.changes import ChangeRequests
from chalicelib.desktops.requests.measures import MeasureRequests
from chalicelib.desktops.requests.renewals import RenewalRequests
from chalicelib.desktops.requests.request import require_active, require_machine
from chalicelib.foundation.errors import FieldErrors
from chalicelib.orders.model.request import NOT_ON_DOCUMENTS
from chalicelib.paper.legible import is_legible

NAME_LENGTH = 60
# What a deletion makes void.
_NOTHING_WANTED: dict[str, Any] = {
    "wanted_code": None,
    "wanted_options": None,
    "scheduled": None,
    "restoring": None,
    "vanished_at": None,
}


class DesktopService(ChangeRequests, RenewalRequests, MeasureRequests):
    """Reads an account's desktops and takes its requests."""

    # reading
    def of_account(self, account_id: str) -> list[Desktop]:
        """Give every desktop of an account by name, deleted ones included."""
        return sorted(self.storage.of_account(account_id), key=lambda each: each.name.casefold())

    def all_desktops(self) -> Iterator[Desktop]:
        """Give every desktop there ever was, account after account."""
        return self.storage.all()

    def watch(self) -> int:
        """Have every desktop on which something is under way looked at; tell how many.

        Should a message be lost, or the cloud be slow beyond the messages' patience, this
        scheduled look takes the work up again.  What has fallen due begins first: changes of
        configuration at a chosen time, updates that did not come.
        """
        self.carry_out_due_changes()
        self.apply_due_measures()
        moving = list(self.storage.marked(Mark.MOVING))
        for desktop in moving:
            self.recording.commit(work_message(desktop, "watch"))
        return len(moving)

    def machine_changed(self, machine_id: str) -> bool:
        """Have the desktop of a machine looked at, whose state changed; False if it is nobody's.

        What the cloud tells is only a hint: the worker looks for itself.
        """
        owner = self.storage.owner_of(machine_id)
        desktop = self.storage.desktop(owner.account_id, owner.desktop_id) if owner else None
        if desktop is None:
            return False
        self.recording.commit(work_message(desktop, "seen"))
        return True

    def ask_backups(self) -> int:
        """Have the backups of the day made, and those kept long enough removed (DSK-5)."""
        count = 0
        for desktop in self.storage.marked(Mark.BACKED_UP):
            self.recording.commit(task_message(BackUpDesktop, desktop, "back-up"))
            count += 1
        return count

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
            require_machine(desktop)
            now = self.recording.now()
            return desktop.noted(
                operation.value, at=now, by=by, operation=operation, moving_since=now
            )

        return self._change(
            account_id, desktop_id, decide, kind="desktop.requested", by=by, do="check"
        )

    # naming, giving, deleting
    def rename(self, account_id: str, desktop_id: str, name: str, *, by: str) -> Desktop:
        """Give a desktop another name (DSK-3).  Raises FieldErrors when it is not one."""
        name = " ".join(name.split())
        taken = {
            each.name.casefold()
            for each in self.storage.of_account(account_id)
            if each.is_active and each.id != desktop_id
        }
        if not name:
            raise FieldErrors({"name": "Donnez un nom au bureau."})
        if len(name) > NAME_LENGTH:
            raise FieldErrors({"name": "Le nom a au plus 60 caractères."})
        if not name.isprintable():
            raise FieldErrors({"name": "Ce nom contient un caractère qui ne s’affiche pas."})
        if not is_legible(name):
            raise FieldErrors({"name": NOT_ON_DOCUMENTS})
        if name.casefold() in taken:
            raise FieldErrors({"name": "Un autre de vos bureaux porte déjà ce nom."})

        def decide(desktop: Desktop) -> Desktop | None:
            require_active(desktop)
            if desktop.name == name:
                return None
            now = self.recording.now()
            return desktop.noted(
                "renamed", at=now, by=by, why=f"{desktop.name} → {name}", name=name
            )

        return self._change(account_id, desktop_id, decide, kind="desktop.renamed", by=by)

    def assign(self, account_id: str, desktop_id: str, user_id: str | None, *, by: str) -> Desktop:
        """Give a desktop to a user of the account, or to nobody (DSK-3).

        The caller has checked that the user belongs to the account.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            require_active(desktop)
            if desktop.assigned_user_id == user_id:
                return None
            now = self.recording.now()
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
            now = self.recording.now()
            return desktop.after(Event.DELETE, at=now, by=by, deleted_at=now, **_NOTHING_WANTED)

        return self._change(
            account_id, desktop_id, decide, kind="desktop.transition", by=by, do="check"
        )
