"""The disks of EC2 machines: growth, daily copies, return to a copy (CGV art. 13; DSK-4, DSK-5).

No call here has a token that EC2 remembers for ever: our own tags, written by the call that makes a
copy or a disk and looked up first, keep a repeated call from making a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from typing import Any

from chalicelib.desktops.clouds.aws_faults import aws_faults
from chalicelib.desktops.clouds.ec2_launch import DESKTOP_TAG, ROOT_DEVICE, STAGE_TAG
from chalicelib.desktops.model.backups import Backup
from chalicelib.foundation.errors import FinalGatewayError

_DAY_TAG, _RETURN_TAG = "omny:day", "omny:return"
_COMPLETED = "completed"
_LOOSE = frozenset({"creating", "available", "error"})
_CHANGING = frozenset({"modifying", "optimizing"})  # a second modification would be refused


class Ec2Disks:
    """Disks and copies of one stage."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client = client
        self._stage = stage

    def grow(self, machine_id: str, storage_gib: int) -> bool:
        """Enlarge the machine's disk, never the other way; tell whether it has that size.

        EC2 shows the new size a moment later and refuses a second modification until then: one
        asked for already, by a call whose answer was lost, is waited for.
        """
        with aws_faults("EC2"):
            too_small = {
                disk["VolumeId"]
                for disk in self._attached(machine_id)
                if disk["Size"] < storage_gib
            }
            for volume_id in too_small - self._changing(too_small):
                self._client.modify_volume(VolumeId=volume_id, Size=storage_gib)
        return not too_small

    def back_up(self, desktop_id: str, machine_id: str, day: date) -> Backup:
        """Copy the root disk for a day; give the copy already made where there is one."""
        made = [copy for copy in self.backups(desktop_id) if copy.taken_on == day]
        if made:
            return made[0]
        tags = [
            {"Key": DESKTOP_TAG, "Value": desktop_id},
            {"Key": STAGE_TAG, "Value": self._stage},
            {"Key": _DAY_TAG, "Value": day.isoformat()},
        ]
        with aws_faults("EC2"):
            disk = self._root(machine_id)
            if disk is None:
                raise FinalGatewayError(f"{machine_id} has no disk", code="InvalidVolume.NotFound")
            copy = self._client.create_snapshot(
                VolumeId=disk["VolumeId"],
                Description=f"{desktop_id} {day.isoformat()}",
                TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            )
        return _backup({**copy, "Tags": tags})

    def backups(self, desktop_id: str) -> list[Backup]:
        """Give the copies there are of a desktop, oldest first."""
        with aws_faults("EC2"):
            pages = self._client.get_paginator("describe_snapshots").paginate(
                OwnerIds=["self"], Filters=_filters(self._of_desktop(desktop_id))
            )
            found = [_backup(copy) for page in pages for copy in page["Snapshots"]]
        return sorted(found, key=lambda each: each.taken_on)

    def delete_backup(self, snapshot_id: str) -> None:
        """Remove a copy; nothing when it is gone."""
        with _gone_already("InvalidSnapshot.NotFound"):
            self._client.delete_snapshot(SnapshotId=snapshot_id)

    def clear(self, desktop_id: str) -> None:
        """Remove every copy, and every disk that a return cut short left on no machine."""
        for copy in self.backups(desktop_id):
            self.delete_backup(copy.snapshot_id)
        with aws_faults("EC2"):
            loose = self._volumes(self._of_desktop(desktop_id))
        for disk in loose:
            if disk["State"] in _LOOSE:
                self._delete(disk)

    def restore(self, machine_id: str, zone: str, snapshot_id: str, token: str) -> bool:
        """Put a disk made from a copy in the place of a stopped machine's; tell if it is there.

        Each call takes the next step: make the disk, take the former one off, put the new one on.
        """
        token = _short(token)
        with aws_faults("EC2"):
            present = self._root(machine_id)
            if present is not None and _tags(present).get(_RETURN_TAG) == token:
                self._go_with(machine_id)
                self._drop_former(_tags(present)[DESKTOP_TAG], token)
                return True
            made = self._made_for(token)
            if made is None and present is None:
                raise FinalGatewayError(f"{machine_id} has no disk", code="InvalidVolume.NotFound")
            if made is None:
                self._make(present or {}, zone, snapshot_id, token)
            elif made["State"] == "available" and present is not None:
                self._client.detach_volume(VolumeId=present["VolumeId"], InstanceId=machine_id)
            elif made["State"] == "available":
                self._put_on(made["VolumeId"], machine_id)
        return False

    def undo_restore(self, desktop_id: str, machine_id: str, token: str) -> bool:
        """Put the former disk back where a return was given up; tell whether it is there.

        The disk made for that return is removed first: the former one is then the only one left.
        """
        token = _short(token)
        with aws_faults("EC2"):
            made = self._made_for(token)
            if made is not None and made["State"] == "available":
                self._delete(made)
            if self._root(machine_id) is not None:
                self._go_with(machine_id)
                return True
            for former in self._taken_off(desktop_id, token):
                self._put_on(former["VolumeId"], machine_id)
        return False

    def _make(self, former: dict[str, Any], zone: str, snapshot_id: str, token: str) -> None:
        tags = [tag for tag in former.get("Tags", []) if tag["Key"] != _RETURN_TAG]
        self._client.create_volume(
            ClientToken=token,
            SnapshotId=snapshot_id,
            AvailabilityZone=zone,
            Size=former["Size"],
            VolumeType="gp3",
            Encrypted=True,
            TagSpecifications=[
                {
                    "ResourceType": "volume",
                    "Tags": [*tags, {"Key": _RETURN_TAG, "Value": token}],
                }
            ],
        )

    def _put_on(self, volume_id: str, machine_id: str) -> None:
        self._client.attach_volume(VolumeId=volume_id, InstanceId=machine_id, Device=ROOT_DEVICE)

    def _go_with(self, machine_id: str) -> None:
        """Have the root disk end with its machine: one put on later would outlive it."""
        self._client.modify_instance_attribute(
            InstanceId=machine_id,
            BlockDeviceMappings=[{"DeviceName": ROOT_DEVICE, "Ebs": {"DeleteOnTermination": True}}],
        )

    def _drop_former(self, desktop_id: str, token: str) -> None:
        """Remove the disks that were taken off, once the new one is on."""
        for disk in self._taken_off(desktop_id, token):
            self._delete(disk)

    def _delete(self, disk: dict[str, Any]) -> None:
        with _gone_already("InvalidVolume.NotFound"):
            self._client.delete_volume(VolumeId=disk["VolumeId"])

    def _taken_off(self, desktop_id: str, token: str) -> list[dict[str, Any]]:
        """Give the desktop's disks on no machine, but for the one made for a return."""
        loose = self._volumes(self._of_desktop(desktop_id) | {"status": "available"})
        return [disk for disk in loose if _tags(disk).get(_RETURN_TAG) != token]

    def _of_desktop(self, desktop_id: str) -> dict[str, str]:
        return {f"tag:{DESKTOP_TAG}": desktop_id, f"tag:{STAGE_TAG}": self._stage}

    def _changing(self, volume_ids: set[str]) -> set[str]:
        """Tell which disks are being modified now."""
        if not volume_ids:
            return set()
        wanted = [{"Name": "volume-id", "Values": sorted(volume_ids)}]
        found = self._client.describe_volumes_modifications(Filters=wanted)
        return {
            each["VolumeId"]
            for each in found["VolumesModifications"]
            if each["ModificationState"] in _CHANGING
        }

    def _root(self, machine_id: str) -> dict[str, Any] | None:
        return next(iter(self._attached(machine_id)), None)

    def _made_for(self, token: str) -> dict[str, Any] | None:
        return next(iter(self._volumes({f"tag:{_RETURN_TAG}": token})), None)

    def _attached(self, machine_id: str) -> list[dict[str, Any]]:
        return self._volumes({"attachment.instance-id": machine_id})

    def _volumes(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.describe_volumes(Filters=_filters(filters))[
            "Volumes"
        ]
        return found


@contextmanager
def _gone_already(code: str) -> Iterator[None]:
    """Remove something; nothing when it is gone."""
    try:
        with aws_faults("EC2"):
            yield
    except FinalGatewayError as refused:
        if refused.code != code:
            raise


def _short(token: str) -> str:
    """Give a token of the length that EC2 takes."""
    return sha256(token.encode()).hexdigest()[:32]


def _filters(wanted: dict[str, str]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": [value]} for name, value in wanted.items()]


def _tags(resource: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def _backup(copy: dict[str, Any]) -> Backup:
    return Backup(
        snapshot_id=copy["SnapshotId"],
        taken_on=date.fromisoformat(_tags(copy)[_DAY_TAG]),
        taken_at=copy["StartTime"],
        is_complete=copy["State"] == _COMPLETED,
    )
