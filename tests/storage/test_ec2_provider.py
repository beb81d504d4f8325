"""What every machine provider promises: the same suite on EC2 (moto) and on the fake."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest
from moto import mock_aws

from chalicelib.desktops.clouds.ec2_launch import launch_arguments
from chalicelib.desktops.clouds.ec2_provider import Ec2Provider
from chalicelib.desktops.clouds.machines import (
    UNKNOWN,
    LaunchRequest,
    MachineProvider,
    MachineStatus,
)
from chalicelib.desktops.clouds.ssm_secrets_gateway import SsmMachineSecrets
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


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize("action", ["start", "stop", "restart", "isolate", "reconnect"])
def test_nothing_is_done_to_a_machine_that_is_gone(provider: MachineProvider, action: str) -> None:
    machine_id = provider.launch(REQUEST)
    provider.terminate(machine_id)
    with pytest.raises(FinalGatewayError) as refused:
        getattr(provider, action)(machine_id)
    assert refused.value.code == "InvalidInstanceID.NotFound"


@pytest.mark.contract("DSK-4")
def test_a_disk_grows_and_never_shrinks(provider: MachineProvider) -> None:
    # given
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    # when it is to have 70 GB: done once the cloud says so
    assert [provider.grow(machine_id, 70), provider.grow(machine_id, 70)] == [False, True]
    # then asking for less changes nothing
    assert provider.grow(machine_id, 60) is True
    assert provider.grow(machine_id, 70) is True


@pytest.mark.contract("DSK-8")
def test_a_machine_is_cut_from_the_internet_and_reconnected(provider: MachineProvider) -> None:
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    for action, isolated in [("isolate", True), ("isolate", True), ("reconnect", False)]:
        getattr(provider, action)(machine_id)
        assert provider.describe([machine_id])[machine_id].isolated is isolated


@pytest.mark.contract("DSK-8")
def test_the_group_of_isolated_machines_lets_nothing_through(ec2: Ec2Provider) -> None:
    machine_id = ec2.launch(REQUEST)
    ec2.isolate(machine_id)
    wanted = [{"Name": "group-name", "Values": ["omny-test-isolated"]}]
    (group,) = ec2._client.describe_security_groups(Filters=wanted)["SecurityGroups"]
    assert group["IpPermissions"] == group["IpPermissionsEgress"] == []
    (reservation,) = ec2._client.describe_instances(InstanceIds=[machine_id])["Reservations"]
    groups = reservation["Instances"][0]["SecurityGroups"]
    assert [each["GroupId"] for each in groups] == [group["GroupId"]]


@pytest.mark.contract("DSK-5")
def test_a_days_copy_is_made_once_listed_and_removed(provider: MachineProvider) -> None:
    # given
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    # when two days are copied, the first one twice
    first = provider.back_up("dsk_1", machine_id, date(2026, 11, 5))
    assert provider.back_up("dsk_1", machine_id, date(2026, 11, 5)).snapshot_id == first.snapshot_id
    second = provider.back_up("dsk_1", machine_id, date(2026, 11, 6))
    # then
    listed = provider.backups("dsk_1")
    assert [each.snapshot_id for each in listed] == [first.snapshot_id, second.snapshot_id]
    assert [each.taken_on.day for each in listed] == [5, 6]
    assert provider.backups("dsk_2") == []
    # when one is removed, twice
    provider.delete_backup(first.snapshot_id)
    provider.delete_backup(first.snapshot_id)
    # then
    assert [each.snapshot_id for each in provider.backups("dsk_1")] == [second.snapshot_id]


@pytest.mark.contract("DSK-5")
def test_a_stopped_machine_returns_to_a_copy(provider: MachineProvider) -> None:
    # given
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    copy = provider.back_up("dsk_1", machine_id, date(2026, 11, 5))
    # then a running machine does not
    with pytest.raises(TemporaryGatewayError):
        provider.restore(machine_id, copy.snapshot_id, "t1")
    # when it is stopped, and asked until it is done
    provider.stop(machine_id)
    settled(provider, machine_id)
    done = [provider.restore(machine_id, copy.snapshot_id, "t1") for _ in range(6)]
    # then, and asking again changes nothing
    assert done[0] is False
    assert done[-1] is True
    provider.start(machine_id)
    assert settled(provider, machine_id) is MachineStatus.RUNNING


@pytest.mark.contract("DSK-5")
def test_returning_to_a_copy_leaves_one_disk_that_goes_with_its_machine(ec2: Ec2Provider) -> None:
    # given
    machine_id = ec2.launch(REQUEST)
    copy = ec2.back_up("dsk_1", machine_id, date(2026, 11, 5))
    (former,) = ec2._client.describe_volumes()["Volumes"]
    ec2.stop(machine_id)
    # when
    while not ec2.restore(machine_id, copy.snapshot_id, "t1"):
        pass
    # then
    (disk,) = ec2._client.describe_volumes()["Volumes"]
    assert ends_with_its_machine(ec2, machine_id)
    assert disk["VolumeId"] != former["VolumeId"]
    assert disk["SnapshotId"] == copy.snapshot_id
    assert (disk["Size"], disk["Encrypted"]) == (former["Size"], True)
    assert disk["Attachments"][0]["Device"] == "/dev/sda1"


@pytest.mark.contract("DSK-6")
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_desktop_deleted_during_a_return_leaves_nothing(ec2: Ec2Provider, steps: int) -> None:
    # given
    machine_id = ec2.launch(REQUEST)
    copy = ec2.back_up("dsk_1", machine_id, date(2026, 11, 5))
    ec2.stop(machine_id)
    for _ in range(steps):
        ec2.restore(machine_id, copy.snapshot_id, "t1")
    # when its machine is destroyed, and what is left removed, twice
    ec2.terminate(machine_id)
    ec2.clear("dsk_1")
    ec2.clear("dsk_1")
    # then nothing is on no machine; a disk on the machine goes with it
    loose = [d for d in ec2._client.describe_volumes()["Volumes"] if d["State"] == "available"]
    assert not loose
    assert not ec2.backups("dsk_1")


def ends_with_its_machine(ec2: Ec2Provider, machine_id: str) -> bool:
    """Tell whether the root disk goes when the machine does."""
    (reservation,) = ec2._client.describe_instances(InstanceIds=[machine_id])["Reservations"]
    (disk,) = reservation["Instances"][0]["BlockDeviceMappings"]
    return bool(disk["Ebs"]["DeleteOnTermination"])


def root_of(ec2: Ec2Provider, machine_id: str) -> str | None:
    """Give the disk that a machine has, None while it is off."""
    wanted = [{"Name": "attachment.instance-id", "Values": [machine_id]}]
    disks = ec2._client.describe_volumes(Filters=wanted)["Volumes"]
    return disks[0]["VolumeId"] if disks else None


@pytest.mark.contract("DSK-5")
def test_a_worker_killed_once_the_disk_is_on_still_has_it_end_with_its_machine(
    ec2: Ec2Provider,
) -> None:
    # given a return whose last call put the disk on, and died
    machine_id = ec2.launch(REQUEST)
    former = root_of(ec2, machine_id)
    copy = ec2.back_up("dsk_1", machine_id, date(2026, 11, 5))
    ec2.stop(machine_id)
    while root_of(ec2, machine_id) in {former, None}:
        ec2.restore(machine_id, copy.snapshot_id, "t1")
    assert not ends_with_its_machine(ec2, machine_id)
    # when it is taken up
    assert ec2.restore(machine_id, copy.snapshot_id, "t1")
    # then
    assert ends_with_its_machine(ec2, machine_id)


@pytest.mark.contract("DSK-5")
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_return_given_up_leaves_the_former_disk_and_no_other(
    ec2: Ec2Provider, steps: int
) -> None:
    # given a return that stopped before, or once the disk was made, or the former one taken off
    machine_id = ec2.launch(REQUEST)
    former = root_of(ec2, machine_id)
    copy = ec2.back_up("dsk_1", machine_id, date(2026, 11, 5))
    ec2.stop(machine_id)
    for _ in range(steps):
        ec2.restore(machine_id, copy.snapshot_id, "t1")
    assert root_of(ec2, machine_id) == (former if steps < 2 else None)
    # when
    done = [ec2.undo_restore("dsk_1", machine_id, "t1") for _ in range(2)]
    # then
    assert done[-1] is True
    (disk,) = ec2._client.describe_volumes()["Volumes"]
    assert disk["VolumeId"] == former == root_of(ec2, machine_id)
    assert ends_with_its_machine(ec2, machine_id)


@pytest.mark.contract("DSK-9")
def test_the_inventory_names_whose_each_machine_is(provider: MachineProvider) -> None:
    # given two machines, one of them gone
    machine_id = provider.launch(REQUEST)
    settled(provider, machine_id)
    gone = provider.launch(replace(REQUEST, token="dsk_2-1", desktop_id="dsk_2"))
    provider.terminate(gone)
    # then
    (listed,) = provider.inventory()
    assert (listed.id, listed.desktop_id, listed.account_id) == (machine_id, "dsk_1", "acc_1")
    assert listed.status is MachineStatus.RUNNING
    assert listed.launched_at is not None


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
    written = b64decode(script["UserData"]["Value"]).decode()
    assert REQUEST.secret_parameter in written
    # and on Windows it takes in what the disk was enlarged by, at each boot
    windows = launch_arguments(replace(REQUEST, os="Windows Server 2022"), "test")["UserData"]
    assert "Resize-Partition" in windows
    assert "<persist>true</persist>" in windows


@pytest.mark.contract("DSK-2")
def test_the_machines_of_another_stage_are_not_ours(ec2: Ec2Provider) -> None:
    Ec2Provider(ACCESS, "other").launch(REQUEST)
    assert ec2.find("dsk_1") is None


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
