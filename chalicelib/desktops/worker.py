"""The work behind desktops: looks at the cloud, takes the next step, records it (DSK-1, 2, 4).

Every call may be repeated, by a redelivered message, a second worker or ``watch``: the step is
decided from what is seen (``next_step.py``), the cloud's calls are idempotent, and recording is
refused when somebody else recorded first.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from chalicelib.catalogue.catalogue import Configuration
from chalicelib.desktops.access_code_service import AccessCodeService
from chalicelib.desktops.desktop import Desktop
from chalicelib.desktops.lifecycle import OVER, State
from chalicelib.desktops.machines import (
    GONE,
    UNKNOWN,
    LaunchRequest,
    MachineProvider,
    MachineSecrets,
    MachineState,
    MachineStatus,
)
from chalicelib.desktops.next_step import Step, next_step
from chalicelib.desktops.outcomes import Outcomes, OvertakenError
from chalicelib.desktops.ports import Catalogues, DesktopStore
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=2)
_LATE_LOOKS = 3
_MOST_MACHINES = 3  # the cloud may take back a machine before it is ready
_LOOKS = 10
STORAGE_OPTION = "storage-10gb"
_STORAGE_OPTION_GIB = 10


class DesktopWorker:
    """Carries desktops to where they were asked to go."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        catalogues: Catalogues,
        providers: Mapping[str, MachineProvider],
        machine_secrets: MachineSecrets,
        codes: AccessCodeService,
        outcomes: Outcomes,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._catalogues = catalogues
        self._providers = providers
        self._secrets = machine_secrets
        self._codes = codes
        self._outcomes = outcomes
        self._clock = clock

    def advance(self, account_id: str, desktop_id: str, *, once: bool = False) -> None:
        """Take a desktop one step further, whatever that is now.

        ``once`` looks without having it looked at again later (``watch`` comes back anyway).
        Raises TemporaryGatewayError when the cloud should be asked again later.
        """
        for _ in range(_LOOKS):
            desktop = self._storage.desktop(account_id, desktop_id)
            if desktop is None:
                return
            try:
                self._advance(desktop, once)
            except OvertakenError:
                continue
            return

    def erase_secret(self, account_id: str, desktop_id: str) -> None:
        """Remove the machine's copy of a secret that was revealed or serves no more (DSK-7)."""
        desktop = self._storage.desktop(account_id, desktop_id)
        code = self._storage.code(desktop_id)
        if code is not None and code.ciphertext is not None and desktop and desktop.is_active:
            return  # a new code was asked for meanwhile, and the machine must fetch it
        self._secrets.erase(desktop_id)

    def make_again(self, account_id: str, desktop_id: str) -> None:
        """Make the machine of a desktop again when the cloud has forgotten it.

        For the emulated cloud of a development machine, which forgets everything when it ends.
        """
        desktop = self._storage.desktop(account_id, desktop_id)
        if desktop is None or not desktop.is_active or desktop.machine_id is None:
            return
        if self._look(desktop)[1] in {UNKNOWN, GONE}:
            provider = self._provider(desktop)
            machine_id = provider.launch(self._launch_request(desktop))
            machine = provider.describe([machine_id])[machine_id]
            if desktop.state is State.STOPPED:
                provider.stop(machine_id)
            self._outcomes.machine_replaced(desktop, machine_id, machine)

    def _advance(self, desktop: Desktop, once: bool) -> None:
        try:
            machine_id, machine = self._look(desktop)
            step = next_step(desktop, machine, self._wanted(desktop).instance_type)
            if step is Step.WAIT:
                self._wait(desktop, machine, once)
            elif machine is None:
                self._without_machine(desktop, step)
            else:
                self._take(step, desktop, machine_id, machine, once)
        except TemporaryGatewayError as fault:
            if not self._is_late(desktop):
                raise
            self._late(desktop, str(fault))
        except FinalGatewayError as fault:
            log.warning("desktop %s: the cloud refused: %s", desktop.id, fault.code)
            self._give_up(desktop, fault.code or "refused")

    def _look(self, desktop: Desktop) -> tuple[str, MachineState | None]:
        """Give the desktop's machine; found by its tag where no id was recorded."""
        provider = self._provider(desktop)
        machine_id = desktop.machine_id
        if machine_id is None and desktop.state in {State.DELETING, *OVER}:
            machine_id = provider.find(desktop.id)
        if machine_id is None:
            return "", None
        return machine_id, provider.describe([machine_id]).get(machine_id, UNKNOWN)

    def _without_machine(self, desktop: Desktop, step: Step) -> None:
        if step is Step.LAUNCH:
            self._launch(desktop)
        elif step is Step.RECORD_DELETED:
            self._outcomes.deleted(desktop)

    def _take(
        self, step: Step, desktop: Desktop, machine_id: str, machine: MachineState, once: bool
    ) -> None:
        provider, outcomes = self._provider(desktop), self._outcomes
        calls: dict[Step, Callable[[], object]] = {
            Step.START: lambda: provider.start(machine_id),
            Step.STOP: lambda: provider.stop(machine_id),
            Step.TERMINATE: lambda: provider.terminate(machine_id),
            Step.CHANGE_TYPE: lambda: self._change_type(desktop, machine_id),
        }
        records: dict[Step, Callable[[], object]] = {
            Step.RELAUNCH: lambda: self._relaunch(desktop),
            Step.RESTART: lambda: self._restart(desktop, machine_id),
            Step.GIVE_CODE: lambda: self._give_code(desktop, machine_id, machine),
            Step.RECORD_READY: lambda: outcomes.ready(desktop, machine),
            Step.RECORD_STARTED: lambda: outcomes.started(desktop, machine),
            Step.RECORD_STOPPED: lambda: outcomes.stopped(desktop),
            Step.RECORD_RESTARTED: lambda: outcomes.restarted(desktop, machine),
            Step.RECORD_RECONFIGURED: lambda: outcomes.reconfigured(desktop, machine),
            Step.RECORD_DELETED: lambda: outcomes.deleted(desktop),
        }
        if step in calls:
            calls[step]()
            if desktop.is_moving and not once:
                outcomes.look_again(desktop)
        elif step in records:
            records[step]()

    def _launch(self, desktop: Desktop) -> None:
        """Have the machine made, or found again, and record it (DSK-2).

        Should we die in between, the next look launches again: same token, same tag, same
        machine.
        """
        if desktop.state is State.ORDERED:
            desktop = self._outcomes.provisioning(desktop)
        secret = self._codes.secret_for_machine(desktop)
        if secret is not None:
            self._secrets.put(desktop.id, secret)
        provider = self._provider(desktop)
        machine_id = provider.launch(self._launch_request(desktop))
        try:
            self._outcomes.machine_made(desktop, machine_id)
        except OvertakenError:
            present = self._storage.desktop(desktop.account_id, desktop.id)
            if present is None or present.state is not State.PROVISIONING:
                provider.terminate(machine_id)  # deleted while the machine was being made
            raise

    def _launch_request(self, desktop: Desktop) -> LaunchRequest:
        configuration = self._wanted(desktop)
        return LaunchRequest(
            token=f"{desktop.id}-{desktop.generation}",
            desktop_id=desktop.id,
            account_id=desktop.account_id,
            instance_type=configuration.instance_type,
            image=configuration.image,
            os=configuration.os,
            storage_gib=self._storage_gib(desktop, configuration),
            secret_parameter=self._secrets.parameter(desktop.id),
        )

    def _relaunch(self, desktop: Desktop) -> None:
        if desktop.generation >= _MOST_MACHINES:
            self._give_up(desktop, "the machine was lost several times")
        else:
            self._outcomes.machine_lost(desktop)

    def _restart(self, desktop: Desktop, machine_id: str) -> None:
        self._provider(desktop).restart(machine_id)
        self._outcomes.rebooting(desktop)

    def _give_code(self, desktop: Desktop, machine_id: str, machine: MachineState) -> None:
        secret = self._codes.secret_for_machine(desktop)
        if secret is not None:
            self._secrets.put(desktop.id, secret)
        if machine.status is MachineStatus.RUNNING:
            self._provider(desktop).restart(machine_id)  # it fetches its secret when it boots
        self._outcomes.code_renewed(desktop)

    def _change_type(self, desktop: Desktop, machine_id: str) -> None:
        wanted = self._wanted(desktop)
        storage_gib = self._storage_gib(desktop, wanted)
        self._provider(desktop).change_type(machine_id, wanted.instance_type, storage_gib)

    def _wait(self, desktop: Desktop, machine: MachineState | None, once: bool) -> None:
        if not desktop.is_moving:
            return
        if desktop.state is State.DELETING and self._is_late(desktop) and machine == UNKNOWN:
            self._outcomes.deleted(desktop)  # so long gone that the cloud forgot it
        elif self._is_late(desktop):
            self._late(desktop, "too long")
        elif not once:
            self._outcomes.look_again(desktop)

    def _late(self, desktop: Desktop, why: str) -> None:
        """Give up, after a few more looks: perhaps it is we who were away."""
        if desktop.late_looks >= _LATE_LOOKS:
            self._give_up(desktop, why)
        else:
            self._outcomes.late(desktop)

    def _is_late(self, desktop: Desktop) -> bool:
        since = desktop.moving_since
        return since is not None and self._clock.now() - since > GIVE_UP_AFTER

    def _give_up(self, desktop: Desktop, why: str) -> None:
        """Stop trying: what that means depends on what was under way (P2, DSK-4)."""
        if desktop.state in {State.ORDERED, State.PROVISIONING}:
            self._clean_up(desktop)
            present = self._storage.desktop(desktop.account_id, desktop.id)
            if present is not None and present.state is State.PROVISIONING:
                self._outcomes.failed(present, why)
        elif desktop.state is State.RECONFIGURING and desktop.wanted_code:
            self._outcomes.reverting(desktop, why)
        elif desktop.operation:
            self._outcomes.given_up(desktop, why)
        else:
            raise FinalGatewayError(f"desktop {desktop.id} stays {desktop.state}: {why}")

    def _clean_up(self, desktop: Desktop) -> None:
        provider = self._provider(desktop)
        machine_id = desktop.machine_id or provider.find(desktop.id)
        if machine_id is not None:
            provider.terminate(machine_id)

    def _provider(self, desktop: Desktop) -> MachineProvider:
        return self._providers[desktop.provider]

    def _wanted(self, desktop: Desktop) -> Configuration:
        code = desktop.wanted_code or desktop.configuration_code
        return self._catalogues.current().configuration(code)

    def _storage_gib(self, desktop: Desktop, configuration: Configuration) -> int:
        extra = dict(desktop.option_codes).get(STORAGE_OPTION, 0)
        return configuration.storage_gib + extra * _STORAGE_OPTION_GIB
