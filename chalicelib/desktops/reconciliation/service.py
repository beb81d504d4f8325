"""Comparing the clouds' inventory with ours, every five minutes (DSK-9).

The inventory is read by pages, once; of each machine eight bytes are kept.  What differs is looked
at again, strongly consistent, before anything is done: the two readings are not of one instant.
A clean inventory writes nothing.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.desktops.clouds.machines import ListedMachine, MachineProvider, MachineStatus
from chalicelib.desktops.model.announcements import work_message
from chalicelib.desktops.model.desktop import SYSTEM, Desktop
from chalicelib.desktops.model.lifecycle import OVER, State
from chalicelib.desktops.model.messages import ReportVanished
from chalicelib.desktops.model.notices import Notices
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.desktops.reconciliation.findings import Finding, FindingKind, finding_id
from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage
from chalicelib.desktops.reconciliation.seen_machines import SeenMachines
from chalicelib.desktops.work.worker import GIVE_UP_AFTER
from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.foundation.messages import Message
from chalicelib.legal.recording import Recording
from chalicelib.texts.mails import MailName

log = logging.getLogger(__name__)

NOTE_LENGTH = 1000
_JUST_LAUNCHED = timedelta(minutes=10)  # its desktop is about to be recorded
_STUCK_AFTER = GIVE_UP_AFTER + timedelta(minutes=30)
_RECENT = 50
_MAKING = frozenset({State.ORDERED, State.PROVISIONING, State.REINSTALLING})
_UP = frozenset({MachineStatus.RUNNING, MachineStatus.PENDING})


@dataclass
class Report:
    """What one comparison saw and did."""

    machines: int = 0
    desktops: int = 0
    looked_at: int = 0
    vanished: int = 0
    orphans: int = 0
    stuck: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing differed."""
        return not (self.looked_at or self.vanished or self.orphans or self.stuck)


