"""The network the desktops live in, apart from everything else (DSK-8).

Two subnets in two zones; a desktop reaches the Internet by itself and is reached on Amazon DCV's
port only.  The group *isolated* lets nothing in nor out: a measure moves a machine there.
"""

from typing import Any

from chalicelib.desktops.clouds.ec2_launch import STAGE_TAG
from infra.cloudformation.functions import log_group
from infra.cloudformation.names import (
    Resource,
    Resources,
    arn,
    assumed_by,
    get,
    named,
    policy,
    ref,
    statement,
    sub,
)

DCV_PORT = 8443
NETWORK = "DesktopNet"
SECRET_TAG = "omny:machine"  # noqa: S105 - the name of a tag
_ANYWHERE = "0.0.0.0/0"


def network() -> Resources:
    """Give the VPC, its two subnets, both security groups and the machines' profile."""
    return _vpc() | _subnet("A", 0) | _subnet("B", 1) | _groups() | _profile() | _flow_logs()


def _tagged(name: str) -> dict[str, Any]:
    return {"Tags": [{"Key": "Name", "Value": named(name)}]}


def _vpc() -> Resources:
    return {
        NETWORK: {
            "Type": "AWS::EC2::VPC",
            "Properties": {
                "CidrBlock": ref("DesktopNetwork"),
                "EnableDnsSupport": True,
                "EnableDnsHostnames": True,
                **_tagged("desktops"),
            },
        },
        "DesktopGateway": {
            "Type": "AWS::EC2::InternetGateway",
            "Properties": _tagged("desktops"),
        },
        "DesktopGatewayAttachment": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": {"VpcId": ref(NETWORK), "InternetGatewayId": ref("DesktopGateway")},
        },
        "DesktopRoutes": {
            "Type": "AWS::EC2::RouteTable",
            "Properties": {"VpcId": ref(NETWORK), **_tagged("desktops")},
        },
        "DesktopRouteOut": {
            "Type": "AWS::EC2::Route",
            "DependsOn": ["DesktopGatewayAttachment"],
            "Properties": {
                "RouteTableId": ref("DesktopRoutes"),
                "DestinationCidrBlock": _ANYWHERE,
                "GatewayId": ref("DesktopGateway"),
            },
        },
    }


def _subnet(letter: str, rank: int) -> Resources:
    subnet = f"DesktopSubnet{letter}"
    return {
        subnet: {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": ref(NETWORK),
                "AvailabilityZone": {"Fn::Select": [rank, {"Fn::GetAZs": ""}]},
                # /20 of the /16: 4,091 desktops in each.
                "CidrBlock": {"Fn::Select": [rank, {"Fn::Cidr": [ref("DesktopNetwork"), 16, 12]}]},
                "MapPublicIpOnLaunch": True,
                **_tagged(f"desktops-{letter.lower()}"),
            },
        },
        f"{subnet}Routes": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"SubnetId": ref(subnet), "RouteTableId": ref("DesktopRoutes")},
        },
    }


def _groups() -> Resources:
    return {
        "DesktopNormalGroup": _group(
            "normal",
            "Desktops in service: Amazon DCV in, everything out",
            [
                {
                    "IpProtocol": protocol,
                    "FromPort": DCV_PORT,
                    "ToPort": DCV_PORT,
                    "CidrIp": _ANYWHERE,
                    "Description": "Amazon DCV, with its own sign-in over TLS",
                }
                for protocol in ("tcp", "udp")
            ],
            [
                {
                    "IpProtocol": "-1",
                    "CidrIp": _ANYWHERE,
                    "Description": "A desktop is its user's computer",
                }
            ],
        ),
        "DesktopIsolatedGroup": _group(
            "isolated",
            "Desktops under a measure: nothing in, nothing out",
            [],
            # Without a rule of ours AWS would add one that lets everything out.
            [
                {
                    "IpProtocol": "-1",
                    "CidrIp": "127.0.0.1/32",
                    "Description": "Nothing: the loopback address alone",
                }
            ],
        ),
    }


def _group(name: str, says: str, inward: list[Any], outward: list[Any]) -> Resource:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            # The code finds the isolation group by this name (desktops/clouds/ec2_network.py).
            "GroupName": named(name),
            "GroupDescription": says,
            "VpcId": ref(NETWORK),
            **({"SecurityGroupIngress": inward} if inward else {}),
            "SecurityGroupEgress": outward,
            "Tags": [*_tagged(name)["Tags"], {"Key": STAGE_TAG, "Value": ref("Stage")}],
        },
    }


def _profile() -> Resources:
    """Let a machine read the parameter that bears its own ARN, and nothing else (decisions/0101).

    ``ec2:SourceInstanceARN`` is set by AWS on what an instance's own credentials ask for.
    """
    own = {"StringEquals": {f"aws:ResourceTag/{SECRET_TAG}": "${!ec2:SourceInstanceARN}"}}
    return {
        "DesktopRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": named("desktop-machine"),
                "AssumeRolePolicyDocument": assumed_by("ec2"),
                "Policies": [
                    {
                        "PolicyName": "own-secret",
                        "PolicyDocument": policy(
                            statement(
                                ["ssm:GetParameter"],
                                arn("ssm", "parameter/omny/${Stage}/desktops/*"),
                                condition={
                                    operator: {key: sub(value) for key, value in pairs.items()}
                                    for operator, pairs in own.items()
                                },
                            )
                        ),
                    }
                ],
            },
        },
        "DesktopInstanceProfile": {
            "Type": "AWS::IAM::InstanceProfile",
            "Properties": {
                "InstanceProfileName": named("desktop-machine"),
                "Roles": [ref("DesktopRole")],
            },
        },
    }


def _flow_logs() -> Resources:
    """Keep who a desktop spoke with, twelve months: addresses and ports, no content."""
    group = "DesktopFlowLogs"
    return {
        group: log_group("/aws/vpc/omny-${Stage}-desktops"),
        "DesktopFlowRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": assumed_by("vpc-flow-logs"),
                "Policies": [
                    {
                        "PolicyName": "write-flow-logs",
                        "PolicyDocument": policy(
                            statement(
                                [
                                    "logs:CreateLogStream",
                                    "logs:PutLogEvents",
                                    "logs:DescribeLogStreams",
                                ],
                                get(group),
                            )
                        ),
                    }
                ],
            },
        },
        "DesktopFlow": {
            "Type": "AWS::EC2::FlowLog",
            "Properties": {
                "ResourceType": "VPC",
                "ResourceId": ref(NETWORK),
                "TrafficType": "ALL",
                "LogDestinationType": "cloud-watch-logs",
                "LogGroupName": ref(group),
                "DeliverLogsPermissionArn": get("DesktopFlowRole"),
            },
        },
    }
