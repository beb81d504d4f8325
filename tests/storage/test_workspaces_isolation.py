"""A WorkSpace cut from the Internet by the group of its network interface, and let back (DSK-8)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.storage.test_workspaces_provider import DIRECTORY, WORKSPACE, Stubbed

ADDRESS, INTERFACE, NETWORK = "10.40.0.7", "eni-0a1b2c3d4", "vpc-0a1b2c3d4"
ISOLATED, USUAL = "sg-0aaaaaaaaaaaaaaaa", "sg-0123456789abcdef0"
EVERYTHING = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """Everything laid down must have been asked for."""
    stubbed = Stubbed()
    with stubbed.workspaces, stubbed.ec2:
        yield stubbed
    stubbed.workspaces.assert_no_pending_responses()
    stubbed.ec2.assert_no_pending_responses()


def has_address(stubbed: Stubbed) -> None:
    found = {"WorkspaceId": WORKSPACE, "DirectoryId": DIRECTORY, "IpAddress": ADDRESS}
    asked = {"WorkspaceIds": [WORKSPACE]}
    state = {"State": "AVAILABLE"}
    stubbed.workspaces.add_response("describe_workspaces", {"Workspaces": [found | state]}, asked)


def has_interface(stubbed: Stubbed, group: str = "default") -> None:
    interface = {
        "NetworkInterfaceId": INTERFACE,
        "VpcId": NETWORK,
        "PrivateIpAddress": ADDRESS,
        "Groups": [{"GroupId": "sg-1", "GroupName": group}],
    }
    asked = {"Filters": [{"Name": "addresses.private-ip-address", "Values": [ADDRESS]}]}
    stubbed.ec2.add_response(
        "describe_network_interfaces", {"NetworkInterfaces": [interface]}, asked
    )


def finds(stubbed: Stubbed, *groups: dict[str, Any]) -> None:
    wanted = [
        {"Name": "group-name", "Values": ["omny-test-isolated"]},
        {"Name": "vpc-id", "Values": [NETWORK]},
    ]
    stubbed.ec2.add_response(
        "describe_security_groups", {"SecurityGroups": list(groups)}, {"Filters": wanted}
    )


def is_given(stubbed: Stubbed, group: str) -> None:
    stubbed.ec2.add_response(
        "modify_network_interface_attribute",
        {},
        {"NetworkInterfaceId": INTERFACE, "Groups": [group]},
    )


@pytest.mark.contract("DSK-8")
def test_a_workspace_is_moved_to_the_group_that_lets_nothing_through(stubbed: Stubbed) -> None:
    has_address(stubbed)
    has_interface(stubbed)
    finds(stubbed, {"GroupId": ISOLATED})
    is_given(stubbed, ISOLATED)
    stubbed.provider.isolate(WORKSPACE)


@pytest.mark.contract("DSK-8")
def test_the_group_is_made_and_emptied_in_a_network_that_lacks_it(stubbed: Stubbed) -> None:
    # Given a directory in a network of its own
    has_address(stubbed)
    has_interface(stubbed)
    finds(stubbed)
    stubbed.ec2.add_response("create_security_group", {"GroupId": ISOLATED})
    # AWS lets everything out of a new group: the rule is removed
    finds(stubbed, {"GroupId": ISOLATED, "IpPermissionsEgress": EVERYTHING})
    stubbed.ec2.add_response(
        "revoke_security_group_egress", {}, {"GroupId": ISOLATED, "IpPermissions": EVERYTHING}
    )
    is_given(stubbed, ISOLATED)
    stubbed.provider.isolate(WORKSPACE)


@pytest.mark.contract("DSK-8")
def test_a_workspace_let_back_has_the_group_of_its_directory(stubbed: Stubbed) -> None:
    has_address(stubbed)
    has_interface(stubbed, "omny-test-isolated")
    stubbed.has_directory()
    is_given(stubbed, USUAL)
    stubbed.provider.reconnect(WORKSPACE)


@pytest.mark.contract("DSK-8")
@pytest.mark.parametrize(("group", "is_isolated"), [("omny-test-isolated", True), ("x", False)])
def test_isolation_is_seen_when_a_workspace_is_looked_at(
    stubbed: Stubbed, group: str, is_isolated: bool
) -> None:
    has_address(stubbed)
    has_interface(stubbed, group)
    stubbed.has_directory()
    seen = stubbed.provider.describe([WORKSPACE])[WORKSPACE]
    assert seen.isolated is is_isolated
