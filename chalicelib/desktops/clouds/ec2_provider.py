"""Desktops on EC2 (CGV art. 5, 9, 13, 14; DSK-2 to DSK-6, DSK-8, DSK-9).

Two guards against a second machine: RunInstances' ClientToken, which EC2 honours while it
remembers it, and our own tag, written by the call that makes the machine and looked up first.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any
from zlib import crc32

from chalicelib.desktops.clouds.aws_faults import aws_faults
from chalicelib.desktops.clouds.ec2_disks import Ec2Disks
from chalicelib.desktops.clouds.ec2_launch import (
    ACCOUNT_TAG,
    DESKTOP_TAG,
    STAGE_TAG,
    launch_arguments,
)
from chalicelib.desktops.clouds.ec2_network import Ec2Network
from chalicelib.desktops.clouds.machines import (
    UNKNOWN,
    LaunchRequest,
    ListedMachine,
    MachineState,
    MachineStatus,
)
from chalicelib.desktops.model.backups import Backup
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

_STATUSES = {
    "pending": MachineStatus.PENDING,
    "running": MachineStatus.RUNNING,
    "stopping": MachineStatus.STOPPING,
    "stopped": MachineStatus.STOPPED,
    "shutting-down": MachineStatus.GONE,
    "terminated": MachineStatus.GONE,
}
_ALIVE = ["pending", "running", "stopping", "stopped"]
_NOT_FOUND = "InvalidInstanceID.NotFound"
_FILTER_VALUES = 100  # of one describing call
_PAGE = 1000  # machines of one page of the inventory, EC2's most


class Ec2Provider:
    """Machines of one stage on EC2.

    ``placement`` holds further arguments of RunInstances (security groups, instance profile) and
    ``SubnetIds``, among which machines are shared out.
    """

    def __init__(
        self, access: AwsAccess, stage: str, *, placement: dict[str, Any] | None = None
    ) -> None:
        self._access = access
        self._stage = stage
        self._placement = placement or {}

    @cached_property
    def _client(self) -> Any:
        return self._access.client("ec2")

    @cached_property
    def _disks(self) -> Ec2Disks:
        return Ec2Disks(self._client, self._stage)

    @cached_property
    def _network(self) -> Ec2Network:
        usual = self._placement.get("SecurityGroupIds", [])
        return Ec2Network(self._client, self._stage, usual)

    # making and finding
    def launch(self, request: LaunchRequest) -> str:
        """Make the desktop's machine, or find the one already made; give its id."""
        made = self.find(request.desktop_id)
        if made is not None:
            return made
        with aws_faults("EC2"):
            answer = self._client.run_instances(
                **launch_arguments(request, self._stage), **self._place(request.desktop_id)
            )
        machine_id: str = answer["Instances"][0]["InstanceId"]
        return machine_id

    def find(self, desktop_id: str) -> str | None:
        """Find the desktop's machine by its tag; None when there is none alive."""
        machines = self._machines(
            {
                f"tag:{DESKTOP_TAG}": [desktop_id],
                f"tag:{STAGE_TAG}": [self._stage],
                "instance-state-name": _ALIVE,
            }
        )
        return next((machine["InstanceId"] for machine in machines), None)

    def describe(self, machine_ids: Iterable[str]) -> dict[str, MachineState]:
        """Tell the state of machines; one the cloud does not list is UNKNOWN."""
        wanted = list(machine_ids)
        states = dict.fromkeys(wanted, UNKNOWN)
        for start in range(0, len(wanted), _FILTER_VALUES):
            # A filter, not InstanceIds: an id not listed is no error.
            asked = {"instance-id": wanted[start : start + _FILTER_VALUES]}
            for machine in self._machines(asked):
                groups = {group.get("GroupName") for group in machine.get("SecurityGroups", [])}
                states[machine["InstanceId"]] = MachineState(
                    _STATUSES[machine["State"]["Name"]],
                    machine.get("PublicDnsName") or machine.get("PublicIpAddress") or None,
                    machine["InstanceType"],
                    self._network.isolation_name in groups,
                )
        return states

    def inventory(self) -> Iterator[ListedMachine]:
        """Give every machine of the stage that is alive, a thousand a page (DSK-9)."""
        wanted = {f"tag:{STAGE_TAG}": [self._stage], "instance-state-name": _ALIVE}
        for machine in self._machines(wanted, page=_PAGE):
            tags = {tag["Key"]: tag["Value"] for tag in machine.get("Tags", [])}
            yield ListedMachine(
                machine["InstanceId"],
                tags.get(DESKTOP_TAG, ""),
                tags.get(ACCOUNT_TAG, ""),
                _STATUSES[machine["State"]["Name"]],
                machine.get("LaunchTime"),
            )

    # acting
    def start(self, machine_id: str) -> None:
        """Start a machine; nothing when it already runs."""
        if self._alive(machine_id)["State"]["Name"] == "stopping":
            raise TemporaryGatewayError(f"{machine_id} is still stopping")
        with aws_faults("EC2"):
            self._client.start_instances(InstanceIds=[machine_id])

    def stop(self, machine_id: str) -> None:
        """Stop a machine; nothing when it is already stopped."""
        self._alive(machine_id)
        with aws_faults("EC2"):
            self._client.stop_instances(InstanceIds=[machine_id])

    def restart(self, machine_id: str) -> None:
        """Restart a running machine."""
        self._alive(machine_id)
        with aws_faults("EC2"):
            self._client.reboot_instances(InstanceIds=[machine_id])

    def change_type(self, machine_id: str, instance_type: str, storage_gib: int) -> None:
        """Give a stopped machine another type, and a larger disk when it needs one (DSK-4)."""
        self._require_stopped(machine_id)
        # The disk first: the type is what tells that the change is complete.
        self._disks.grow(machine_id, storage_gib)
        with aws_faults("EC2"):
            self._client.modify_instance_attribute(
                InstanceId=machine_id, InstanceType={"Value": instance_type}
            )

    def grow(self, machine_id: str, storage_gib: int) -> bool:
        """Enlarge the machine's disk, running or not; tell whether it has that size (DSK-4)."""
        self._alive(machine_id)
        return self._disks.grow(machine_id, storage_gib)

    def isolate(self, machine_id: str) -> None:
        """Cut a machine from the Internet: its only security group lets nothing through (DSK-8)."""
        vpc = self._alive(machine_id)["VpcId"]
        with aws_faults("EC2"):
            self._set_groups(machine_id, [self._network.isolation_group(vpc)])

    def reconnect(self, machine_id: str) -> None:
        """Give a machine the usual security groups back."""
        vpc = self._alive(machine_id)["VpcId"]
        with aws_faults("EC2"):
            self._set_groups(machine_id, self._network.usual_groups(vpc))

    def terminate(self, machine_id: str) -> None:
        """Destroy a machine and its disk; nothing when it is gone."""
        try:
            with aws_faults("EC2"):
                self._client.terminate_instances(InstanceIds=[machine_id])
        except FinalGatewayError as refused:
            if refused.code != _NOT_FOUND:
                raise

    # copies of the disk
    def back_up(self, desktop_id: str, machine_id: str, day: date) -> Backup:
        """Copy the disk for a Paris day, or find the copy already made (DSK-5)."""
        return self._disks.back_up(desktop_id, machine_id, day)

    def backups(self, desktop_id: str) -> list[Backup]:
        """Give the copies there are of a desktop's disk, oldest first."""
        return self._disks.backups(desktop_id)

    def delete_backup(self, snapshot_id: str) -> None:
        """Remove a copy; nothing when it is gone."""
        self._disks.delete_backup(snapshot_id)

    def clear(self, desktop_id: str) -> None:
        """Remove every copy and loose disk of a desktop that is deleted."""
        self._disks.clear(desktop_id)

    def restore(self, machine_id: str, snapshot_id: str, token: str) -> bool:
        """Put a disk made from a copy in the place of a stopped machine's (DSK-5)."""
        machine = self._require_stopped(machine_id)
        zone = machine["Placement"]["AvailabilityZone"]
        return self._disks.restore(machine_id, zone, snapshot_id, token)

    def undo_restore(self, desktop_id: str, machine_id: str, token: str) -> bool:
        """Put the former disk back on a machine that was left without; tell whether it is there."""
        return self._disks.undo_restore(desktop_id, machine_id, token)

    # inside
    def _place(self, desktop_id: str) -> dict[str, Any]:
        """Give a machine its subnet, always the same: a launch repeated must ask for the same."""
        place = dict(self._placement)
        subnets = place.pop("SubnetIds", ())
        if subnets:
            place["SubnetId"] = subnets[crc32(desktop_id.encode()) % len(subnets)]
        return place

    def _set_groups(self, machine_id: str, groups: list[str]) -> None:
        self._client.modify_instance_attribute(InstanceId=machine_id, Groups=groups)

    def _alive(self, machine_id: str) -> dict[str, Any]:
        """Give a machine that can be acted on: EC2 calls a terminated one's state passing."""
        machine = next(self._machines({"instance-id": [machine_id]}), None)
        if machine is None or machine["State"]["Name"] not in _ALIVE:
            raise FinalGatewayError(f"EC2: {machine_id} is gone", code=_NOT_FOUND)
        return machine

    def _require_stopped(self, machine_id: str) -> dict[str, Any]:
        machine = self._alive(machine_id)
        if machine["State"]["Name"] != "stopped":
            raise TemporaryGatewayError(f"{machine_id} is not stopped yet")
        return machine

    def _machines(
        self, filters: dict[str, list[str]], *, page: int | None = None
    ) -> Iterator[dict[str, Any]]:
        asked = [{"Name": name, "Values": values} for name, values in filters.items()]
        size = {"PageSize": page} if page else {}
        with aws_faults("EC2"):
            pages = self._client.get_paginator("describe_instances").paginate(
                Filters=asked, PaginationConfig=size
            )
            for answer in pages:
                for reservation in answer["Reservations"]:
                    yield from reservation["Instances"]
