"""What every machine provider promises: the same suite on EC2 (moto) and on the fake."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from chalicelib.desktops.ec2_provider import Ec2Provider
from chalicelib.desktops.machines import UNKNOWN, LaunchRequest, MachineProvider, MachineStatus
from chalicelib.desktops.ssm_secrets_gateway import SsmMachineSecrets
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError
from tests.fakes.machines import FakeMachines

ACCESS = AwsAccess(access_key="testing", secret_key="testing")
REQUEST = LaunchRequest(
    token="dsk_1-1",
    desktop_id="dsk_1",
    account_id="acc_1",
    instance_type="t3.medium",
    image="ami-04681a1dbd79675a5",
    os="Ubuntu 24.04 LTS",
    storage_gib=50,
    secret_parameter="/omny/test/desktops/dsk_1/secret",
)


@pytest.fixture(autouse=True)
def _no_catalogue_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare moto from loading its images, which take seconds."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


@pytest.fixture(params=["ec2", "fake"])
def provider(request: pytest.FixtureRequest) -> Iterator[MachineProvider]:
    if request.param == "fake":
        yield FakeMachines()
        return
    with mock_aws():
        yield _on_ec2()


@pytest.fixture
def ec2() -> Iterator[Ec2Provider]:
    with mock_aws():
        yield _on_ec2()


@lru_cache(maxsize=1)
def _on_ec2() -> Ec2Provider:
    """Give one provider for every test: making its client is the slow part."""
    return Ec2Provider(ACCESS, "test")


def settled(provider: MachineProvider, machine_id: str) -> MachineStatus:
    """Look until the machine is on its way no more."""
    for _ in range(5):
        status = provider.describe([machine_id])[machine_id].status
        if status not in {MachineStatus.PENDING, MachineStatus.STOPPING}:
            return status
    raise AssertionError("the machine does not settle")


@pytest.mark.contract("DSK-2")
def test_a_launch_repeated_is_the_same_machine(provider: MachineProvider) -> None:
    # when
    first = provider.launch(REQUEST)
    # then
    assert provider.launch(REQUEST) == first
    assert provider.find("dsk_1") == first
    assert settled(provider, first) is MachineStatus.RUNNING
    state = provider.describe([first])[first]
    assert state.address
    assert state.instance_type == "t3.medium"


@pytest.mark.contract("DSK-2")
def test_another_desktop_gets_another_machine(provider: MachineProvider) -> None:
    first = provider.launch(REQUEST)
    second = provider.launch(replace(REQUEST, token="dsk_2-1", desktop_id="dsk_2"))
    assert first != second
    assert provider.find("dsk_2") == second
    assert provider.find("dsk_3") is None


@pytest.mark.contract("DSK-2", "DSK-3")
def test_stop_and_start_can_be_repeated(provider: MachineProvider) -> None:
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    provider.stop(machine_id)
    provider.stop(machine_id)
    assert settled(provider, machine_id) is MachineStatus.STOPPED
    provider.start(machine_id)
    provider.start(machine_id)
    assert settled(provider, machine_id) is MachineStatus.RUNNING
    provider.restart(machine_id)
    assert settled(provider, machine_id) is MachineStatus.RUNNING


@pytest.mark.contract("DSK-2", "DSK-4")
def test_only_a_stopped_machine_changes_type(provider: MachineProvider) -> None:
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    with pytest.raises(TemporaryGatewayError):
        provider.change_type(machine_id, "t3.large", 80)
    provider.stop(machine_id)
    settled(provider, machine_id)
    provider.change_type(machine_id, "t3.large", 80)
    provider.change_type(machine_id, "t3.large", 80)
    assert provider.describe([machine_id])[machine_id].instance_type == "t3.large"


@pytest.mark.contract("DSK-2", "DSK-6")
def test_a_terminated_machine_is_gone_and_found_no_more(provider: MachineProvider) -> None:
    machine_id = provider.launch(REQUEST)
    provider.terminate(machine_id)
    provider.terminate(machine_id)
    assert provider.describe([machine_id])[machine_id].status is MachineStatus.GONE
    assert provider.find("dsk_1") is None


@pytest.mark.contract("DSK-2")
def test_what_the_cloud_does_not_list_is_unknown_not_gone(provider: MachineProvider) -> None:
    unlisted = "i-0123456789abcdef0"
    assert provider.describe([unlisted]) == {unlisted: UNKNOWN}
    provider.terminate(unlisted)
    with pytest.raises(FinalGatewayError):
        provider.stop(unlisted)


@pytest.mark.contract("DSK-2")
def test_a_machine_is_tagged_encrypted_and_fetches_its_secret(ec2: Ec2Provider) -> None:
    # when
    machine_id = ec2.launch(REQUEST)
    # then its tags name it, its disk is encrypted, its metadata need a token
    (reservation,) = ec2._client.describe_instances(InstanceIds=[machine_id])["Reservations"]
    (machine,) = reservation["Instances"]
    tags = {tag["Key"]: tag["Value"] for tag in machine["Tags"]}
    assert tags == {"omny:desktop": "dsk_1", "omny:account": "acc_1", "omny:stage": "test"}
    (disk,) = ec2._client.describe_volumes()["Volumes"]
    assert (disk["Size"], disk["VolumeType"], disk["Encrypted"]) == (50, "gp3", True)
    assert machine["MetadataOptions"]["HttpTokens"] == "required"
    # and its start-up script names the place of the secret, never the secret
    script = ec2._client.describe_instance_attribute(InstanceId=machine_id, Attribute="userData")
    assert script["UserData"]["Value"]


@pytest.mark.contract("DSK-2")
def test_the_machines_of_another_stage_are_not_ours(ec2: Ec2Provider) -> None:
    Ec2Provider(ACCESS, "other").launch(REQUEST)
    assert ec2.find("dsk_1") is None


class RefusingClient:
    """EC2 that answers every call with one error."""

    def __init__(self, refusal: Exception) -> None:
        self._refusal = refusal

    def __getattr__(self, name: str) -> object:
        def refuse(**_: object) -> None:
            raise self._refusal

        return refuse


class RefusedAccess(AwsAccess):
    """Access to such an EC2."""

    refusal: Exception

    def client(self, service: str, **_: object) -> RefusingClient:
        return RefusingClient(self.refusal)


def _refused(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "StopInstances")  # type: ignore[arg-type]


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (_refused("RequestLimitExceeded"), TemporaryGatewayError),
        (_refused("InsufficientInstanceCapacity"), TemporaryGatewayError),
        (_refused("IncorrectInstanceState"), TemporaryGatewayError),
        (_refused("Whatever", 503), TemporaryGatewayError),
        (EndpointConnectionError(endpoint_url="https://ec2"), TemporaryGatewayError),
        (_refused("InvalidAMIID.NotFound"), FinalGatewayError),
        (_refused("UnauthorizedOperation", 403), FinalGatewayError),
    ],
)
def test_what_may_succeed_later_is_told_from_what_never_will(
    refusal: Exception, expected: type[Exception]
) -> None:
    access = RefusedAccess()
    object.__setattr__(access, "refusal", refusal)
    with pytest.raises(expected):
        Ec2Provider(access, "test").stop("i-1")


@pytest.mark.contract("DSK-7")
def test_a_machines_secret_lies_encrypted_until_it_is_erased() -> None:
    with mock_aws():
        secrets = SsmMachineSecrets(ACCESS, "test")
        ssm = ACCESS.client("ssm")
        # when
        secrets.put("dsk_1", "first")
        secrets.put("dsk_1", "second")
        # then
        name = secrets.parameter("dsk_1")
        kept = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        assert (kept["Type"], kept["Value"]) == ("SecureString", "second")
        # when it is erased, twice
        secrets.erase("dsk_1")
        secrets.erase("dsk_1")
        # then
        assert ssm.get_parameters(Names=[name])["Parameters"] == []
