"""Where a machine fetches its secret: a SecureString of SSM, erased once revealed (DSK-7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError


class SsmMachineSecrets:
    """Secrets of the machines of one stage."""

    def __init__(self, access: AwsAccess, stage: str) -> None:
        self._access = access
        self._stage = stage

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
