"""Desktops on EC2 (CGV art. 5; DSK-2).

Two guards against a second machine: RunInstances' ClientToken, which EC2 honours while it
remembers it, and our own tag, written by the call that makes the machine and looked up first.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.desktops.machines import UNKNOWN, LaunchRequest, MachineState, MachineStatus
from chalicelib.foundation.aws import REGION, AwsAccess
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
# Asked again later, these may be granted: busy, in passage, out of capacity or of quota.
_TEMPORARY = {
    "IdempotentParameterMismatch",  # the machine exists: its tag will be found
    "IncorrectInstanceState",
    "IncorrectModificationState",
    "IncorrectState",
    "InstanceLimitExceeded",
    "InsufficientInstanceCapacity",
    "InternalError",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "Unavailable",
    "VcpuLimitExceeded",
    "VolumeModificationRateExceeded",
}
_SERVER_FAULT = 500
_PAGE = 100
_DESKTOP_TAG, _ACCOUNT_TAG, _STAGE_TAG = "omny:desktop", "omny:account", "omny:stage"

# The root disk of Ubuntu's and Windows' images.
_ROOT_DEVICE = "/dev/sda1"
# Run at each boot: takes the secret laid down for the desktop's user, if there is one.
_WINDOWS_USER_DATA = """<powershell>
$secret = (Get-SSMParameter -Region {region} -Name '{parameter}' -WithDecryption $true).Value
if ($secret) {{
  Set-LocalUser -Name desktop -Password (ConvertTo-SecureString $secret -AsPlainText -Force)
}}
</powershell>
<persist>true</persist>
"""
_LINUX_USER_DATA = """#cloud-boothook
#!/bin/sh
secret=$(aws ssm get-parameter --region {region} --name '{parameter}' --with-decryption \\
  --query Parameter.Value --output text) || exit 0
printf 'desktop:%s\\n' "$secret" | chpasswd
"""


class Ec2Provider:
    """Machines of one stage on EC2.

    ``placement`` holds further arguments of RunInstances (subnet, security groups, instance
    profile).
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

    def launch(self, request: LaunchRequest) -> str:
        """Make the desktop's machine, or find the one already made; give its id."""
        made = self.find(request.desktop_id)
        if made is not None:
            return made
        tags = [
            {"Key": _DESKTOP_TAG, "Value": request.desktop_id},
            {"Key": _ACCOUNT_TAG, "Value": request.account_id},
            {"Key": _STAGE_TAG, "Value": self._stage},
        ]
        with _faults():
            answer = self._client.run_instances(
                ClientToken=request.token,
                ImageId=request.image,
                InstanceType=request.instance_type,
                MinCount=1,
                MaxCount=1,
                InstanceInitiatedShutdownBehavior="stop",
                BlockDeviceMappings=[_disk(request.storage_gib)],
                MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
                UserData=_user_data(request),
                TagSpecifications=[
                    {"ResourceType": resource, "Tags": tags} for resource in ("instance", "volume")
                ],
                **self._placement,
            )
        machine_id: str = answer["Instances"][0]["InstanceId"]
        return machine_id

    def find(self, desktop_id: str) -> str | None:
        """Find the desktop's machine by its tag; None when there is none alive."""
        machines = self._machines(
            {
                f"tag:{_DESKTOP_TAG}": [desktop_id],
                f"tag:{_STAGE_TAG}": [self._stage],
                "instance-state-name": _ALIVE,
            }
        )
        return next((machine["InstanceId"] for machine in machines), None)

    def describe(self, machine_ids: Iterable[str]) -> dict[str, MachineState]:
        """Tell the state of machines; one the cloud does not list is UNKNOWN."""
        wanted = list(machine_ids)
        states = dict.fromkeys(wanted, UNKNOWN)
        for start in range(0, len(wanted), _PAGE):
            # A filter, not InstanceIds: an id not listed is no error.
            for machine in self._machines({"instance-id": wanted[start : start + _PAGE]}):
                states[machine["InstanceId"]] = MachineState(
                    _STATUSES[machine["State"]["Name"]],
                    machine.get("PublicDnsName") or machine.get("PublicIpAddress") or None,
                    machine["InstanceType"],
                )
        return states

    def start(self, machine_id: str) -> None:
        """Start a machine; nothing when it already runs."""
        with _faults():
            self._client.start_instances(InstanceIds=[machine_id])

    def stop(self, machine_id: str) -> None:
        """Stop a machine; nothing when it is already stopped."""
        with _faults():
            self._client.stop_instances(InstanceIds=[machine_id])

    def restart(self, machine_id: str) -> None:
        """Restart a running machine."""
        with _faults():
            self._client.reboot_instances(InstanceIds=[machine_id])

    def change_type(self, machine_id: str, instance_type: str, storage_gib: int) -> None:
        """Give a stopped machine another type, and a larger disk when it needs one (DSK-4)."""
        if self.describe([machine_id])[machine_id].status is not MachineStatus.STOPPED:
            raise TemporaryGatewayError(f"{machine_id} is not stopped yet")
        with _faults():
            # The disk first: the type is what tells that the change is complete.
            for disk in self._disks(machine_id):
                if disk["Size"] < storage_gib:
                    self._client.modify_volume(VolumeId=disk["VolumeId"], Size=storage_gib)
            self._client.modify_instance_attribute(
                InstanceId=machine_id, InstanceType={"Value": instance_type}
            )

    def terminate(self, machine_id: str) -> None:
        """Destroy a machine and its disk; nothing when it is gone."""
        try:
            with _faults():
                self._client.terminate_instances(InstanceIds=[machine_id])
        except FinalGatewayError as refused:
            if refused.code != "InvalidInstanceID.NotFound":
                raise

    def _machines(self, filters: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
        asked = [{"Name": name, "Values": values} for name, values in filters.items()]
        with _faults():
            for page in self._client.get_paginator("describe_instances").paginate(Filters=asked):
                for reservation in page["Reservations"]:
                    yield from reservation["Instances"]

    def _disks(self, machine_id: str) -> list[dict[str, Any]]:
        attached = [{"Name": "attachment.instance-id", "Values": [machine_id]}]
        disks: list[dict[str, Any]] = self._client.describe_volumes(Filters=attached)["Volumes"]
        return disks


def _disk(storage_gib: int) -> dict[str, Any]:
    return {
        "DeviceName": _ROOT_DEVICE,
        "Ebs": {
            "VolumeSize": storage_gib,
            "VolumeType": "gp3",
            "Encrypted": True,
            "DeleteOnTermination": True,
        },
    }


def _user_data(request: LaunchRequest) -> str:
    script = _WINDOWS_USER_DATA if request.os.startswith("Windows") else _LINUX_USER_DATA
    return script.format(region=REGION, parameter=request.secret_parameter)


@contextmanager
def _faults() -> Iterator[None]:
    """Turn AWS's errors into ours."""
    try:
        yield
    except ClientError as refused:
        code = refused.response["Error"]["Code"]
        status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _TEMPORARY or status >= _SERVER_FAULT:
            raise TemporaryGatewayError(f"EC2: {code}") from refused
        raise FinalGatewayError(f"EC2: {refused}", code=code) from refused
    except BotoCoreError as unreachable:
        raise TemporaryGatewayError(f"EC2: {unreachable}") from unreachable
