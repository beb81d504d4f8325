"""AWS's refusals in our terms: worth another try, or final, with their reference (DSK-2)."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

# Asked again later, these may be granted: busy, in passage, out of capacity or of quota.
_TEMPORARY = {
    "IdempotentParameterMismatch",  # the machine exists: its tag will be found
    "IncorrectInstanceState",
    "IncorrectModificationState",
    "IncorrectState",
    "InstanceLimitExceeded",
    "InternalError",
    "InvalidResourceStateException",
    "OperationInProgressException",
    "PendingSnapshotLimitExceeded",
    "RequestLimitExceeded",
    "ResourceLimitExceededException",
    "ResourceUnavailableException",
    "ServiceUnavailable",
    "SnapshotCreationPerVolumeRateExceeded",
    "Throttling",
    "ThrottlingException",
    "Unavailable",
    "VcpuLimitExceeded",
    "VolumeInUse",
    "VolumeLimitExceeded",
}
_NO_ROOM = "Insufficient"  # …InstanceCapacity, …FreeAddressesInSubnet and their like
_SERVER_FAULT = 500


@contextmanager
def aws_faults(service: str) -> Iterator[None]:
    """Turn what a call to AWS raises into our errors."""
    try:
        yield
    except ClientError as refused:
        code = refused.response["Error"]["Code"]
        answer = refused.response.get("ResponseMetadata", {})
        status, reference = answer.get("HTTPStatusCode", 0), answer.get("RequestId", "")
        if code in _TEMPORARY or code.startswith(_NO_ROOM) or status >= _SERVER_FAULT:
            raise TemporaryGatewayError(
                f"{service}: {code}", code=code, reference=reference
            ) from refused
        raise FinalGatewayError(
            f"{service}: {refused}", code=code, reference=reference
        ) from refused
    except BotoCoreError as unreachable:
        raise TemporaryGatewayError(f"{service}: {unreachable}") from unreachable
