"""Cutting machines from the Internet by their security group (CGV art. 14; DSK-8).

The isolation group lets nothing in or out.  It is made where it is missing, in the machine's
network, and emptied of what AWS puts in a new one.
"""

from typing import Any

from chalicelib.desktops.clouds.ec2_launch import STAGE_TAG

_DUPLICATE = "InvalidGroup.Duplicate"


class Ec2Network:
    """The security groups of one stage."""

    def __init__(self, client: Any, stage: str, usual_groups: list[str]) -> None:
        self._client = client
        self._stage = stage
        self._usual_groups = usual_groups

    @property
    def isolation_name(self) -> str:
        """The name of the group of isolated machines."""
        return f"omny-{self._stage}-isolated"

    def isolation_group(self, vpc_id: str) -> str:
        """Give the group that lets nothing through, made if it is missing."""
        found = self._find(self.isolation_name, vpc_id)
        if found is None:
            self._make(vpc_id)
            found = self._find(self.isolation_name, vpc_id) or {}
        if found.get("IpPermissionsEgress"):
            self._client.revoke_security_group_egress(
                GroupId=found["GroupId"], IpPermissions=found["IpPermissionsEgress"]
            )
        group: str = found["GroupId"]
        return group

    def usual_groups(self, vpc_id: str) -> list[str]:
        """Give the groups of machines that are not isolated."""
        if self._usual_groups:
            return self._usual_groups
        default = self._find("default", vpc_id)
        return [default["GroupId"]] if default else []

    def _find(self, name: str, vpc_id: str) -> dict[str, Any] | None:
        wanted = [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [vpc_id]}]
        groups = self._client.describe_security_groups(Filters=wanted)["SecurityGroups"]
        return groups[0] if groups else None

    def _make(self, vpc_id: str) -> None:
        from botocore.exceptions import ClientError

        tags = [{"Key": STAGE_TAG, "Value": self._stage}]
        try:
            self._client.create_security_group(
                GroupName=self.isolation_name,
                Description="Desktops cut from the Internet",
                VpcId=vpc_id,
                TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
            )
        except ClientError as refused:
            if refused.response["Error"]["Code"] != _DUPLICATE:
                raise
