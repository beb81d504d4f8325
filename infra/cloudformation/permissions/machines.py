"""What may be done to machines: only to those that bear the stage's tag, or are born with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.cloudformation.names import Resource, arn, get, ref, statement, sub

STAGE_TAG = "omny:stage"
_OURS = {"StringEquals": {f"aws:ResourceTag/{STAGE_TAG}": ref("Stage")}}
_BORN_OURS = {"StringEquals": {f"aws:RequestTag/{STAGE_TAG}": ref("Stage")}}
_IN_PARIS = {"StringEquals": {"aws:RequestedRegion": ref("AWS::Region")}}


@dataclass(frozen=True)
class Touched:
    """The kinds of resources an action makes (tagged at birth), acts on (tagged) and uses."""

    makes: tuple[str, ...] = ()
    acts_on: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


_EC2: dict[str, Touched] = {
    "RunInstances": Touched(
        makes=("instance", "volume"),
        uses=("image", "network-interface", "subnet", "security-group"),
    ),
    "StartInstances": Touched(acts_on=("instance",)),
    "StopInstances": Touched(acts_on=("instance",)),
    "RebootInstances": Touched(acts_on=("instance",)),
    "TerminateInstances": Touched(acts_on=("instance",)),
    "ModifyInstanceAttribute": Touched(acts_on=("instance",), uses=("security-group",)),
    "ModifyNetworkInterfaceAttribute": Touched(uses=("network-interface", "security-group")),
    "ModifyVolume": Touched(acts_on=("volume",)),
    "CreateSnapshot": Touched(makes=("snapshot",), acts_on=("volume",)),
    "DeleteSnapshot": Touched(acts_on=("snapshot",)),
    "CreateVolume": Touched(makes=("volume",), acts_on=("snapshot",)),
    "AttachVolume": Touched(acts_on=("instance", "volume")),
    "DetachVolume": Touched(acts_on=("instance", "volume")),
    "DeleteVolume": Touched(acts_on=("volume",)),
    "CreateSecurityGroup": Touched(makes=("security-group",), uses=("vpc",)),
    "RevokeSecurityGroupEgress": Touched(acts_on=("security-group",)),
}


def ec2_statements(needs: dict[str, list[str]]) -> Iterator[Resource]:
    """Write the statements about machines and their disks."""
    actions = sorted(action for action in needs if action.startswith("ec2:"))
    looking = [action for action in actions if action.startswith("ec2:Describe")]
    if looking:
        # EC2 knows no resource for its Describe actions.
        yield statement(looking, "*", condition=_IN_PARIS)
    touching = {
        action: _EC2[action.removeprefix("ec2:")] for action in actions if action not in looking
    }
    yield from _by_kind(touching, "acts_on", _OURS)
    yield from _by_kind(touching, "makes", _BORN_OURS)
    yield from _by_kind(touching, "uses", None)
    making = [action.removeprefix("ec2:") for action, touched in touching.items() if touched.makes]
    if making:
        kinds = sorted({kind for touched in touching.values() for kind in touched.makes})
        yield statement(
            ["ec2:CreateTags"],
            [_arn(kind) for kind in kinds],
            sid="TagsAtBirth",
            condition={"StringEquals": {"ec2:CreateAction": making}},
        )
    if "ec2:RunInstances" in needs:
        yield statement(
            ["iam:PassRole"],
            get("DesktopRole"),
            condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        )


def _by_kind(
    touching: dict[str, Touched], how: str, condition: Resource | None
) -> Iterator[Resource]:
    """One statement per set of actions that touch the same kinds."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for action, touched in touching.items():
        kinds: tuple[str, ...] = getattr(touched, how)
        if kinds:
            alike.setdefault(kinds, []).append(action)
    for kinds, actions in alike.items():
        yield statement(actions, [_arn(kind) for kind in kinds], condition=condition)


def _arn(kind: str) -> Resource:
    if kind == "image":  # public ones belong to no account
        return sub("arn:${AWS::Partition}:ec2:${AWS::Region}::image/*")
    return arn("ec2", f"{kind}/*")


def workspaces_statements(needs: dict[str, list[str]]) -> Iterator[Resource]:
    """Write the statements about WorkSpaces: those that bear the stage's tag."""
    actions = sorted(action for action in needs if action.startswith("workspaces:"))
    looking = [action for action in actions if action.startswith("workspaces:Describe")]
    making = [action for action in actions if action == "workspaces:CreateWorkspaces"]
    acting = [action for action in actions if action not in {*looking, *making}]
    if looking:
        yield statement(looking, "*", condition=_IN_PARIS)
    if making:
        yield statement(
            [*making, "workspaces:CreateTags"],
            [
                arn("workspaces", "workspace/*"),
                arn("workspaces", "directory/${WorkspacesDirectory}"),
                # Those of Amazon belong to no account of ours.
                sub("arn:${AWS::Partition}:workspaces:${AWS::Region}:*:workspacebundle/*"),
            ],
        )
    if acting:
        yield statement(acting, arn("workspaces", "workspace/*"), condition=_OURS)
