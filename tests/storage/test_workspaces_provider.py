"""WorkSpaces: what moto has of it, and botocore's stubber with AWS's own shapes for the rest."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.desktops.clouds.machines import LaunchRequest, MachineStatus
from chalicelib.desktops.clouds.workspaces_provider import WorkspacesProvider
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

DIRECTORY = "d-9067f1e2a3"
WORKSPACE = "ws-0a1b2c3d4"
REQUEST = LaunchRequest(
    token="dsk_1-1",
    desktop_id="dsk_1",
    account_id="acc_1",
    instance_type="STANDARD",
    image="wsb-clj85qzj1",
    os="Windows Server 2022",
    storage_gib=80,
    secret_parameter="/omny/test/desktops/dsk_1/secret",
)


class StubbedAccess(AwsAccess):
    """Access whose clients answer what a test laid down, in order."""

    def client(self, service: str, **_: object) -> Any:
        clients: dict[str, Any] = self.__dict__["clients"]
        return clients[service]


class Stubbed:
    """A provider, and the answers its two services will give."""

    def __init__(self) -> None:
        options: dict[str, Any] = {
            "region_name": "eu-west-3",
            "aws_access_key_id": "x",
            "aws_secret_access_key": "x",
        }
        clients = {name: boto3.client(name, **options) for name in ("workspaces", "ec2")}  # type: ignore[call-overload]
        self.workspaces = Stubber(clients["workspaces"])
        self.ec2 = Stubber(clients["ec2"])
        access = StubbedAccess()
        access.__dict__["clients"] = clients
        self.provider = WorkspacesProvider(access, "test", DIRECTORY)

    def is_in(
        self, state: str, *, type_name: str = "STANDARD", by: str = "id", change: str = ""
    ) -> None:
        """The WorkSpace is described in that state."""
        asked: dict[str, Any] = {"WorkspaceIds": [WORKSPACE]}
        if by == "user":
            asked = {"DirectoryId": DIRECTORY, "UserName": "dsk_1"}
        found = {
            "WorkspaceId": WORKSPACE,
            "DirectoryId": DIRECTORY,
            "UserName": "dsk_1",
            "State": state,
            "BundleId": REQUEST.image,
            "ModificationStates": [{"Resource": "COMPUTE_TYPE", "State": change}] if change else [],
            "WorkspaceProperties": {
                "RunningMode": "AUTO_STOP",
                "RunningModeAutoStopTimeoutInMinutes": 60,
                "RootVolumeSizeGib": 80,
                "UserVolumeSizeGib": 50,
                "ComputeTypeName": type_name,
            },
        }
        answer = {"Workspaces": [found] if state else []}
        self.workspaces.add_response("describe_workspaces", answer, asked)

    def answers(self, operation: str, requests: str, failed: dict[str, str] | None = None) -> None:
        """A batch call is carried out, or refused."""
        refusal = [{"WorkspaceId": WORKSPACE, **failed}] if failed else []
        self.workspaces.add_response(
            operation, {"FailedRequests": refusal}, {requests: [{"WorkspaceId": WORKSPACE}]}
        )

    def has_directory(self) -> None:
        """The directory is described."""
        directory = {
            "DirectoryId": DIRECTORY,
            "RegistrationCode": "SLiad+AB12CD",
            "WorkspaceSecurityGroupId": "sg-0123456789abcdef0",
        }
        self.workspaces.add_response(
            "describe_workspace_directories",
            {"Directories": [directory]},
            {"DirectoryIds": [DIRECTORY]},
        )


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """Everything laid down must have been asked for."""
    stubbed = Stubbed()
    with stubbed.workspaces, stubbed.ec2:
        yield stubbed
    stubbed.workspaces.assert_no_pending_responses()
    stubbed.ec2.assert_no_pending_responses()


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize(
    ("action", "state", "operation", "requests"),
    [
        ("start", "STOPPED", "start_workspaces", "StartWorkspaceRequests"),
        ("stop", "AVAILABLE", "stop_workspaces", "StopWorkspaceRequests"),
        ("restart", "AVAILABLE", "reboot_workspaces", "RebootWorkspaceRequests"),
        ("terminate", "AVAILABLE", "terminate_workspaces", "TerminateWorkspaceRequests"),
        ("terminate", "ERROR", "terminate_workspaces", "TerminateWorkspaceRequests"),
    ],
)
def test_each_action_asks_for_its_operation(
    stubbed: Stubbed, action: str, state: str, operation: str, requests: str
) -> None:
    stubbed.is_in(state)
    stubbed.answers(operation, requests)
    getattr(stubbed.provider, action)(WORKSPACE)


@pytest.mark.contract("DSK-2")
def test_what_is_done_already_is_not_asked_again(stubbed: Stubbed) -> None:
    stubbed.is_in("AVAILABLE")
    stubbed.provider.start(WORKSPACE)
    stubbed.is_in("STOPPED")
    stubbed.provider.stop(WORKSPACE)


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize("state", ["TERMINATING", "TERMINATED", ""])
def test_nothing_is_done_to_a_workspace_that_is_gone(stubbed: Stubbed, state: str) -> None:
    stubbed.is_in(state)
    with pytest.raises(FinalGatewayError):
        stubbed.provider.start(WORKSPACE)


@pytest.mark.contract("DSK-2")
def test_a_refusal_inside_an_answer_is_an_error_like_any_other(stubbed: Stubbed) -> None:
    stubbed.is_in("AVAILABLE")
    busy = {"ErrorCode": "OperationInProgressException", "ErrorMessage": "busy"}
    stubbed.answers("stop_workspaces", "StopWorkspaceRequests", busy)
    with pytest.raises(TemporaryGatewayError):
        stubbed.provider.stop(WORKSPACE)
    stubbed.is_in("AVAILABLE")
    never = {"ErrorCode": "OperationNotSupportedException", "ErrorMessage": "always on"}
    stubbed.answers("stop_workspaces", "StopWorkspaceRequests", never)
    with pytest.raises(FinalGatewayError) as refused:
        stubbed.provider.stop(WORKSPACE)
    assert refused.value.code == "OperationNotSupportedException"


@pytest.mark.contract("DSK-2", "DSK-4")
def test_only_a_stopped_workspace_changes_compute_type(stubbed: Stubbed) -> None:
    stubbed.is_in("AVAILABLE")
    with pytest.raises(TemporaryGatewayError):
        stubbed.provider.change_type(WORKSPACE, "POWER", 80)
    stubbed.is_in("STOPPED")
    asked = {"WorkspaceId": WORKSPACE, "WorkspaceProperties": {"ComputeTypeName": "POWER"}}
    stubbed.workspaces.add_response("modify_workspace_properties", {}, asked)
    stubbed.provider.change_type(WORKSPACE, "POWER", 80)


@pytest.mark.contract("DSK-2")
@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("PENDING", MachineStatus.PENDING),
        ("AVAILABLE", MachineStatus.RUNNING),
        ("UNHEALTHY", MachineStatus.RUNNING),
        ("REBUILDING", MachineStatus.PENDING),
        ("STOPPED", MachineStatus.STOPPED),
        ("ERROR", MachineStatus.GONE),
    ],
)
def test_a_state_of_workspaces_is_a_status_of_ours(
    stubbed: Stubbed, state: str, status: MachineStatus
) -> None:
    stubbed.is_in(state, type_name="POWER")
    stubbed.has_directory()
    seen = stubbed.provider.describe([WORKSPACE])[WORKSPACE]
    assert (seen.status, seen.instance_type, seen.address) == (status, "POWER", "SLiad+AB12CD")


@pytest.mark.contract("DSK-2")
def test_a_second_workspace_for_the_same_user_is_asked_for_later(stubbed: Stubbed) -> None:
    # given one that was made, and is not listed yet
    stubbed.is_in("", by="user")
    failed = {"ErrorCode": "ResourceExists.WorkSpace", "ErrorMessage": "exists"}
    stubbed.workspaces.add_response(
        "create_workspaces", {"FailedRequests": [failed], "PendingRequests": []}
    )
    with pytest.raises(TemporaryGatewayError):
        stubbed.provider.launch(REQUEST)
    # when it is
    stubbed.is_in("PENDING", by="user")
    assert stubbed.provider.launch(REQUEST) == WORKSPACE


@pytest.mark.contract("DSK-2", "DSK-4")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("UPDATE_INITIATED", MachineStatus.PENDING),
        ("UPDATE_IN_PROGRESS", MachineStatus.PENDING),
        ("UPDATE_FAILED", MachineStatus.STOPPED),
    ],
)
def test_a_change_of_compute_type_is_waited_for(
    stubbed: Stubbed, change: str, status: MachineStatus
) -> None:
    # AWS carries the change out in the background: the machine comes back once it is done.
    stubbed.is_in("STOPPED", type_name="POWER", change=change)
    stubbed.has_directory()
    assert stubbed.provider.describe([WORKSPACE])[WORKSPACE].status is status


@pytest.mark.contract("DSK-2")
def test_a_workspace_that_aws_could_not_make_goes_before_another_is_made(stubbed: Stubbed) -> None:
    # given
    stubbed.is_in("ERROR", by="user")
    stubbed.is_in("ERROR")
    stubbed.answers("terminate_workspaces", "TerminateWorkspaceRequests")
    with pytest.raises(TemporaryGatewayError):
        stubbed.provider.launch(REQUEST)
    # when it is gone
    stubbed.is_in("TERMINATED", by="user")
    made = {"WorkspaceId": "ws-0fedcba98", "UserName": "dsk_1"}
    stubbed.workspaces.add_response(
        "create_workspaces", {"FailedRequests": [], "PendingRequests": [made]}
    )
    # then
    assert stubbed.provider.launch(REQUEST) == "ws-0fedcba98"


@pytest.fixture
def on_moto() -> Iterator[WorkspacesProvider]:
    """A provider on moto, with a directory registered."""
    with mock_aws():
        access = AwsAccess(access_key="testing", secret_key="testing")
        ec2 = access.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate(("eu-west-3a", "eu-west-3b"))
        ]
        directory = access.client("ds").create_directory(
            Name="desktops.example",
            Password="Lumen-4-Directory",
            Size="Small",
            VpcSettings={"VpcId": vpc, "SubnetIds": subnets},
        )["DirectoryId"]
        access.client("workspaces").register_workspace_directory(
            DirectoryId=directory, SubnetIds=subnets
        )
        yield WorkspacesProvider(access, "test", directory)


@pytest.mark.contract("DSK-2", "DSK-9")
def test_a_workspace_is_made_once_listed_and_destroyed(on_moto: WorkspacesProvider) -> None:
    # when
    machine_id = on_moto.launch(REQUEST)
    # then
    assert on_moto.launch(REQUEST) == machine_id
    assert on_moto.find("dsk_1") == machine_id
    assert on_moto.find("dsk_2") is None
    assert [each.desktop_id for each in on_moto.inventory()] == ["dsk_1"]
    tags = on_moto._client.describe_tags(ResourceId=machine_id)["TagList"]
    assert {"Key": "omny:account", "Value": "acc_1"} in tags
    # when it is destroyed, twice
    on_moto.terminate(machine_id)
    on_moto.terminate(machine_id)
    # then
    assert on_moto.find("dsk_1") is None
    assert on_moto.describe([machine_id])[machine_id].status is MachineStatus.GONE


@pytest.mark.contract("DSK-5")
def test_what_workspaces_do_not_have_is_said_so(on_moto: WorkspacesProvider) -> None:
    machine_id = on_moto.launch(REQUEST)
    assert on_moto.backups("dsk_1") == []
    with pytest.raises(FinalGatewayError):
        on_moto.grow(machine_id, 100)
