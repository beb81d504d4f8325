"""What every suite shares."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.fakes.browsing import Browsing
from tests.fakes.world import World

# Nothing here may reach real AWS, whatever the machine's own configuration.
os.environ.update(
    AWS_ACCESS_KEY_ID="000000000000",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="eu-west-3",
    AWS_EC2_METADATA_DISABLED="true",
)
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture
def world() -> World:
    """The whole system over fakes."""
    return World()


@pytest.fixture
def browsing(world: World) -> Iterator[Browsing]:
    """A browser on the console of that world."""
    with Browsing(world) as browser:
        yield browser
