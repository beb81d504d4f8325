"""Desktops on Amazon WorkSpaces (CGV art. 5; DSK-2, DSK-3, DSK-4, DSK-6, DSK-8, DSK-9).

A configuration's ``image`` is its bundle, its ``instance_type`` the compute type.  CreateWorkspaces
has no token, but a directory holds one WorkSpace for a user: the desktop's id is the user's name.
AWS keeps its own copies of WorkSpaces, which cannot be chosen by day: the backup option, and extra
storage, are not offered on them (``Catalogue.options_on``).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any

from chalicelib.desktops.clouds.aws_faults import aws_faults
from chalicelib.desktops.clouds.ec2_launch import tags_of
from chalicelib.desktops.clouds.ec2_network import Ec2Network
from chalicelib.desktops.clouds.machines import (
    GONE,
    LaunchRequest,
    ListedMachine,
    MachineState,
    MachineStatus,
)
from chalicelib.desktops.model.backups import Backup
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

_STATUSES = {
    **dict.fromkeys(
        ("PENDING", "STARTING", "REBOOTING", "REBUILDING", "RESTORING", "UPDATING", "MAINTENANCE"),
        MachineStatus.PENDING,
    ),
    **dict.fromkeys(
        ("AVAILABLE", "IMPAIRED", "UNHEALTHY", "ADMIN_MAINTENANCE"), MachineStatus.RUNNING
    ),
    "STOPPING": MachineStatus.STOPPING,
    **dict.fromkeys(("STOPPED", "SUSPENDED"), MachineStatus.STOPPED),
    **dict.fromkeys(("TERMINATING", "TERMINATED", "ERROR"), MachineStatus.GONE),
}
_ENDING = frozenset({"TERMINATING", "TERMINATED"})
_BROKEN = "ERROR"
_CHANGING = frozenset({"UPDATE_INITIATED", "UPDATE_IN_PROGRESS"})
_IDS = 25  # of one describing call
_IDLE_MINUTES = 60  # after which a WorkSpace stops by itself; only such ones can be stopped by us
_EXISTS = "ResourceExists.WorkSpace"
_LATER = ("ResourceLimitExceeded", "InvalidResourceState", "OperationInProgress", "Throttling")
_NOT_HERE = "Unsupported"


class WorkspacesProvider:
    """WorkSpaces of one directory, which stands for one stage."""

    def __init__(self, access: AwsAccess, stage: str, directory_id: str) -> None:
        self._access = access
        self._stage = stage
        self._directory_id = directory_id

    @cached_property
    def _client(self) -> Any:
        return self._access.client("workspaces")

    @cached_property
    def _ec2(self) -> Any:
        return self._access.client("ec2")

    @cached_property
    def _registration_code(self) -> str:
        with aws_faults("WorkSpaces"):
            (directory,) = self._client.describe_workspace_directories(
                DirectoryIds=[self._directory_id]
            )["Directories"]
        code: str = directory["RegistrationCode"]
        return code

    # making and finding
    def launch(self, request: LaunchRequest) -> str:
        """Make the desktop's WorkSpace, or find the one already made; give its id.

        One that AWS could not make is removed first, for its user may have no other.
        """
        made = self._of_user(request.desktop_id)
        if made is not None and made["State"] == _BROKEN:
            self.terminate(made["WorkspaceId"])
            raise TemporaryGatewayError(f"{made['WorkspaceId']} could not be made: it goes first")
        if made is not None:
            return str(made["WorkspaceId"])
        wanted = {
            "DirectoryId": self._directory_id,
            "UserName": request.desktop_id,
            "BundleId": request.image,
            "RootVolumeEncryptionEnabled": True,
            "UserVolumeEncryptionEnabled": True,
            "VolumeEncryptionKey": "alias/aws/workspaces",
            "WorkspaceProperties": {
                "RunningMode": "AUTO_STOP",
                "RunningModeAutoStopTimeoutInMinutes": _IDLE_MINUTES,
                "ComputeTypeName": request.instance_type,
            },
            "Tags": tags_of(request.desktop_id, request.account_id, self._stage),
        }
        with aws_faults("WorkSpaces"):
            answer = self._client.create_workspaces(Workspaces=[wanted])
        _check(answer)
        machine_id: str = answer["PendingRequests"][0]["WorkspaceId"]
        return machine_id

    def find(self, desktop_id: str) -> str | None:
        """Find the desktop's WorkSpace by its user; None when there is none alive."""
        made = self._of_user(desktop_id)
        return str(made["WorkspaceId"]) if made else None

    def describe(self, machine_ids: Iterable[str]) -> dict[str, MachineState]:
        """Tell the state of WorkSpaces; one that AWS lists no more is gone."""
        wanted = list(machine_ids)
        states = dict.fromkeys(wanted, GONE)
        for start in range(0, len(wanted), _IDS):
            listed = list(self._listed({"WorkspaceIds": wanted[start : start + _IDS]}))
            isolated = self._isolated([each["IpAddress"] for each in listed if "IpAddress" in each])
            for each in listed:
                states[each["WorkspaceId"]] = MachineState(
                    _status(each),
                    self._registration_code,
                    each.get("WorkspaceProperties", {}).get("ComputeTypeName", ""),
                    each.get("IpAddress") in isolated,
                )
        return states

    def inventory(self) -> Iterator[ListedMachine]:
        """Give every WorkSpace of the directory that is alive, by pages (DSK-9).

        Their tags would take a call each: the user's name is the desktop, whose account is
        looked up.
        """
        for each in self._listed({"DirectoryId": self._directory_id}):
            if _is_alive(each):
                yield ListedMachine(each["WorkspaceId"], each["UserName"], "", _status(each))

    # acting
    def start(self, machine_id: str) -> None:
        """Start a WorkSpace; nothing when it already runs."""
        state = self._state(machine_id)
        if state == "STOPPING":
            raise TemporaryGatewayError(f"{machine_id} is still stopping")
        if state == "STOPPED":
            self._ask("start_workspaces", "StartWorkspaceRequests", machine_id)

    def stop(self, machine_id: str) -> None:
        """Stop a WorkSpace; nothing when it is already stopped."""
        if self._state(machine_id) in {"AVAILABLE", "IMPAIRED", "UNHEALTHY"}:
            self._ask("stop_workspaces", "StopWorkspaceRequests", machine_id)

    def restart(self, machine_id: str) -> None:
        """Restart a running WorkSpace."""
        self._state(machine_id)
        self._ask("reboot_workspaces", "RebootWorkspaceRequests", machine_id)

    def change_type(self, machine_id: str, instance_type: str, storage_gib: int) -> None:
        """Give a stopped WorkSpace another compute type; its disks are those of its bundle.

        AWS takes the change of one that is AVAILABLE or STOPPED, and restarts the former at once:
        stopped first, it is cut when the client was told.
        """
        if self._state(machine_id) != "STOPPED":
            raise TemporaryGatewayError(f"{machine_id} is not stopped yet")
        with aws_faults("WorkSpaces"):
            self._client.modify_workspace_properties(
                WorkspaceId=machine_id, WorkspaceProperties={"ComputeTypeName": instance_type}
            )

    def isolate(self, machine_id: str) -> None:
        """Cut a WorkSpace from the Internet, by the group of its network interface (DSK-8)."""
        interface = self._interface(machine_id)
        with aws_faults("EC2"):
            group = self._network.isolation_group(interface["VpcId"])
            self._set_groups(interface, [group])

    def reconnect(self, machine_id: str) -> None:
        """Give a WorkSpace the directory's security group back."""
        interface = self._interface(machine_id)
        with aws_faults("WorkSpaces"):
            (directory,) = self._client.describe_workspace_directories(
                DirectoryIds=[self._directory_id]
            )["Directories"]
            self._set_groups(interface, [directory["WorkspaceSecurityGroupId"]])

    def terminate(self, machine_id: str) -> None:
        """Destroy a WorkSpace and its disks; nothing when it is gone."""
        if any(map(_is_alive, self._listed({"WorkspaceIds": [machine_id]}))):
            self._ask("terminate_workspaces", "TerminateWorkspaceRequests", machine_id)

    # what WorkSpaces do not have
    def grow(self, machine_id: str, storage_gib: int) -> bool:
        """Extra storage is not offered here."""
        raise FinalGatewayError(f"WorkSpaces: no extra storage for {machine_id}", code=_NOT_HERE)

    def back_up(self, desktop_id: str, machine_id: str, day: date) -> Backup:
        """Daily copies are not offered here."""
        raise FinalGatewayError(f"WorkSpaces: no copy of {machine_id}", code=_NOT_HERE)

    def backups(self, desktop_id: str) -> list[Backup]:
        """There is none."""
        return []

    def delete_backup(self, snapshot_id: str) -> None:
        """There is none."""

    def clear(self, desktop_id: str) -> None:
        """There is nothing beside the WorkSpace."""

    def restore(self, machine_id: str, snapshot_id: str, token: str) -> bool:
        """There is nothing to return to."""
        raise FinalGatewayError(f"WorkSpaces: no copy of {machine_id}", code=_NOT_HERE)

    def undo_restore(self, desktop_id: str, machine_id: str, token: str) -> bool:
        """There is nothing to undo."""
        return True

    # inside
    @cached_property
    def _network(self) -> Ec2Network:
        return Ec2Network(self._ec2, self._stage, [])

    def _ask(self, operation: str, requests: str, machine_id: str) -> None:
        with aws_faults("WorkSpaces"):
            answer = getattr(self._client, operation)(**{requests: [{"WorkspaceId": machine_id}]})
        _check(answer)

    def _state(self, machine_id: str) -> str:
        """Give the state of a WorkSpace that can be acted on."""
        listed = next(self._listed({"WorkspaceIds": [machine_id]}), None)
        if listed is None or not _is_alive(listed):
            raise FinalGatewayError(
                f"WorkSpaces: {machine_id} is gone", code="InvalidInstanceID.NotFound"
            )
        state: str = listed["State"]
        return state

    def _of_user(self, desktop_id: str) -> dict[str, Any] | None:
        asked = {"DirectoryId": self._directory_id, "UserName": desktop_id}
        return next(filter(_is_alive, self._listed(asked)), None)

    def _listed(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with aws_faults("WorkSpaces"):
            for page in self._client.get_paginator("describe_workspaces").paginate(**asked):
                yield from page["Workspaces"]

    def _interface(self, machine_id: str) -> dict[str, Any]:
        """Give the network interface of a WorkSpace, which has none while it is being made."""
        (listed,) = self._listed({"WorkspaceIds": [machine_id]})
        found = self._interfaces([listed["IpAddress"]]) if "IpAddress" in listed else []
        if not found:
            raise TemporaryGatewayError(f"{machine_id} has no network interface yet")
        return found[0]

    def _isolated(self, addresses: list[str]) -> set[str]:
        name = self._network.isolation_name
        return {
            each["PrivateIpAddress"]
            for each in (self._interfaces(addresses) if addresses else [])
            if name in {group["GroupName"] for group in each["Groups"]}
        }

    def _interfaces(self, addresses: list[str]) -> list[dict[str, Any]]:
        wanted = [{"Name": "addresses.private-ip-address", "Values": addresses}]
        with aws_faults("EC2"):
            found: list[dict[str, Any]] = self._ec2.describe_network_interfaces(Filters=wanted)[
                "NetworkInterfaces"
            ]
        return found

    def _set_groups(self, interface: dict[str, Any], groups: list[str]) -> None:
        self._ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface["NetworkInterfaceId"], Groups=groups
        )


def _status(listed: dict[str, Any]) -> MachineStatus:
    """Give our status of a WorkSpace; one whose change is not carried out yet is on its way."""
    changes = (each["State"] for each in listed.get("ModificationStates", []))
    if listed["State"] not in _ENDING and any(map(_CHANGING.__contains__, changes)):
        return MachineStatus.PENDING
    return _STATUSES[listed["State"]]


def _is_alive(listed: dict[str, Any]) -> bool:
    return listed["State"] not in _ENDING


def _check(answer: dict[str, Any]) -> None:
    """Raise what a batch call puts in its answer instead of raising."""
    for failed in answer.get("FailedRequests", []):
        code, text = failed.get("ErrorCode", ""), failed.get("ErrorMessage", "")
        if code == _EXISTS or code.startswith(_LATER):
            raise TemporaryGatewayError(f"WorkSpaces: {code} {text}", code=code)
        raise FinalGatewayError(f"WorkSpaces: {code} {text}", code=code)
