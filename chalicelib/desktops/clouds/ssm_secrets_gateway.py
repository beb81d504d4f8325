"""Where a machine fetches its secret: a SecureString of SSM, erased once revealed (DSK-7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError

_MACHINE_TAG = "omny:machine"


class SsmMachineSecrets:
    """Secrets of the machines of one stage.

    ``machine_arns`` is what precedes a machine's id in its ARN: the profile of machines lets each
    read the parameter that bears its own (docs/decisions/0101).
    """

    def __init__(self, access: AwsAccess, stage: str, machine_arns: str = "") -> None:
        self._access = access
        self._stage = stage
        self._machine_arns = machine_arns

    @cached_property
    def _client(self) -> Any:
        return self._access.client("ssm")

    def parameter(self, desktop_id: str) -> str:
        """Name the place of a desktop's secret."""
        return f"/omny/{self._stage}/desktops/{desktop_id}/secret"

    def put(self, desktop_id: str, secret: str) -> None:
        """Lay a secret down for the machine, instead of any earlier one."""
        with _later():
            self._client.put_parameter(
                Name=self.parameter(desktop_id), Value=secret, Type="SecureString", Overwrite=True
            )

    def hand_to(self, desktop_id: str, machine_id: str) -> None:
        """Let this machine, and no other, read the secret; nothing when there is none."""
        with _later():
            try:
                self._client.add_tags_to_resource(
                    ResourceType="Parameter",
                    ResourceId=self.parameter(desktop_id),
                    Tags=[{"Key": _MACHINE_TAG, "Value": self._machine_arns + machine_id}],
                )
            except ClientError as refused:
                if refused.response["Error"]["Code"] != "InvalidResourceId":
                    raise

    def erase(self, desktop_id: str) -> None:
        """Remove the secret; nothing when there is none (DSK-7)."""
        with _later():
            try:
                self._client.delete_parameter(Name=self.parameter(desktop_id))
            except ClientError as refused:
                if refused.response["Error"]["Code"] != "ParameterNotFound":
                    raise


@contextmanager
def _later() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as fault:
        raise TemporaryGatewayError(f"SSM: {fault}") from fault
