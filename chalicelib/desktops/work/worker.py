"""The work behind desktops: looks at the cloud, takes the next step, records it (DSK-1 to 8).

Every call may be repeated, by a redelivered message, a second worker or ``watch``: the step is
decided from what is seen (``next_step.py``), the cloud's calls are idempotent, and recording is
refused when somebody else recorded first.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.desktops.clouds.machines import GONE, UNKNOWN, MachineState
from chalicelib.desktops.model.desktop import Desktop, Operation
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.desktops.work.machine_work import MachineWork
from chalicelib.desktops.work.next_step import RETURN_ENDS, Step, next_step
from chalicelib.desktops.work.outcomes import Outcomes, OvertakenError
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import FinalGatewayError, GatewayError, TemporaryGatewayError

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=2)
_LATE_LOOKS = 3
_LOOKS = 10


@dataclass(kw_only=True)
class DesktopWorker:
    """Carries desktops to where they were asked to go."""

    storage: DesktopStorage
    machines: MachineWork
    outcomes: Outcomes
    clock: Clock

    def advance(self, account_id: str, desktop_id: str, *, once: bool = False) -> None:
        """Take a desktop one step further, whatever that is now.

        ``once`` looks without having it looked at again later (``watch`` comes back anyway).
        Raises TemporaryGatewayError when the cloud is busy and nothing was asked of it that would
        have it looked at again.
        """
        for _ in range(_LOOKS):
            desktop = self.storage.desktop(account_id, desktop_id)
            if desktop is None:
                return
            try:
                self._advance(desktop, once)
            except OvertakenError:
                continue
            return

    def vanished(self, account_id: str, desktop_id: str) -> None:
        """Say in the logs, which an alarm reads, that a machine is gone; look at its desktop."""
        log.error("the machine of desktop %s of %s vanished", desktop_id, account_id)
        self.advance(account_id, desktop_id)

    def make_again(self, account_id: str, desktop_id: str) -> None:
        """Make the machine of a desktop again when the cloud has forgotten it.

        For the emulated cloud of a development machine, which forgets everything when it ends.
        """
        desktop = self.storage.desktop(account_id, desktop_id)
        if desktop is None or not desktop.is_active or desktop.machine_id is None:
            return
        if self.machines.look(desktop)[1] in {UNKNOWN, GONE}:
            self.machines.make_again(desktop)

    def _advance(self, desktop: Desktop, once: bool) -> None:
        try:
            machine_id, machine = self.machines.look(desktop)
            step = next_step(desktop, machine, self.machines.wanted(desktop).instance_type)
            if step is Step.WAIT:
                self._wait(desktop, machine, once)
            else:
                self._take(step, desktop, machine_id, machine, once)
        except TemporaryGatewayError as fault:
            self._ask_later(desktop, fault, once)
        except FinalGatewayError as fault:
            log.warning("desktop %s: the cloud refused: %s", desktop.id, fault)
            self._give_up(desktop, _why(fault) or "refused")

    def _take(
        self,
        step: Step,
        desktop: Desktop,
        machine_id: str,
        machine: MachineState | None,
        once: bool,
    ) -> None:
        if self.machines.act(step, desktop, machine_id):
            if desktop.is_moving and not once:
                self.outcomes.look_again(desktop)
        elif step is Step.RELAUNCH:
            self._relaunch(desktop)
        elif step is Step.GROW:
            self._done_or_wait(self.machines.grow(desktop, machine_id), "grown", desktop, once)
        elif step is Step.RESTORE:
            done = self.machines.restore(desktop, machine_id)
            self._done_or_wait(done, "disk_restored", desktop, once)
        elif step is Step.UNDO_RESTORE:
            done = self.machines.undo_restore(desktop, machine_id)
            self._done_or_wait(done, "not_restored", desktop, once)
        elif step is Step.RECORD_DELETED:
            self.machines.clear(desktop)
            self.outcomes.deleted(desktop)
        else:
            self._record(step, desktop, machine)

    def _record(self, step: Step, desktop: Desktop, machine: MachineState | None) -> None:
        outcomes, seen = self.outcomes, machine or GONE
        records: dict[Step, Callable[[], object]] = {
            Step.SETTLE: lambda: outcomes.settled(desktop),
            Step.RECORD_READY: lambda: outcomes.ready(desktop, seen),
            Step.RECORD_STARTED: lambda: outcomes.started(desktop, seen),
            Step.RECORD_STOPPED: lambda: outcomes.stopped(desktop),
            Step.RECORD_RESTARTED: lambda: outcomes.restarted(desktop, seen),
            Step.RECORD_RECONFIGURED: lambda: outcomes.reconfigured(desktop, seen),
            Step.RECORD_BACK: lambda: outcomes.back(desktop, seen),
            Step.RECORD_HELD: lambda: outcomes.held(desktop, machine),
            Step.RECORD_VANISHED: lambda: outcomes.vanished(desktop),
            Step.RECORD_FOUND: lambda: outcomes.found(desktop, seen),
        }
        if step in records:
            records[step]()

    def _done_or_wait(self, done: bool, outcome: str, desktop: Desktop, once: bool) -> None:
        """Record what the cloud has finished; else come back, or give up in the end."""
        if done:
            getattr(self.outcomes, outcome)(desktop)
        else:
            self._wait(desktop, None, once)

    def _relaunch(self, desktop: Desktop) -> None:
        if self.machines.was_lost_too_often(desktop):
            self._give_up(desktop, "the machine was lost several times")
        else:
            self.outcomes.machine_lost(desktop)

    def _wait(self, desktop: Desktop, machine: MachineState | None, once: bool) -> None:
        if not desktop.is_moving:
            return
        if desktop.state is State.DELETING and self._is_late(desktop) and machine == UNKNOWN:
            self.machines.clear(desktop)
            self.outcomes.deleted(desktop)  # so long gone that the cloud forgot it
        elif self._is_late(desktop):
            self._late(desktop, "too long")
        elif not once:
            self.outcomes.look_again(desktop)

    def _ask_later(self, desktop: Desktop, fault: TemporaryGatewayError, once: bool) -> None:
        """Come back in a moment, as for any wait: a busy cloud is no failure of ours.

        Raised instead, it would rest in the dead-letter queue after three tries, and alarm.
        """
        if self._is_late(desktop):
            self._late(desktop, _why(fault) or str(fault))
        elif not desktop.is_moving:
            raise fault
        elif not once:
            log.info("desktop %s: the cloud is busy: %s", desktop.id, fault)
            self.outcomes.look_again(desktop)

    def _late(self, desktop: Desktop, why: str) -> None:
        """Give up, after a few more looks: perhaps it is we who were away."""
        if desktop.late_looks >= _LATE_LOOKS:
            self._give_up(desktop, why)
        else:
            self.outcomes.late(desktop)

    def _is_late(self, desktop: Desktop) -> bool:
        since = desktop.moving_since
        return since is not None and self.clock.now() - since > GIVE_UP_AFTER

    def _give_up(self, desktop: Desktop, why: str) -> None:
        """Stop trying: what that means depends on what was under way (P2, DSK-4).

        A deletion, a measure, a return to the old configuration or a reinstallation cannot be
        given up: the reconciliation has the operator see to it (DSK-9).
        """
        if desktop.state in {State.ORDERED, State.PROVISIONING}:
            self.machines.clean_up(desktop)
            present = self.storage.desktop(desktop.account_id, desktop.id)
            if present is not None and present.state is State.PROVISIONING:
                self.outcomes.failed(present, why)
        elif desktop.state is State.RECONFIGURING and desktop.wanted_code:
            self.outcomes.reverting(desktop, why)
        elif desktop.restoring and desktop.restoring not in RETURN_ENDS:
            self.outcomes.undoing(desktop, why)
        elif desktop.operation not in {None, Operation.HOLDING, Operation.RELEASING}:
            self.outcomes.given_up(desktop, why)
        else:
            log.error("desktop %s stays %s: %s", desktop.id, desktop.state, why)


def _why(fault: GatewayError) -> str:
    """Give what the history keeps of a refusal: the cloud's word, and its reference."""
    return f"{fault.code} ({fault.reference})" if fault.reference else fault.code
