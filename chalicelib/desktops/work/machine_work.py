"""The worker's hands: each call to the cloud that a step needs (DSK-2, 4, 5, 7, 8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.catalogue.catalogue import Configuration
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.clouds.machines import (
    UNKNOWN,
    LaunchRequest,
    MachineProvider,
    MachineSecrets,
    MachineState,
    MachineStatus,
)
from chalicelib.desktops.connection.access_code_service import AccessCodeService
from chalicelib.desktops.model.backups import expired
from chalicelib.desktops.model.desktop import Desktop, Options
from chalicelib.desktops.model.lifecycle import OVER, State
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.desktops.work.next_step import Step
from chalicelib.desktops.work.outcomes import Outcomes, OvertakenError
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import TemporaryGatewayError

_MOST_MACHINES = 3  # the cloud may take back a machine before it is ready
_MAKING = frozenset({State.PROVISIONING, State.REINSTALLING})


@dataclass(kw_only=True)
class MachineWork:
    """Calls the provider of a desktop; every call may be repeated."""

    storage: DesktopStorage
    catalogues: CatalogueService
    providers: Mapping[str, MachineProvider]
    machine_secrets: MachineSecrets
    codes: AccessCodeService
    outcomes: Outcomes
    clock: Clock

    def look(self, desktop: Desktop) -> tuple[str, MachineState | None]:
        """Give the desktop's machine; found by its tag where no id was recorded.

        While a reinstallation waits for it to go, that is the former one.
        """
        provider = self.provider(desktop)
        machine_id = desktop.machine_id
        if desktop.state is State.REINSTALLING and desktop.replaced_machine_id:
            machine_id = desktop.replaced_machine_id
        if machine_id is None and desktop.state in {State.DELETING, *OVER}:
            machine_id = provider.find(desktop.id)
        if machine_id is None:
            return "", None
        return machine_id, provider.describe([machine_id]).get(machine_id, UNKNOWN)

    def act(self, step: Step, desktop: Desktop, machine_id: str) -> bool:
        """Take a step that is a call; tell whether it is to be looked at again.

        False where the step is none, or where its call recorded its outcome itself.
        """
        provider = self.provider(desktop)
        calls: dict[Step, Callable[[], object]] = {
            Step.START: lambda: provider.start(machine_id),
            Step.STOP: lambda: provider.stop(machine_id),
            Step.TERMINATE: lambda: provider.terminate(machine_id),
            Step.ISOLATE: lambda: provider.isolate(machine_id),
            Step.RECONNECT: lambda: provider.reconnect(machine_id),
            Step.CHANGE_TYPE: lambda: self._change_type(desktop, machine_id),
        }
        recording: dict[Step, Callable[[], object]] = {
            Step.LAUNCH: lambda: self._launch(desktop),
            Step.RESTART: lambda: self._restart(desktop, machine_id),
            Step.GIVE_CODE: lambda: self._give_code(desktop, machine_id),
        }
        if step in calls:
            calls[step]()
            return True
        if step in recording:
            recording[step]()
        return False

    def grow(self, desktop: Desktop, machine_id: str) -> bool:
        """Enlarge the disk for the options asked for; tell whether it is done (DSK-4)."""
        options = desktop.wanted_options or desktop.option_codes
        wanted = self._storage_gib(desktop, options)
        return self.provider(desktop).grow(machine_id, wanted)

    def restore(self, desktop: Desktop, machine_id: str) -> bool:
        """Put a backup's content on the disk; tell whether it is there (DSK-5)."""
        snapshot_id, token = desktop.restoring or "", _return_token(desktop)
        return self.provider(desktop).restore(machine_id, snapshot_id, token)

    def undo_restore(self, desktop: Desktop, machine_id: str) -> bool:
        """Put the former disk back where a return was given up; tell if it is there (DSK-5)."""
        return self.provider(desktop).undo_restore(desktop.id, machine_id, _return_token(desktop))

    def back_up(self, account_id: str, desktop_id: str) -> None:
        """Make today's backup of a desktop, and remove those kept long enough (CGV art. 13; DSK-5).

        What is recorded is what the cloud lists: whatever was lost in between is found again.
        """
        desktop = self.storage.desktop(account_id, desktop_id)
        if desktop is None or desktop.state is State.DELETED:
            return
        provider, day = self.provider(desktop), today(self.clock)
        machine_id = None if desktop.vanished_at else desktop.machine_id
        if desktop.is_active and desktop.is_backed_up and machine_id and desktop.ready_at:
            provider.back_up(desktop.id, machine_id, day)
        listed = provider.backups(desktop.id)
        over = expired(listed, day)
        for backup in over:
            provider.delete_backup(backup.snapshot_id)
        present = tuple(backup for backup in listed if backup not in over)
        if present != desktop.backups:
            self.outcomes.backed_up(desktop, present)

    def clear(self, desktop: Desktop) -> None:
        """Remove all that a deleted desktop leaves beside its machine (DSK-6)."""
        self.provider(desktop).clear(desktop.id)

    def make_again(self, desktop: Desktop) -> None:
        """Make another machine in the place of one that the cloud forgot, in the same state."""
        provider = self.provider(desktop)
        machine_id = provider.launch(self._launch_request(desktop))
        machine = provider.describe([machine_id])[machine_id]
        if desktop.state in {State.STOPPED, State.SUSPENDED}:
            provider.stop(machine_id)
        if desktop.state is State.ISOLATED:
            provider.isolate(machine_id)
        self.outcomes.machine_replaced(desktop, machine_id, machine)

    def erase_secret(self, account_id: str, desktop_id: str) -> None:
        """Remove the machine's copy of a secret that was revealed or serves no more (DSK-7)."""
        desktop = self.storage.desktop(account_id, desktop_id)
        code = self.storage.code(desktop_id)
        if code is not None and code.ciphertext is not None and desktop and desktop.is_active:
            return  # a new code was asked for meanwhile, and the machine must fetch it
        self.machine_secrets.erase(desktop_id)

    def was_lost_too_often(self, desktop: Desktop) -> bool:
        """Tell whether making yet another machine is hopeless."""
        return desktop.state is State.PROVISIONING and desktop.generation >= _MOST_MACHINES

    def clean_up(self, desktop: Desktop) -> None:
        """Destroy what was made of a desktop that will not be."""
        provider = self.provider(desktop)
        machine_id = desktop.machine_id or provider.find(desktop.id)
        if machine_id is not None:
            provider.terminate(machine_id)

    def provider(self, desktop: Desktop) -> MachineProvider:
        """Give the cloud that a desktop is on."""
        return self.providers[desktop.provider]

    def wanted(self, desktop: Desktop) -> Configuration:
        """Give the configuration that a desktop has, or is changing to."""
        code = desktop.wanted_code or desktop.configuration_code
        return self.catalogues.current().configuration(code)

    # inside
    def _launch(self, desktop: Desktop) -> None:
        """Have the machine made, or found again, and record it (DSK-2).

        Should we die in between, the next look launches again: same token, same tag, same
        machine.
        """
        if desktop.state is State.ORDERED:
            desktop = self.outcomes.provisioning(desktop)
        self._lay_secret(desktop)
        provider = self.provider(desktop)
        machine_id = provider.launch(self._launch_request(desktop))
        if machine_id == desktop.replaced_machine_id:
            provider.terminate(machine_id)  # it was not listed, and is still there
            raise TemporaryGatewayError(f"{machine_id} is not gone yet")
        self.machine_secrets.hand_to(desktop.id, machine_id)
        try:
            self.outcomes.machine_made(desktop, machine_id)
        except OvertakenError:
            present = self.storage.desktop(desktop.account_id, desktop.id)
            if present is None or present.state not in _MAKING:
                provider.terminate(machine_id)  # deleted while the machine was being made
            raise

    def _launch_request(self, desktop: Desktop) -> LaunchRequest:
        configuration = self.wanted(desktop)
        return LaunchRequest(
            token=f"{desktop.id}-{desktop.generation}",
            desktop_id=desktop.id,
            account_id=desktop.account_id,
            instance_type=configuration.instance_type,
            image=configuration.image,
            os=configuration.os,
            storage_gib=self._storage_gib(desktop, desktop.option_codes),
            secret_parameter=self.machine_secrets.parameter(desktop.id),
        )

    def _lay_secret(self, desktop: Desktop) -> None:
        secret = self.codes.secret_for_machine(desktop)
        if secret is not None:
            self.machine_secrets.put(desktop.id, secret)

    def _restart(self, desktop: Desktop, machine_id: str) -> None:
        self.provider(desktop).restart(machine_id)
        self.outcomes.rebooting(desktop)

    def _give_code(self, desktop: Desktop, machine_id: str) -> None:
        self._lay_secret(desktop)
        self.machine_secrets.hand_to(desktop.id, machine_id)
        provider = self.provider(desktop)
        if provider.describe([machine_id])[machine_id].status is MachineStatus.RUNNING:
            provider.restart(machine_id)  # it fetches its secret when it boots
        self.outcomes.code_renewed(desktop)

    def _change_type(self, desktop: Desktop, machine_id: str) -> None:
        size = self._storage_gib(desktop, desktop.option_codes)
        wanted = self.wanted(desktop).instance_type
        self.provider(desktop).change_type(machine_id, wanted, size)

    def _storage_gib(self, desktop: Desktop, options: Options) -> int:
        return self.catalogues.current().storage_gib(self.wanted(desktop).code, options)


def _return_token(desktop: Desktop) -> str:
    """Name a return to a backup: repeated, it is the same one."""
    return f"{desktop.id}-{desktop.moving_since}"
