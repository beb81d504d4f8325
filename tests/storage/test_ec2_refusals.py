"""What EC2 refuses where its emulator does not: AWS's own codes, and what the client reads."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.desktops.clouds.cloud_faults import fault_of
from chalicelib.desktops.clouds.ec2_provider import Ec2Provider
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

MACHINE, DISK = "i-0123456789abcdef0", "vol-0123456789abcdef0"


class OneClient(AwsAccess):
    """Access whose only client is the one a test made."""

    def client(self, service: str, **_: object) -> Any:
        return self.__dict__["made"]


@pytest.fixture
def stubbed() -> Iterator[tuple[Ec2Provider, Stubber]]:
    """A provider, and what its client will answer: all of it must have been asked for."""
    access = OneClient()
    access.__dict__["made"] = boto3.client(
        "ec2", region_name="eu-west-3", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(access.__dict__["made"]) as stubber:
        yield Ec2Provider(access, "test"), stubber
        stubber.assert_no_pending_responses()


def refused(code: str, status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-1"},
    }
    return ClientError(answer, "TerminateInstances")  # type: ignore[arg-type]


class RefusingClient:
    """EC2 that answers every call with one error."""

    def __init__(self, refusal: Exception) -> None:
        self._refusal = refusal

    def __getattr__(self, name: str) -> object:
        def refuse(**_: object) -> None:
            raise self._refusal

        return refuse


def refusal_of(fault: Exception) -> Exception:
    """Give what our provider raises when EC2 raises that."""
    access = OneClient()
    access.__dict__["made"] = RefusingClient(fault)
    with pytest.raises((TemporaryGatewayError, FinalGatewayError)) as raised:
        Ec2Provider(access, "test").terminate(MACHINE)
    return raised.value


LATER = [
    "IdempotentParameterMismatch",
    "IncorrectInstanceState",
    "IncorrectModificationState",
    "IncorrectState",
    "InstanceLimitExceeded",
    "InsufficientAddressCapacity",
    "InsufficientFreeAddressesInSubnet",
    "InsufficientInstanceCapacity",
    "InsufficientVolumeCapacity",
    "InternalError",
    "PendingSnapshotLimitExceeded",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "SnapshotCreationPerVolumeRateExceeded",
    "Throttling",
    "Unavailable",
    "VcpuLimitExceeded",
    "VolumeInUse",
    "VolumeLimitExceeded",
]
NEVER = [
    "AuthFailure",
    "InvalidAMIID.NotFound",
    "InvalidParameterValue",
    "InvalidSnapshot.NotFound",
    "OptInRequired",
    "UnauthorizedOperation",
    "Unsupported",
    "VolumeModificationRateExceeded",
]


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize("code", LATER)
def test_what_may_succeed_later_is_tried_again(code: str) -> None:
    assert isinstance(refusal_of(refused(code)), TemporaryGatewayError)


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize("code", NEVER)
def test_what_never_will_succeed_is_given_up_at_once(code: str) -> None:
    assert isinstance(refusal_of(refused(code)), FinalGatewayError)


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize(
    "fault", [refused("Whatever", 503), EndpointConnectionError(endpoint_url="https://ec2")]
)
def test_a_cloud_out_of_order_is_asked_again_whatever_it_says(fault: Exception) -> None:
    assert isinstance(refusal_of(fault), TemporaryGatewayError)


@pytest.mark.contract("DSK-1")
@pytest.mark.parametrize("code", [*LATER, *NEVER])
def test_a_refusal_is_a_plain_sentence_with_a_reference(code: str) -> None:
    # given what the history keeps of it
    fault = refusal_of(refused(code))
    assert (fault.code, fault.reference) == (code, "req-1")  # type: ignore[attr-defined]
    # then
    sentence, reference = fault_of(f"{code} (req-1)")
    assert reference == "req-1"
    assert sentence.endswith(".")
    assert code not in sentence


def has_disk(stubber: Stubber, size: int) -> None:
    """The machine has a disk of that size."""
    machine = {"InstanceId": MACHINE, "State": {"Name": "running"}, "InstanceType": "t3.large"}
    stubber.add_response("describe_instances", {"Reservations": [{"Instances": [machine]}]})
    stubber.add_response("describe_volumes", {"Volumes": [{"VolumeId": DISK, "Size": size}]})


def is_modified(stubber: Stubber, state: str) -> None:
    """Its last modification is in that state ("" when it never was modified)."""
    found = [{"VolumeId": DISK, "ModificationState": state}] if state else []
    stubber.add_response(
        "describe_volumes_modifications",
        {"VolumesModifications": found},
        {"Filters": [{"Name": "volume-id", "Values": [DISK]}]},
    )


@pytest.mark.contract("DSK-4")
@pytest.mark.parametrize("state", ["", "completed", "failed"])
def test_a_disk_is_asked_to_grow_once_no_modification_is_under_way(
    stubbed: tuple[Ec2Provider, Stubber], state: str
) -> None:
    provider, stubber = stubbed
    has_disk(stubber, 50)
    is_modified(stubber, state)
    stubber.add_response("modify_volume", {}, {"VolumeId": DISK, "Size": 70})
    assert provider.grow(MACHINE, 70) is False


@pytest.mark.contract("DSK-2", "DSK-4")
@pytest.mark.parametrize("state", ["modifying", "optimizing"])
def test_a_growth_whose_answer_was_lost_is_waited_for_not_asked_again(
    stubbed: tuple[Ec2Provider, Stubber], state: str
) -> None:
    # EC2 refuses a second modification for hours, which would give the change up.
    provider, stubber = stubbed
    has_disk(stubber, 50)
    is_modified(stubber, state)
    assert provider.grow(MACHINE, 70) is False
    has_disk(stubber, 70)
    assert provider.grow(MACHINE, 70) is True
