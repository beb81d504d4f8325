"""moto's server, with what it lacks of WorkSpaces; run as a program, like moto's own.

Lacking are starting, stopping, restarting, another compute type, and the network interface of a
WorkSpace, by whose security group it is isolated.  A directory is there from the beginning, as a
provider's is: its id is a setting.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ds.models import ds_backends
from moto.ec2.models import ec2_backends
from moto.server import main
from moto.workspaces.models import Workspace, WorkSpacesBackend, workspaces_backends
from moto.workspaces.responses import WorkSpacesResponse

from infra.local.programs.processes import REGION, WORKSPACES_DIRECTORY

# Operation: the member that lists what it is asked for, the states it is taken in, what follows.
_ACTIONS = {
    "start_workspaces": ("StartWorkspaceRequests", {"STOPPED"}, "AVAILABLE"),
    "stop_workspaces": ("StopWorkspaceRequests", {"AVAILABLE"}, "STOPPED"),
    "reboot_workspaces": ("RebootWorkspaceRequests", {"AVAILABLE"}, "AVAILABLE"),
}
_made = WorkSpacesBackend.create_workspaces
_described = Workspace.to_dict_pending


def complete() -> None:
    """Give moto's WorkSpaces what they lack."""
    for name, (requests, states, then) in _ACTIONS.items():
        setattr(WorkSpacesResponse, name, _action(requests, states, then))
    for owner, name, method in (
        (WorkSpacesResponse, "modify_workspace_properties", _modify),
        (WorkSpacesBackend, "create_workspaces", _create),
        (Workspace, "to_dict_pending", _describe),
    ):
        setattr(owner, name, method)


def make_directory() -> None:
    """Register the directory of the stage, in the default network."""
    subnets = [each.id for each in _ec2().describe_subnets()][:2]
    directories = ds_backends[DEFAULT_ACCOUNT_ID][REGION]
    settings = {"VpcId": _ec2().get_default_vpc().id, "SubnetIds": subnets}
    made = directories.create_directory(
        REGION, "bureaux.example", "bureaux", "Annuaire-2026", "", "Small", settings, []
    )
    directory = directories.directories.pop(made)
    directory.directory_id = WORKSPACES_DIRECTORY
    directories.directories[WORKSPACES_DIRECTORY] = directory
    workspaces_backends[DEFAULT_ACCOUNT_ID][REGION].register_workspace_directory(
        WORKSPACES_DIRECTORY, subnets, False, "SHARED", []
    )


def _ec2() -> Any:
    return ec2_backends[DEFAULT_ACCOUNT_ID][REGION]


def _action(requests: str, states: set[str], then: str) -> Callable[[Any], str]:
    def answer(self: Any) -> str:
        failed = []
        for asked in json.loads(self.body)[requests]:
            workspace = self.workspaces_backend.workspaces.get(asked["WorkspaceId"])
            if workspace is not None and workspace.state in states:
                workspace.state = then
            else:
                failed.append({**asked, "ErrorCode": "InvalidResourceStateException"})
        return json.dumps({"FailedRequests": failed})

    return answer


def _modify(self: Any) -> str:
    asked = json.loads(self.body)
    workspace = self.workspaces_backend.workspaces[asked["WorkspaceId"]]
    workspace.workspace_properties.update(asked["WorkspaceProperties"])
    return json.dumps({})


def _create(self: Any, workspaces: list[dict[str, Any]]) -> Any:
    failed, pending = _made(self, workspaces)
    for made in pending:
        workspace = self.workspaces[made["WorkspaceId"]]
        directory = self.workspace_directories[workspace.directory_id]
        groups = [directory.workspace_security_group_id]
        subnet = _ec2().get_subnet(directory.subnet_ids[0])
        interface = _ec2().create_network_interface(subnet, None, group_ids=groups)
        workspace.ip_address = interface.private_ip_address
    return failed, pending


def _describe(self: Any) -> dict[str, Any]:
    # It has none in the answer that makes it.
    return {**_described(self), "IpAddress": getattr(self, "ip_address", "")}


if __name__ == "__main__":
    complete()
    make_directory()
    main()