@dataclass(kw_only=True)
class Reconciliation:
    """Compares, has desktops looked at, stops what is nobody's, and keeps what it found."""

    storage: DesktopStorage
    findings: FindingsStorage
    providers: Mapping[str, MachineProvider]
    notices: Notices
    recording: Recording

    def run(self) -> Report:
        """Compare every machine with every desktop.

        Raises TemporaryGatewayError when a cloud cannot be read whole: nothing is concluded then.
        """
        seen = {
            name: SeenMachines(provider.inventory()) for name, provider in self.providers.items()
        }
        report = Report(machines=sum(map(len, seen.values())))
        suspects: list[Desktop] = []
        for desktop in self.storage.all():
            report.desktops += 1
            machines = seen.get(desktop.provider)
            if machines is not None:
                machines.take(desktop.replaced_machine_id)
                self._compare(desktop, machines.take(desktop.machine_id), suspects, report)
        for desktop in suspects:
            self._confirm_vanished(desktop, report)
        for name, machines in seen.items():
            if not machines.all_taken:
                self._see_to_unexpected(name, machines, report)
        if not report.is_clean:
            log.warning("reconciliation: %s", report)
        return report

    # for operators
    def open_findings(self) -> list[Finding]:
        """Give what waits for an operator, oldest first."""
        return list(self.findings.open_findings())

    def closed_findings(self) -> list[Finding]:
        """Give what was closed lately, newest first."""
        return list(self.findings.closed_findings(_RECENT))

    def close(self, finding_id: str, note: str, *, by: str) -> Finding:
        """Close a finding with what was done about it.  Raises NotFoundError, FieldErrors."""
        note = " ".join(note.split())
        if not note or len(note) > NOTE_LENGTH:
            raise FieldErrors({"note": "Dites en quelques mots ce qui a été fait."})

        def attempt() -> Finding:
            finding = self.findings.finding(finding_id)
            if finding is None:
                raise NotFoundError
            if finding.closed_at is not None:
                return finding
            closed = replace(finding, closed_at=self.recording.now(), closed_by=by, note=note)
            self.recording.commit(self.findings.save(closed))
            return closed

        return self.recording.again(attempt)

    # comparing
    def _compare(
        self,
        desktop: Desktop,
        status: MachineStatus | None,
        suspects: list[Desktop],
        report: Report,
    ) -> None:
        if status is None:
            if desktop.machine_id and desktop.is_active and desktop.state not in _MAKING:
                suspects.append(desktop)
        elif _differs(desktop, status):
            self._look(desktop, report)
        since = desktop.moving_since
        if since is not None and self.recording.now() - since > _STUCK_AFTER:
            finding = self._finding(FindingKind.STUCK, desktop, finding_id_of_stuck(desktop))
            report.stuck += self._record(finding)

    def _confirm_vanished(self, listed: Desktop, report: Report) -> None:
        """Open an incident where a second look finds the machine gone as well."""
        desktop = self.storage.desktop(listed.account_id, listed.id)
        if desktop is None or desktop.machine_id != listed.machine_id or not desktop.is_active:
            return
        machine_id = desktop.machine_id or ""
        seen = self.providers[desktop.provider].describe([machine_id])[machine_id]
        if seen.status not in {MachineStatus.GONE, MachineStatus.UNKNOWN}:
            return
        finding = self._finding(
            FindingKind.VANISHED, desktop, finding_id(FindingKind.VANISHED, machine_id)
        )
        facts = {"desktop_id": desktop.id, "name": desktop.name, "machine_id": machine_id}
        gone = ReportVanished(account_id=desktop.account_id, desktop_id=desktop.id)
        incident = gone.message(f"incident:{finding.id}")
        told = self.notices.make(desktop, MailName.DESKTOP_INCIDENT, fact=finding.id)
        report.vanished += self._record(finding, incident, told, journal=facts)

    def _see_to_unexpected(self, provider: str, seen: SeenMachines, report: Report) -> None:
        """Read the inventory once more for the machines that no desktop was listed with."""
        unexpected = [
            machine
            for machine in self.providers[provider].inventory()
            if not seen.is_taken(machine.id)
        ]
        accounts: dict[str, str] = {}
        nameless = {machine.desktop_id for machine in unexpected if not machine.account_id}
        if nameless:  # a cloud whose inventory tells the desktop alone
            accounts = {
                each.id: each.account_id for each in self.storage.all() if each.id in nameless
            }
        for machine in unexpected:
            account = machine.account_id or accounts.get(machine.desktop_id, "")
            self._unexpected(provider, replace(machine, account_id=account), report)

    def _unexpected(self, provider: str, machine: ListedMachine, report: Report) -> None:
        """See to a machine that no desktop was listed with."""
        owner = self.storage.desktop(machine.account_id, machine.desktop_id)
        if owner is not None:
            if machine.id in {owner.machine_id, owner.replaced_machine_id}:
                return  # recorded since the list was read
            if owner.machine_id is None and owner.state in {State.DELETING, *OVER}:
                self._look(owner, report)  # the worker finds it by its tag, and destroys it
                return
            if owner.machine_id is None and owner.state in _MAKING:
                return
        launched_at = machine.launched_at
        if launched_at and self.recording.now() - launched_at < _JUST_LAUNCHED:
            return
        is_up = machine.status in _UP
        if is_up:
            self.providers[provider].stop(machine.id)
        finding = Finding(
            id=finding_id(FindingKind.ORPHAN, machine.id),
            kind=FindingKind.ORPHAN,
            provider=provider,
            account_id=machine.account_id,
            desktop_id=machine.desktop_id,
            machine_id=machine.id,
            found_at=self.recording.now(),
        )
        report.orphans += self._record(finding, again=is_up)

    # acting
    def _look(self, desktop: Desktop, report: Report) -> None:
        self.recording.commit(work_message(desktop, "seen"))
        report.looked_at += 1

    def _finding(self, kind: FindingKind, desktop: Desktop, name: str) -> Finding:
        return Finding(
            id=name,
            kind=kind,
            provider=desktop.provider,
            account_id=desktop.account_id,
            desktop_id=desktop.id,
            machine_id=desktop.machine_id or "",
            found_at=self.recording.now(),
        )

    def _record(
        self,
        finding: Finding,
        *others: Message,
        again: bool = False,
        journal: dict[str, str] | None = None,
    ) -> bool:
        """Keep a finding unless it is known; ``again`` reopens one that was closed."""

        def attempt() -> bool:
            known = self.findings.finding(finding.id)
            if known is not None and not (again and known.closed_at):
                return False
            version = known.version if known else 0
            writes = [self.findings.save(replace(finding, version=version))]
            if journal:
                account = finding.account_id
                writes.append(self.recording.entry(account, "desktop.incident", journal, by=SYSTEM))
            self.recording.commit(*writes, *others)
            return True

        return self.recording.again(attempt)


def finding_id_of_stuck(desktop: Desktop) -> str:
    """Name the situation of a desktop on which something has been under way for too long."""
    return finding_id(FindingKind.STUCK, desktop.id, desktop.moving_since)


def _differs(desktop: Desktop, status: MachineStatus) -> bool:
    """Tell whether an idle desktop's machine is not as its state says."""
    if desktop.state in OVER:
        return True
    if desktop.vanished_at:
        return True  # it is back
    if desktop.is_moving:
        return False  # the worker is on it
    up, down = status in _UP, status is MachineStatus.STOPPED
    if desktop.state is State.RUNNING:
        return down
    return up and desktop.state in {State.STOPPED, State.SUSPENDED}
