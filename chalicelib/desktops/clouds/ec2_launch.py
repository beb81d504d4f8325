"""What a machine is launched from on EC2: one template per configuration (CGV art. 5; DSK-2).

Image, type and disk come from the catalogue's configuration; the tags say whose it is; the user
data takes the secret that lies in SSM for the desktop's user, which is erased once revealed.
"""

from typing import Any

from chalicelib.desktops.clouds.machines import LaunchRequest
from chalicelib.foundation.aws import REGION

DESKTOP_TAG, ACCOUNT_TAG, STAGE_TAG = "omny:desktop", "omny:account", "omny:stage"
# The root disk of Ubuntu's and Windows' images.
ROOT_DEVICE = "/dev/sda1"

# Run at each boot: takes the secret laid down for the desktop's user, if there is one.  It tries
# for two minutes, for the machine may read the secret only once it bears the machine's name.
# Windows also takes in what its disk was enlarged by; on Linux cloud-init does it (DSK-4).
_WINDOWS_USER_DATA = """<powershell>
$most = (Get-PartitionSupportedSize -DriveLetter C).SizeMax
if ((Get-Partition -DriveLetter C).Size -lt $most) {{
  Resize-Partition -DriveLetter C -Size $most -ErrorAction SilentlyContinue
}}
foreach ($attempt in 1..12) {{
  try {{
    $secret = (Get-SSMParameter -Region {region} -Name '{parameter}' -WithDecryption $true).Value
    Set-LocalUser -Name desktop -Password (ConvertTo-SecureString $secret -AsPlainText -Force)
    break
  }} catch {{ Start-Sleep -Seconds 10 }}
}}
</powershell>
<persist>true</persist>
"""
_LINUX_USER_DATA = """#cloud-boothook
#!/bin/sh
(
  for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do
    if secret=$(aws ssm get-parameter --region {region} --name '{parameter}' --with-decryption \\
      --query Parameter.Value --output text); then
      printf 'desktop:%s\\n' "$secret" | chpasswd
      break
    fi
    sleep 10
  done
) &
"""


def launch_arguments(request: LaunchRequest, stage: str) -> dict[str, Any]:
    """Give RunInstances' arguments for one machine, placement aside."""
    tags = tags_of(request.desktop_id, request.account_id, stage)
    return {
        "ClientToken": request.token,
        "ImageId": request.image,
        "InstanceType": request.instance_type,
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceInitiatedShutdownBehavior": "stop",
        "BlockDeviceMappings": [_disk(request.storage_gib)],
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "UserData": _user_data(request),
        "TagSpecifications": [
            {"ResourceType": resource, "Tags": tags} for resource in ("instance", "volume")
        ],
    }


def tags_of(desktop_id: str, account_id: str, stage: str) -> list[dict[str, str]]:
    """Give the tags that say whose a machine or a disk is."""
    return [
        {"Key": DESKTOP_TAG, "Value": desktop_id},
        {"Key": ACCOUNT_TAG, "Value": account_id},
        {"Key": STAGE_TAG, "Value": stage},
    ]


def _disk(storage_gib: int) -> dict[str, Any]:
    return {
        "DeviceName": ROOT_DEVICE,
        "Ebs": {
            "VolumeSize": storage_gib,
            "VolumeType": "gp3",
            "Encrypted": True,
            "DeleteOnTermination": True,
        },
    }


def _user_data(request: LaunchRequest) -> str:
    script = _WINDOWS_USER_DATA if request.os.startswith("Windows") else _LINUX_USER_DATA
    return script.format(region=REGION, parameter=request.secret_parameter)
