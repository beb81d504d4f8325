"""Keeps every call of a process away from real AWS accounts, whatever the shell knows of them."""

import os

from chalicelib.foundation.aws import REGION

_LOCAL = {
    "AWS_ACCESS_KEY_ID": "000000000000",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_FORGOTTEN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")


def stay_local() -> None:
    """Replace the AWS part of this process's environment by that of the emulators."""
    for name in _FORGOTTEN:
        os.environ.pop(name, None)
    os.environ.update(_LOCAL)
